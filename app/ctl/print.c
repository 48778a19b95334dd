/* SPDX-License-Identifier: MIT */
/* print.c: what subcommands say: tables for people, JSON for scripts */
#include "ctl/print.h"
#include "base/text.h"
#include "core/civil.h"
#include "core/plain.h"
#include "core/slots.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

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

const char *print_plural(size_t count)
{
	return count == 1 ? "" : "s";
}

struct table *table_new(
    struct arena *arena, const struct zone *zone, const struct column *columns, size_t count)
{
	struct table *table = arena_alloc(arena, sizeof(*table));

	if (!table)
		return NULL;
	*table = (struct table){.arena = arena, .zone = zone, .columns = columns, .width = count};
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

/* How many columns of a terminal a character takes, and its bytes. */
static size_t step(const char *at, size_t *columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t len = mbrtowc(&wide, at, MB_LEN_MAX, &state);
	int width;

	if (len > MB_LEN_MAX) {
		*columns = 1;
		return 1;
	}
	width = wcwidth(wide);
	*columns = width >= 0 ? (size_t)width : 1; /* the end of a line */
	return len;
}

static size_t looks(const char *text)
{
	size_t total = 0, columns;

	while (*text) {
		text += step(text, &columns);
		total += columns;
	}
	return total;
}

/* The widest of a column, its title included. */
static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = looks(table->columns[column].title), i = 0;

	for (const struct cell *cell = table->first; cell; cell = cell->next, i++)
		if (i % table->width == column && looks(shown(cell)) > widest)
			widest = looks(shown(cell));
	return widest;
}

static size_t last_column(const struct table *table)
{
	size_t last = table->width - 1;

	while (!table->columns[last].title)
		last--;
	return last;
}

#define NARROWEST 6
#define BETWEEN 2 /* columns of blanks */
#define SHORT_ID 13

/*
 * Takes from the widest columns what a row is too wide, but for the first, which says which row it
 * is, and the last, which holds a sentence, or an id: of that a beginning does for every command.
 */
static void narrow(const struct table *table, size_t *widths, size_t room)
{
	size_t total = 0, widest, last = last_column(table);

	for (size_t i = 0; i < table->width; i++)
		if (table->columns[i].title)
			total += widths[i] + (i == last ? 0 : BETWEEN);
	if (total > room && strcmp(table->columns[last].name, "id") == 0 &&
	    widths[last] > SHORT_ID) {
		total -= widths[last] - SHORT_ID;
		widths[last] = SHORT_ID;
	}
	while (total > room) {
		widest = last;
		for (size_t i = last > 1; i < last; i++)
			if (widest == last || widths[i] > widths[widest])
				widest = i;
		if (widest == last || widths[widest] <= NARROWEST)
			return;
		widths[widest]--;
		total--;
	}
}

/* A text of several lines stands in its cell as one; what is too wide ends in an ellipsis, and an
 * id just ends. */
static void print_cell(const struct table *table, size_t column, const char *text, size_t width)
{
	bool is_last = column == last_column(table), is_cut = !is_last && looks(text) > width;
	size_t used = 0, columns, len;

	for (; *text; text += len) {
		len = step(text, &columns);
		if (used + columns > width - is_cut)
			break;
		used += columns;
		if (*text == '\n' || *text == '\t')
			putchar(' ');
		else
			fwrite(text, 1, len, stdout);
	}
	if (is_cut) {
		fputs("\xe2\x80\xa6", stdout);
		used++;
	}
	if (is_last)
		putchar('\n');
	else
		printf("%*s", (int)(width - used) + BETWEEN, "");
}

void table_print_within(const struct table *table, size_t room)
{
	size_t *widths = table ? arena_array(table->arena, table->width, sizeof(*widths)) : NULL;
	size_t i = 0;

	if (!widths)
		return;
	for (size_t column = 0; column < table->width; column++)
		widths[column] = table->columns[column].title ? column_width(table, column) : 0;
	if (room)
		narrow(table, widths, room);
	for (size_t column = 0; column < table->width; column++)
		if (table->columns[column].title)
			print_cell(table, column, table->columns[column].title, widths[column]);
	for (const struct cell *cell = table->first; cell; cell = cell->next, i++)
		if (table->columns[i % table->width].title)
			print_cell(table, i % table->width, shown(cell), widths[i % table->width]);
}

