/* SPDX-License-Identifier: MIT */
/* conf_file.c: reading slotguard.conf */
#include "base/conf_file.h"
#include "base/conf_calendars.h"
#include "base/conf_keys.h"
#include "base/weekdays.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct conf *conf;
	FILE *file;
	char *text; /* of the line, as getline() has it */
	size_t room;
	unsigned line;
	bool has_key; /* in its section, before it */
	struct fail *fail;
	enum err err;
};

/* "FILE:LINE: ", and what is wrong there; what is read after it counts no more. */
static void refuse(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void refuse(struct reading *reading, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	reading->err = fail_set(reading->fail, ERR_CONFIG, "conf", "%s:%u: %s", reading->conf->path,
	    reading->line, why);
}

/* libinih's Debian build does not tell a handler its line, so the reader counts. */
static char *read_line(char *line, int size, void *context)
{
	struct reading *reading = context;
	ssize_t len = reading->err ? -1 : getline(&reading->text, &reading->room, reading->file);

	/* What was not read would stand at its default. */
	if (!reading->err && len < 0 && !feof(reading->file))
		reading->err = fail_set(reading->fail, ERR_CONFIG, "conf", "%s: %s",
		    reading->conf->path, strerror(errno));
	if (len < 0)
		return NULL;
	reading->line++;
	reading->has_key = reading->has_key && *reading->text != '[';
	if (strlen(reading->text) < (size_t)len)
		refuse(reading, "a zero byte stands in the line; write the file as UTF-8");
	else if (len >= size)
		refuse(reading, "the line is longer than %d bytes", size - 2);
	else
		memcpy(line, reading->text, (size_t)len + 1);
	return reading->err ? NULL : line;
}

static bool is_indented(const struct reading *reading)
{
	return *reading->text == ' ' || *reading->text == '\t';
}

/* Days of [hours] and dates: what they say is core/rules.c's to read. */
static struct conf_lines *lines_for(struct conf *conf, const char *section, const char *name)
{
	if (strcmp(section, "dates") == 0)
		return &conf->dates.lines;
	return strcmp(section, "hours") == 0 && weekday_number(name) >= 0 ? &conf->hours.lines
									  : NULL;
}

static enum err no_memory(struct fail *fail)
{
	return fail_set(fail, ERR_SYSTEM, "conf", "no memory");
}

static void add_line(
    struct reading *reading, struct conf_lines *lines, const char *name, const char *value)
{
	struct conf_line *more = reallocarray(lines->list, lines->count + 1, sizeof(*more));

	if (more) {
		lines->list = more;
		more[lines->count++] =
		    (struct conf_line){strdup(name), strdup(value), reading->line};
	}
	if (!more || !more[lines->count - 1].name || !more[lines->count - 1].value)
		reading->err = no_memory(reading->fail);
}

static bool is_calendar_name(const char *name)
{
	size_t len = strspn(name, CONF_NAME);

	return len && len <= CALENDAR_NAME_MAX && !name[len];
}

/* The section's calendar, which its first key makes. */
static struct conf_calendar *calendar_of(struct reading *reading, const char *name)
{
	struct conf *conf = reading->conf;
	struct conf_calendar *more, *made;

	for (size_t i = 0; i < conf->calendars.count; i++)
		if (strcmp(conf->calendars.list[i].name, name) == 0)
			return &conf->calendars.list[i];
	if (!is_calendar_name(name))
		refuse(reading,
		    "[calendar %s]: a calendar's name has 1 to %d letters, digits, \"-\" and "
		    "\"_\"",
		    name, CALENDAR_NAME_MAX);
	else if (conf->calendars.count == CONF_CALENDARS_MAX)
		refuse(reading, "[calendar %s] is one more than %d", name, CONF_CALENDARS_MAX);
	if (reading->err)
		return NULL;
	more = reallocarray(conf->calendars.list, conf->calendars.count + 1, sizeof(*more));
	if (more) {
		conf->calendars.list = more;
		made = &more[conf->calendars.count++];
		*made = (struct conf_calendar){.name = strdup(name)};
		if (made->name && conf_calendar_preset(made))
			return made;
	}
	reading->err = no_memory(reading->fail);
	return NULL;
}

/* Of a key that is there, in the file or in that calendar. */
static void take(struct reading *reading, struct conf_calendar *calendar, unsigned index,
    const char *section, const char *value)
{
	struct conf *conf = reading->conf;
	const char *name = conf_key_at(index)->name;
	unsigned *line =
	    calendar ? &calendar->lines[index - conf_keys_of_file()] : &conf->lines_of[index];
	char wrong[CONF_WRONG];

	if (*line) {
		refuse(reading, "[%s] %s stands at line %u already", section, name, *line);
		return;
	}
	*line = reading->line;
	if (!conf_key_set(calendar ? (void *)calendar : conf, index, value, wrong))
		refuse(reading, "[%s] %s %s", section, name, wrong);
}

static int read_key(void *context, const char *section, const char *name, const char *value)
{
	struct reading *reading = context;
	struct conf_calendar *calendar = NULL;
	struct conf_lines *lines;
	unsigned index;

	/* libinih takes it for more of the value above, and no value has several lines. */
	if (is_indented(reading) && reading->has_key)
		refuse(reading, "the line is indented; begin it at the left");
	reading->has_key = true;
	if (!reading->err && conf_section_calendar(section))
		calendar = calendar_of(reading, conf_section_calendar(section));
	if (reading->err)
		return 1;
	if (conf_key_find(section, name, &index))
		take(reading, calendar, index, section, value);
	else if ((lines = lines_for(reading->conf, section, name)))
		add_line(reading, lines, name, value);
	else if (!*section)
		refuse(reading, "%s stands before the first [section]", name);
	else
		refuse(reading, "there is no key [%s] %s%s", section, name,
		    strcmp(section, "hours") == 0
			? "; days are Sun, Mon, Tue, Wed, Thu, Fri and Sat"
			: "");
	return 1;
}

/* At the line that was written; one of the two may be the default. */
static enum err refuse_starts(const struct conf *conf, struct fail *fail)
{
	unsigned line = conf_line_of(conf, "hours", "first_start");
	int first = (int)conf->hours.first_start, last = (int)conf->hours.last_start;

	return fail_set(fail, ERR_CONFIG, "conf",
	    "%s:%u: [hours] first_start, %02d:%02d, is later than last_start, %02d:%02d%s",
	    conf->path, line ? line : conf_line_of(conf, "hours", "last_start"), first / 60,
	    first % 60, last / 60, last % 60,
	    !line					 ? "; the first is the default"
	    : !conf_line_of(conf, "hours", "last_start") ? "; the last is the default"
							 : "");
}

static enum err read_lines(struct reading *reading)
{
	int broken = ini_parse_stream(read_line, reading, read_key, reading);

	if (!reading->err && broken)
		return fail_set(reading->fail, ERR_CONFIG, "conf",
		    "%s:%d: neither [section] nor key = value", reading->conf->path, broken);
	return reading->err;
}

/* What no line says alone. */
static enum err judge(struct conf *conf, struct fail *fail)
{
	for (unsigned i = 0; i < conf_keys_of_file(); i++) {
		const struct conf_key *key = conf_key_at(i);

		if (!key->preset && !conf->lines_of[i])
			return fail_set(fail, ERR_CONFIG, "conf", "%s: [%s] %s is missing: %s",
			    conf->path, key->section, key->name, key->help);
	}
	if (conf->hours.first_start > conf->hours.last_start)
		return refuse_starts(conf, fail);
	if (strchr(strstr(conf->site.base_url, "://") + 3, '/'))
		return fail_set(fail, ERR_CONFIG, "conf",
		    "%s: [site] base_url has a path, and the pages stand at the top of a site",
		    conf->path);
	return conf_calendars_judge(conf, conf_line_of(conf, "google", "calendar"),
	    conf_line_of(conf, "site", "video_url"), fail);
}

enum err conf_file_read(struct conf *conf, struct fail *fail)
{
	struct reading reading = {.conf = conf, .file = fopen(conf->path, "re"), .fail = fail};
	enum err err;

	if (!reading.file)
		return fail_set(fail, ERR_CONFIG, "conf", "%s: %s", conf->path, strerror(errno));
	conf->lines_of = calloc(conf_keys_of_file(), sizeof(*conf->lines_of));
	err = conf->lines_of && conf_preset(conf) ? read_lines(&reading) : no_memory(fail);
	free(reading.text);
	fclose(reading.file);
	return err ? err : judge(conf, fail);
}
