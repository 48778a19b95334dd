/* SPDX-License-Identifier: MIT */
/* rules.c: what slotguard.conf says of the owner's time → struct hours */
#include "core/rules.h"
#include "base/num.h"
#include "base/weekdays.h"
#include "core/civil.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTICE_MAX_S (30 * DAY_S)

struct compiling {
	const struct conf *conf;
	struct arena *arena;
	struct hours *hours;
	struct fail *fail;
	/* What is being read. */
	const char *section, *name;
	unsigned line;
};

/* FILE:LINE: [section] name: what is wrong, and what would be right. */
static enum err refuse(const struct compiling *compiling, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static enum err refuse(const struct compiling *compiling, const char *fmt, ...)
{
	char what[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return fail_set(compiling->fail, ERR_CONFIG, "rules", "%.200s:%u: [%s] %.60s: %s",
	    compiling->conf->path, compiling->line, compiling->section, compiling->name, what);
}

static const char *skip_spaces(const char *at)
{
	return at + strspn(at, " \t");
}

/* The word that stands here, for a message. */
static int word_len(const char *at)
{
	size_t len = strcspn(at, ", \t");

	return (int)(len < 30 ? len : 30);
}

/* Exactly so many digits. */
static bool read_digits(const char *at, size_t len, int64_t min, int64_t max, int64_t *out)
{
	char digits[8] = {0};

	if (strspn(at, "0123456789") < len)
		return false;
	memcpy(digits, at, len);
	return num_i64(digits, min, max, out);
}

const char *rules_read_date(const char *text, int64_t *out)
{
	int64_t year, month, day;

	if (!read_digits(text, 4, 1970, 9000, &year) || text[4] != '-' ||
	    !read_digits(text + 5, 2, 1, 12, &month) || text[7] != '-' ||
	    !read_digits(text + 8, 2, 1, civil_days_in_month((int)year, (int)month), &day) ||
	    strchr("0123456789", text[10] ? text[10] : 'x'))
		return NULL;
	*out = civil_days((int)year, (int)month, (int)day);
	return text + 10;
}

bool rules_read_dates(const char *text, int64_t *first, int64_t *last)
{
	const char *at = rules_read_date(text, first);

	if (!at)
		return false;
	*last = *first;
	if (strncmp(at, "..", 2) == 0)
		at = rules_read_date(at + 2, last);
	return at && !*at;
}

/* "08:00" to "24:00" → minutes, and where it ends. */
static const char *read_time(const char *at, int *out)
{
	int64_t hour, minute;

	if (!read_digits(at, 2, 0, 24, &hour) || at[2] != ':' ||
	    !read_digits(at + 3, 2, 0, 59, &minute) || hour * 60 + minute > 1440 ||
	    strchr("0123456789", at[5] ? at[5] : 'x'))
		return NULL;
	*out = (int)(hour * 60 + minute);
	return at + 5;
}

#define ENDS_BEFORE "the range ends before it begins; write the earlier date first"

/* "08:00-12:00", first and last start, or "08:00 until 12:30", first start and end; and where it
 * ends. */
static enum err read_span(struct compiling *compiling, const char **at, struct span *out)
{
	const char *word = *at, *next = read_time(word, &out->first);
	bool is_end = false;

	if (!next || out->first == 1440)
		return refuse(compiling,
		    "\"%.*s\" is no time like 08:00; write off, or spans such as 08:00-12:00, "
		    "13:00-16:30",
		    word_len(word), word);
	next = skip_spaces(next);
	if (strncmp(next, "until", 5) == 0) {
		is_end = true;
		next += 5;
	} else if (*next++ != '-') {
		return refuse(compiling,
		    "\"%.*s\" names no last start: write 08:00-16:30, or 08:00 until 17:00",
		    word_len(word), word);
	}
	word = skip_spaces(next);
	next = read_time(word, &out->last);
	if (!next || (!is_end && out->last == 1440))
		return refuse(compiling, "\"%.*s\" is no time like 16:30", word_len(word), word);
	if (is_end)
		out->last -= compiling->hours->slot_minutes;
	if (out->last < out->first)
		return is_end
			   ? refuse(compiling,
				 "no call of %d minutes fits before %.*s; end the span later",
				 compiling->hours->slot_minutes, word_len(word), word)
			   : refuse(compiling,
				 "%.*s is earlier than the first start; a span ends on its own day",
				 word_len(word), word);
	*at = skip_spaces(next);
	return ERR_NONE;
}

/* "off", or spans with commas between them. */
static enum err read_spans(struct compiling *compiling, const char *value, struct workday *out)
{
	const char *at = value;
	enum err err;

	*out = (struct workday){.line = compiling->line};
	if (strcmp(value, "off") == 0)
		return ERR_NONE;
	for (;;) {
		struct span *span = &out->spans[out->count];
		const char *word = at;

		if (out->count == SPANS_MAX)
			return refuse(compiling, "a day has at most %d spans", SPANS_MAX);
		if ((err = read_span(compiling, &at, span)))
			return err;
		if (out->count++ && span[-1].last >= span->first)
			return refuse(compiling,
			    "%.*s does not begin after the span before it; write spans in order, "
			    "without "
			    "overlaps",
			    word_len(word), word);
		if (!*at)
			return ERR_NONE;
		if (*at != ',')
			return refuse(compiling,
			    "\"%.*s\" follows a span; a comma, or nothing, may", word_len(at), at);
		at = skip_spaces(at + 1);
	}
}

/* The days that a key names: "Mon-Thu" or "Mon,Wed" → bits. */
static enum err read_days(struct compiling *compiling, unsigned *out)
{
	const char *word = weekdays_read(compiling->name, out);

	return word
		   ? refuse(compiling,
			 "\"%.*s\" is no day; days are Sun, Mon, Tue, Wed, Thu, Fri and Sat, as in "
			 "Mon-Thu or Mon,Wed",
			 word_len(word), word)
		   : ERR_NONE;
}

/* Without day lines every day of `days` has the one span. */
static void plain_week(struct compiling *compiling)
{
	const struct conf *conf = compiling->conf;
	struct hours *hours = compiling->hours;

	for (int i = 0; i < 7; i++) {
		bool is_open = conf->hours.days >> i & 1;
		unsigned line = conf_line_of(conf, "hours", "days");

		if (is_open) {
			hours->week[i].spans[hours->week[i].count++] = (struct span){
			    (int)conf->hours.first_start, (int)conf->hours.last_start};
			line = conf_line_of(conf, "hours", "first_start");
			if (!line)
				line = conf_line_of(conf, "hours", "last_start");
		}
		hours->week[i].line = line;
	}
}

static enum err week(struct compiling *compiling)
{
	static const char *const plain[] = {"days", "first_start", "last_start"};
	const struct conf_lines *lines = &compiling->conf->hours.lines;
	struct hours *hours = compiling->hours;
	struct workday day;
	unsigned bits;
	enum err err;

	compiling->section = "hours";
	if (!lines->count)
		plain_week(compiling);
	for (size_t i = 0; lines->count && i < 3; i++) {
		compiling->name = plain[i];
		compiling->line = conf_line_of(compiling->conf, "hours", plain[i]);
		if (compiling->line)
			return refuse(compiling,
			    "line %u gives the days hours of their own; say all of it in one of "
			    "the two ways",
			    lines->list[0].line);
	}
	for (size_t i = 0; i < lines->count; i++) {
		compiling->name = lines->list[i].name;
		compiling->line = lines->list[i].line;
		if ((err = read_days(compiling, &bits)) ||
		    (err = read_spans(compiling, lines->list[i].value, &day)))
			return err;
		for (int at = 0; at < 7; at++) {
			if (!(bits >> at & 1))
				continue;
			if (hours->week[at].line)
				return refuse(compiling,
				    "%s has its hours at line %u already; keep one of the two",
				    weekday_name((int)at), hours->week[at].line);
			hours->week[at] = day;
		}
	}
	return ERR_NONE;
}

static int by_first(const void *left, const void *right)
{
	const struct special *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

static bool is_special(const struct special *list, size_t count, int64_t date)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].first <= date && date <= list[i].last)
			return true;
	return false;
}

