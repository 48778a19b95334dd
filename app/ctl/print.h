/* SPDX-License-Identifier: MIT */
/* print.h: what subcommands say: tables for people, JSON for scripts */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include "base/arena.h"
#include "core/interval.h"
#include "core/zone.h"
#include "net/json.h"

/* What "call" ends with when there are so many. */
const char *print_plural(size_t count);

/*
 * A table is filled cell by cell, from left to right, and then printed for people or made into
 * JSON: one object a row, under the columns' names. What strangers wrote is made fit for a terminal
 * here. Times are printed in the business's zone, and in JSON as instants in UTC.
 */
struct column {
	const char *name;  /* in JSON */
	const char *title; /* for people; NULL: not shown to them */
};

struct table;

/* Nothing is copied. NULL: no memory, and every function accepts it. */
struct table *table_new(
    struct arena *arena, const struct zone *zone, const struct column *columns, size_t count);
void table_text(struct table *table, const char *text); /* NULL: null, and "-" for people */
void table_integer(struct table *table, int64_t number);
void table_time(struct table *table, int64_t utc_s); /* 0: null */
size_t table_rows(const struct table *table);

/* Columns side by side under their titles, as wide as they look; on a terminal the widest are cut
 * until a row fits, but for the last. */
void table_print(const struct table *table);
/* The same for a terminal of so many columns; 0: nothing is cut. */
void table_print_within(const struct table *table, size_t room);
/* The first row, a line a column. */
void table_print_record(const struct table *table);

struct json_object *table_json(const struct table *table);
/* The first row. */
struct json_object *table_json_record(const struct table *table);

/* Prints a document and gives it back. */
void print_json(struct arena *arena, struct json_object *document);

/* "Tue 2026-12-01 08:00 EST" */
const char *print_moment(struct arena *arena, const struct zone *zone, int64_t utc_s);

/*
 * A day of the business's zone: "2026-12-01", or, seen from now, "today", "yesterday", "tomorrow"
 * or a day of the week, "fri" or "Friday", which is the next one, today among them. From its first
 * midnight to the next.
 */
bool read_day(const struct zone *zone, int64_t now, const char *text, struct interval *out);
/*
 * An instant as the operator writes it: "2026-12-01T13:00Z"; or a day as above and a time in the
 * business's zone, "2026-12-01T08:00", "tomorrow 14:00", "fri 9:30", where a day of the week is the
 * next one at which that time lies ahead. False: it is none, or one that the clock jumps over.
 */
bool read_moment(const struct zone *zone, int64_t now, const char *text, int64_t *out);
/* The instant at which the clock jumps over a time that it never shows, written without "Z". False:
 * it is no such time. */
bool read_jump(const struct zone *zone, int64_t now, const char *text, int64_t *out);

#endif
