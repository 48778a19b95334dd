/* SPDX-License-Identifier: MIT */
/* weekdays.h: days of the week as people write them */
#ifndef BASE_WEEKDAYS_H
#define BASE_WEEKDAYS_H

/* "Sun" is 0, whatever follows it; -1: it is no day. */
int weekday_number(const char *name);
const char *weekday_name(int day);

/* "Mon-Thu" or "Fri-Mon,Wed" → bits, of which Sunday is the lowest. The word that is no day; NULL:
 * all are. */
const char *weekdays_read(const char *text, unsigned *out);

#endif