static enum err dates(struct compiling *compiling, struct date_list holidays)
{
	const struct conf_lines *lines = &compiling->conf->dates.lines;
	size_t room = lines->count + holidays.count, count = 0;
	struct special *list = arena_array(compiling->arena, room + 1, sizeof(*list));
	enum err err;

	if (!list)
		return fail_set(compiling->fail, ERR_SYSTEM, "rules", "no memory");
	compiling->section = "dates";
	for (size_t i = 0; i < lines->count; i++) {
		struct special *special = &list[count];

		compiling->name = lines->list[i].name;
		compiling->line = lines->list[i].line;
		if (!rules_read_dates(compiling->name, &special->first, &special->last))
			return refuse(compiling, "there is no such date; write 2026-12-24, or "
						 "2027-01-04..2027-01-08");
		if (special->last < special->first)
			return refuse(compiling, ENDS_BEFORE);
		for (size_t j = 0; j < count; j++)
			if (list[j].first <= special->last && special->first <= list[j].last)
				return refuse(compiling,
				    "line %u has hours for these dates already", list[j].day.line);
		if ((err = read_spans(compiling, lines->list[i].value, &special->day)))
			return err;
		count++;
	}
	room = count;
	for (size_t i = 0; i < holidays.count; i++)
		if (!is_special(list, room, holidays.list[i]))
			list[count++] = (struct special){holidays.list[i], holidays.list[i],
			    {.line = conf_line_of(compiling->conf, "dates", "holidays")}, true};
	qsort(list, count, sizeof(*list), by_first);
	compiling->hours->special = list;
	compiling->hours->special_count = count;
	return ERR_NONE;
}

