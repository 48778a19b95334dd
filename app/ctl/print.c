/* SPDX-License-Identifier: MIT */
/* print.c: what subcommands say: tables for people, JSON for scripts */
#include "ctl/print.h"
#include "base/text.h"
#include "core/civil.h"
#include "core/plain.h"
#include "core/slots.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CELL_MAX 6000
#define DAY_TEXT 10 /* "2026-12-01" */

enum cell_kind { CELL_TEXT, CELL_INTEGER, CELL_TIME };

struct cell {
	struct cell *next;
	enum cell_kind kind;
	const char *text; /* as it was given */
	const char *shown;
	int64_t number;
};

struct table {
	struct arena *arena;
	const struct zone *zone;
	const struct column *columns;
	size_t width, cells;
	struct cell *first, **end;
};

struct table *table_new(
    struct arena *arena, const struct zone *zone, const struct column *columns, size_t count)
{
	struct table *table = arena_alloc(arena, sizeof(*table));

	if (!table)
		return NULL;
	*table = (struct table){arena, zone, columns, count, 0, NULL, NULL};
	table->end = &table->first;
	return table;
}

static void add(struct table *table, struct cell cell)
{
	struct cell *kept = table ? arena_alloc(table->arena, sizeof(*kept)) : NULL;

	if (!kept)
		return;
	*kept = cell;
	*table->end = kept;
	table->end = &kept->next;
	table->cells++;
}

void table_text(struct table *table, const char *text)
{
	const char *shown = NULL;

	if (!table)
		return;
	/* Imported rows need not be UTF-8, which JSON is. */
	if (text && !utf8_is_valid(text, strlen(text)))
		text = plain_text(table->arena, text, CELL_MAX);
	if (text && *text)
		shown = plain_text(table->arena, text, CELL_MAX);
	add(table, (struct cell){.kind = CELL_TEXT, .text = text, .shown = shown});
}

void table_integer(struct table *table, int64_t number)
{
	if (table)
		add(table, (struct cell){.kind = CELL_INTEGER,
			       .number = number,
			       .shown = arena_printf(table->arena, "%" PRId64, number)});
}

void table_time(struct table *table, int64_t utc_s)
{
	if (table)
		add(table,
		    (struct cell){.kind = CELL_TIME,
			.number = utc_s,
			.shown = utc_s ? print_moment(table->arena, table->zone, utc_s) : NULL});
}

size_t table_rows(const struct table *table)
{
	return table ? table->cells / table->width : 0;
}

static const char *shown(const struct cell *cell)
{
	return cell->shown ? cell->shown : "-";
}

/* The widest of a column, its title included; the last one is not padded. */
static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = utf8_length(table->columns[column].title), i = 0;

	for (const struct cell *cell = table->first; cell; cell = cell->next, i++)
		if (i % table->width == column && utf8_length(shown(cell)) > widest)
			widest = utf8_length(shown(cell));
	return widest;
}

static void print_cell(const struct table *table, size_t column, const char *text, size_t width)
{
	size_t last = table->width - 1;

	while (!table->columns[last].title)
		last--;
	/* A text of several lines stands in its cell as one. */
	for (const char *at = text; *at; at++)
		putchar(*at == '\n' || *at == '\t' ? ' ' : *at);
	if (column == last)
		putchar('\n');
	else
		printf("%*s", (int)(width - utf8_length(text) + 2), "");
}

void table_print(const struct table *table)
{
	size_t *widths = table ? arena_array(table->arena, table->width, sizeof(*widths)) : NULL;
	size_t i = 0;

	if (!widths)
		return;
	for (size_t column = 0; column < table->width; column++)
		if (table->columns[column].title)
			widths[column] = column_width(table, column);
	for (size_t column = 0; column < table->width; column++)
		if (table->columns[column].title)
			print_cell(table, column, table->columns[column].title, widths[column]);
	for (const struct cell *cell = table->first; cell; cell = cell->next, i++)
		if (table->columns[i % table->width].title)
			print_cell(table, i % table->width, shown(cell), widths[i % table->width]);
}

void table_print_record(const struct table *table)
{
	size_t widest = 0, column = 0;

	if (!table)
		return;
	for (size_t i = 0; i < table->width; i++)
		if (table->columns[i].title && utf8_length(table->columns[i].title) > widest)
			widest = utf8_length(table->columns[i].title);
	for (const struct cell *cell = table->first; cell && column < table->width;
	     cell = cell->next, column++) {
		if (!table->columns[column].title || !cell->shown)
			continue;
		printf("%-*s  ", (int)widest, table->columns[column].title);
		for (const char *at = cell->shown; *at; at++) {
			putchar(*at);
			if (*at == '\n')
				printf("%*s", (int)widest + 2, "");
		}
		putchar('\n');
	}
}

static void add_cell(struct json_object *to, const char *name, const struct cell *cell)
{
	char instant[INSTANT_TEXT];

	if (cell->kind == CELL_INTEGER)
		json_add_integer(to, name, cell->number);
	else if (cell->kind == CELL_TIME)
		json_add_text(
		    to, name, cell->number ? instant_format_rfc3339(cell->number, instant) : NULL);
	else
		json_add_text(to, name, cell->text);
}

static struct json_object *row_json(const struct table *table, const struct cell **at)
{
	struct json_object *row = json_new();

	for (size_t column = 0; *at && column < table->width; column++, *at = (*at)->next)
		add_cell(row, table->columns[column].name, *at);
	return row;
}

struct json_object *table_json(const struct table *table)
{
	struct json_object *list = json_new_list();
	const struct cell *at = table ? table->first : NULL;

	while (at)
		json_add(list, NULL, row_json(table, &at));
	return list;
}

struct json_object *table_json_record(const struct table *table)
{
	const struct cell *at = table ? table->first : NULL;

	return row_json(table, &at);
}

void print_json(struct arena *arena, struct json_object *document)
{
	const char *text = json_write(arena, document);

	if (text)
		puts(text);
}

const char *print_moment(struct arena *arena, const struct zone *zone, int64_t utc_s)
{
	struct zone_offset offset = zone_at(zone, utc_s);
	struct civil local = civil_from_seconds(utc_s + offset.utc_s);

	return arena_printf(arena, "%04d-%02d-%02d %02d:%02d %s", local.year, local.month,
	    local.day, local.hour, local.minute, offset.abbreviation);
}

/* The reading of a clock. */
static bool read_local(const char *text, int64_t *out)
{
	char wire[INSTANT_TEXT];

	snprintf(wire, sizeof(wire), "%sZ", text);
	return instant_parse_slot(wire, out);
}

bool read_moment(const struct zone *zone, const char *text, int64_t *out)
{
	int64_t local;

	return instant_parse_slot(text, out) ||
	       (read_local(text, &local) && zone_to_utc(zone, local, out) != ZONE_NEVER);
}

bool read_jump(const struct zone *zone, const char *text, int64_t *out)
{
	int64_t local;

	return read_local(text, &local) && zone_to_utc(zone, local, out) == ZONE_NEVER;
}

bool read_day(const struct zone *zone, const char *text, struct interval *out)
{
	char wire[INSTANT_TEXT];
	int64_t local, noon;

	if (strlen(text) != DAY_TEXT)
		return false;
	snprintf(wire, sizeof(wire), "%sT12:00Z", text);
	if (!instant_parse_slot(wire, &local) || zone_to_utc(zone, local, &noon) == ZONE_NEVER)
		return false;
	*out = slots_local_day(zone, noon);
	return true;
}
