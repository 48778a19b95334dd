/* SPDX-License-Identifier: MIT */
/* hours_file.c: the owner's time: the configuration and its file of holidays */
#include "store/hours_file.h"
#include "base/apart.h"
#include "base/clock.h"
#include "base/file.h"
#include "read/ical_days.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define FILE_MAX (1024 * 1024)
#define READ_MS 10000

static enum err read_lines(const char *path, char *text, struct date_list *dates, struct fail *fail)
{
	unsigned number = 0;

	for (char *line = text, *end; line; line = end) {
		int64_t first, last;
		size_t len;

		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		number++;
		line += strspn(line, " \t\r");
		if (!*line || *line == '#' || *line == ';')
			continue;
		len = strcspn(line, " \t\r");
		line[len] = '\0';
		if (!rules_read_dates(line, &first, &last) || last < first)
			return fail_set(fail, ERR_CONFIG, "hours_file",
			    "%.180s:%u: \"%.30s\" is no date; write 2026-12-25, or "
			    "2027-01-04..2027-01-08",
			    path, number, line);
		ical_days_add(dates, first, last);
	}
	return ERR_NONE;
}

/* The days of a calendar, read apart: programs publish what their users wrote. */
static enum err read_calendar(const char *path, const char *text, int64_t now,
    struct arena *scratch, struct date_list *dates, struct fail *fail)
{
	const struct apart_wish wish = {
	    .words = {"days", path, arena_printf(scratch, "%" PRId64, now)},
	    .text = text,
	    .len = strlen(text),
	    .where = "hours_file",
	    .what = "the calendar of holidays",
	    .answer_max = (ICAL_DAYS_MAX + 1) * sizeof(*dates->list),
	    .limit_ms = READ_MS,
	};
	char *bytes;
	size_t len;
	enum err err;

	if ((err = apart_ask(scratch, &wish, &bytes, &len, fail)))
		return err;
	memcpy(dates->list, bytes, len);
	dates->count = len / sizeof(*dates->list);
	return ERR_NONE;
}

/* Editors on Windows put a byte order mark before the text. */
static char *skip_mark(char *text)
{
	return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

/* Some servers send an empty line before it. */
static bool is_calendar(const char *text)
{
	static const char begin[] = "BEGIN:VCALENDAR";

	return strncasecmp(text + strspn(text, " \t\r\n"), begin, strlen(begin)) == 0;
}

enum err hours_file_holidays(
    const char *path, int64_t now, struct arena *arena, struct date_list *out, struct fail *fail)
{
	struct arena *scratch = arena_new(4 * FILE_MAX);
	struct date_list dates = {arena_array(arena, ICAL_DAYS_MAX + 1, sizeof(*dates.list)), 0};
	struct fail why = {0};
	enum err err;
	size_t len;
	char *text;

	if (!scratch || !dates.list) {
		arena_free(scratch);
		return fail_set(fail, ERR_SYSTEM, "hours_file", "no memory");
	}
	if (file_read(path, FILE_MAX, scratch, &text, &len, &why))
		err = fail_set(fail, ERR_CONFIG, "hours_file",
		    "[dates] holidays = %.120s: %.120s; name an .ics file, or one with a date a line",
		    path, why.detail);
	else if (strlen(text) != len)
		err = fail_set(fail, ERR_CONFIG, "hours_file", "%.180s: this is no text", path);
	else if (is_calendar(skip_mark(text)))
		err = read_calendar(path, skip_mark(text), now, scratch, &dates, fail);
	else
		err = read_lines(path, skip_mark(text), &dates, fail);
	arena_free(scratch);
	if (err)
		return err;
	if (dates.count > ICAL_DAYS_MAX)
		return fail_set(fail, ERR_CONFIG, "hours_file",
		    "%.180s: there are more than %d days in it", path, ICAL_DAYS_MAX);
	if (!dates.count)
		return fail_set(
		    fail, ERR_CONFIG, "hours_file", "%.180s: there is no whole day in it", path);
	*out = dates;
	return ERR_NONE;
}

enum err hours_file_load(
    const struct conf *conf, struct arena *arena, struct hours *out, struct fail *fail)
{
	struct date_list holidays = {NULL, 0};
	struct fail why;
	enum err err;

	if (conf->dates.holidays[0] && (err = hours_file_holidays(conf->dates.holidays,
					    clock_wall_s(), arena, &holidays, &why)))
		return fail_set(fail, err, "hours_file", "%.150s:%u: %.300s", conf->path,
		    conf_line_of(conf, "dates", "holidays"), why.detail);
	return rules_compile(conf, holidays, arena, out, fail);
}