void table_print(const struct table *table)
{
	struct winsize window;

	table_print_within(
	    table, ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 ? window.ws_col : 0);
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

static const char *const weekdays[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

const char *print_moment(struct arena *arena, const struct zone *zone, int64_t utc_s)
{
	struct zone_offset offset = zone_at(zone, utc_s);
	struct civil local = civil_from_seconds(utc_s + offset.utc_s);

	return arena_printf(arena, "%.3s %04d-%02d-%02d %02d:%02d %s", weekdays[local.weekday],
	    local.year, local.month, local.day, local.hour, local.minute, offset.abbreviation);
}

/* Which day a word means, as days since 1970; len: of the word. */
static bool read_word(const struct zone *zone, int64_t now, const char *text, size_t len,
    int64_t *day, bool *is_weekday)
{
	static const char *const words[] = {"yesterday", "today", "tomorrow"};
	int64_t local = now + zone_at(zone, now).utc_s, today;
	struct civil civil = civil_from_seconds(local);

	today = civil_days(civil.year, civil.month, civil.day);
	*is_weekday = false;
	for (int i = 0; i < 3; i++)
		if (len == strlen(words[i]) && strncasecmp(text, words[i], len) == 0) {
			*day = today + i - 1;
			return true;
		}
	for (int i = 0; i < 7; i++)
		if ((len == 3 || len == strlen(weekdays[i])) &&
		    strncasecmp(text, weekdays[i], len) == 0) {
			*day = today + (i - civil.weekday + 7) % 7;
			*is_weekday = true;
			return true;
		}
	return false;
}

/* The reading of a clock, "2026-12-01T08:00", or a day's word and a time. */
static bool read_local(const struct zone *zone, int64_t now, const char *text, int64_t *out)
{
	size_t len = strcspn(text, " T"), hour;
	bool is_weekday = false;
	char wire[INSTANT_TEXT];
	int64_t day, utc;

	/* "Tue" and its like begin with a letter that also parts date and time. */
	if (strncasecmp(text, "t", 1) == 0)
		len = strcspn(text, " ");
	if (!read_word(zone, now, text, len, &day, &is_weekday)) {
		snprintf(wire, sizeof(wire), "%sZ", text);
		return instant_parse_slot(wire, out);
	}
	if (text[len] != ' ')
		return false;
	hour = strspn(text + len + 1, "0123456789");
	snprintf(wire, sizeof(wire), "1970-01-01T%s%sZ", hour == 1 ? "0" : "", text + len + 1);
	if (!instant_parse_slot(wire, out))
		return false;
	*out += day * DAY_S;
	if (is_weekday && zone_to_utc(zone, *out, &utc) != ZONE_NEVER && utc <= now)
		*out += INT64_C(7) * DAY_S;
	return true;
}

bool read_moment(const struct zone *zone, int64_t now, const char *text, int64_t *out)
{
	int64_t local;

	return instant_parse_slot(text, out) ||
	       (read_local(zone, now, text, &local) && zone_to_utc(zone, local, out) != ZONE_NEVER);
}

bool read_jump(const struct zone *zone, int64_t now, const char *text, int64_t *out)
{
	int64_t local;

	return read_local(zone, now, text, &local) && zone_to_utc(zone, local, out) == ZONE_NEVER;
}

bool read_day(const struct zone *zone, int64_t now, const char *text, struct interval *out)
{
	char wire[INSTANT_TEXT];
	int64_t day, local, noon;
	bool is_weekday;

	if (read_word(zone, now, text, strlen(text), &day, &is_weekday)) {
		local = day * DAY_S + DAY_S / 2;
	} else {
		snprintf(wire, sizeof(wire), "%sT12:00Z", text);
		if (strlen(text) != DAY_TEXT || !instant_parse_slot(wire, &local))
			return false;
	}
	if (zone_to_utc(zone, local, &noon) == ZONE_NEVER)
		return false;
	*out = slots_local_day(zone, noon);
	return true;
}
