/* SPDX-License-Identifier: MIT */
/* civil.h: the calendar's arithmetic, and instants as text */
#ifndef CORE_CIVIL_H
#define CORE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_S 86400 /* of a day without a change of the clock */

/* A wall-clock reading in the proleptic Gregorian calendar, without a zone. */
struct civil {
	int year, month, day;	  /* month 1 to 12, day 1 to 31 */
	int hour, minute, second; /* 0 to 23, 0 to 59, 0 to 59 */
	int weekday;		  /* 0 is Sunday; ignored on input */
};

/* Days since 1970-01-01; negative before. */
int64_t civil_days(int year, int month, int day);
/* Seconds since 1970-01-01T00:00:00 of the same wall clock. */
int64_t civil_seconds(const struct civil *civil);
/* The inverse of civil_seconds(), for any number within years -9999 to 9999. */
struct civil civil_from_seconds(int64_t seconds);
int civil_days_in_month(int year, int month);
/* The weekday of a number of days since 1970-01-01, 0 is Sunday. */
int civil_weekday(int64_t days);

#define INSTANT_TEXT 32

/* A slot on the wire: exactly "2026-12-01T13:00Z", a real date and time. */
bool instant_parse_slot(const char *str, int64_t *out);
char *instant_format_slot(int64_t utc, char out[INSTANT_TEXT]);
/* RFC 3339 date-time, any offset, fractions cut off, second 60 read as 59:
 * "2026-12-01T08:00:00.5-05:00". */
bool instant_parse_rfc3339(const char *str, int64_t *out);
/* "2026-12-01T13:00:00Z" */
char *instant_format_rfc3339(int64_t utc, char out[INSTANT_TEXT]);

#endif
