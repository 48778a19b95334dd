/* SPDX-License-Identifier: MIT */
/* entry_row.h: an entry as a row of the table `ledger` */
#ifndef STORE_ENTRY_ROW_H
#define STORE_ENTRY_ROW_H

#include "base/text.h"
#include "core/entry.h"

/*
 * The columns of an entry, in the one order in which they are read and written: by a tail, by an
 * append and by a rebuild. A time is a number of seconds, with
 * date_time_output_format=unix_timestamp. A new one is a line here, one in each of the two
 * functions below, and a migration.
 */
#define ENTRY_ROW(FIRST, NEXT)                                                                     \
	FIRST(id)                                                                                  \
	NEXT(kind)                                                                                 \
	NEXT(booking_id)                                                                           \
	NEXT(version)                                                                              \
	NEXT(host)                                                                                 \
	NEXT(call_start)                                                                           \
	NEXT(call_end)                                                                             \
	NEXT(taken_start)                                                                          \
	NEXT(taken_end)                                                                            \
	NEXT(calendar)                                                                             \
	NEXT(caps)                                                                                 \
	NEXT(tags)                                                                                 \
	NEXT(meeting)                                                                              \
	NEXT(max_changes)                                                                          \
	NEXT(actor)                                                                                \
	NEXT(calendars)
#define ENTRY_ROW_FIRST(column) #column
#define ENTRY_ROW_NEXT(column) ", " #column
#define ENTRY_ROW_COLUMNS ENTRY_ROW(ENTRY_ROW_FIRST, ENTRY_ROW_NEXT)
#define ENTRY_ROW_PLACE(column) ENTRY_ROW_##column,
enum entry_row_place { ENTRY_ROW(ENTRY_ROW_PLACE, ENTRY_ROW_PLACE) ENTRY_ROW_FIELDS };
/* One row of them. False: it cannot be understood. The entry's number is 0, and its calendars stand
 * in the fields. */
bool entry_row_parse(char *const *fields, struct entry *entry);
/* The row, with its line end. */
void entry_row_write(struct text *row, const struct entry *entry);
#define ENTRY_ROW_MAX 3072

#endif