static enum err window(struct compiling *compiling)
{
	const char *value = compiling->conf->hours.window;
	struct hours *hours = compiling->hours;
	size_t digits = strspn(value, "0123456789");
	const char *unit = skip_spaces(value + digits);
	int64_t days;

	hours->window_days = (int)compiling->conf->hours.window_days;
	if (!*value)
		return ERR_NONE;
	compiling->section = "hours";
	compiling->name = "window";
	compiling->line = conf_line_of(compiling->conf, "hours", "window");
	if (conf_line_of(compiling->conf, "hours", "window_days"))
		return refuse(compiling, "window_days stands at line %u; keep one of the two",
		    conf_line_of(compiling->conf, "hours", "window_days"));
	if (strstr(value, "..")) {
		if (!rules_read_dates(value, &hours->window_first, &hours->window_last))
			return refuse(compiling,
			    "\"%s\" has no such dates; write 2026-12-01..2026-12-19", value);
		if (hours->window_last < hours->window_first)
			return refuse(compiling, ENDS_BEFORE);
		if (hours->window_last - hours->window_first >= WINDOW_MAX)
			return refuse(compiling,
			    "\"%s\" is longer than a window, which has at most %d days", value,
			    WINDOW_MAX);
		hours->window = WINDOW_DATES;
		return ERR_NONE;
	}
	if (strcmp(unit, "business days") == 0 || strcmp(unit, "business day") == 0)
		hours->window = WINDOW_WORKDAYS;
	else if (strcmp(unit, "days") != 0 && strcmp(unit, "day") != 0)
		return refuse(compiling,
		    "\"%s\" is no window; write 14 days, 10 business days, or "
		    "2026-12-01..2026-12-19",
		    value);
	if (digits > 4 || !read_digits(value, digits, 1, WINDOW_MAX, &days))
		return refuse(compiling,
		    "\"%.*s\" is not from 1 to %d; write 14 days or 10 business days", (int)digits,
		    value, WINDOW_MAX);
	hours->window_days = (int)days;
	return ERR_NONE;
}

static enum err notice(struct compiling *compiling)
{
	const char *value = compiling->conf->hours.notice;
	struct hours *hours = compiling->hours;
	size_t digits = strspn(value, "0123456789");
	const char *unit = value + digits;
	int64_t number;

	compiling->section = "hours";
	compiling->name = "notice";
	compiling->line = conf_line_of(compiling->conf, "hours", "notice");
	if (strcmp(value, "next-day") == 0)
		hours->notice = NOTICE_DAY;
	else if (strcmp(value, "next-business-day") == 0)
		hours->notice = NOTICE_WORKDAY;
	if (hours->notice != NOTICE_TIME || strcmp(value, "0") == 0)
		return ERR_NONE;
	if (!digits || digits > 5 || (strcmp(unit, "h") != 0 && strcmp(unit, "m") != 0) ||
	    !read_digits(value, digits, 1, 99999, &number))
		return refuse(compiling,
		    "\"%s\" is no notice; write 0, 30m, 2h, next-day or next-business-day", value);
	hours->notice_s = number * (*unit == 'h' ? 3600 : 60);
	if (hours->notice_s > NOTICE_MAX_S)
		return refuse(compiling, "\"%s\" is longer than %dh", value, NOTICE_MAX_S / 3600);
	return ERR_NONE;
}

enum err rules_compile(const struct conf *conf, struct date_list holidays, struct arena *arena,
    struct hours *out, struct fail *fail)
{
	struct hours hours = {
	    .slot_minutes = (int)conf->hours.slot_minutes,
	    .step_minutes = (int)conf->hours.step_minutes,
	    .is_packed = conf->hours.is_packed,
	    .buffer_before = (int)conf->hours.buffer_before,
	    .buffer_after = (int)conf->hours.buffer_after,
	    .max_per_day = (int)conf->hours.max_per_day,
	    .max_per_week = (int)conf->hours.max_per_week,
	    .max_per_month = (int)conf->hours.max_per_month,
	};
	struct compiling compiling = {.conf = conf, .arena = arena, .hours = &hours, .fail = fail};
	enum err err;

	if (!hours.step_minutes)
		hours.step_minutes = hours.slot_minutes;
	if ((err = week(&compiling)) || (err = dates(&compiling, holidays)) ||
	    (err = window(&compiling)) || (err = notice(&compiling)))
		return err;
	*out = hours;
	return ERR_NONE;
}
