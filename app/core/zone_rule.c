/* SPDX-License-Identifier: MIT */
/* zone_rule.c: the rule by which a zone's clock goes on after its last transition */
#include "core/zone_rule.h"
#include "core/civil.h"

#include <string.h>

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool zone_designation_char(char c)
{
	return is_alpha(c) || is_digit(c) || c == '+' || c == '-';
}

/* A newline stands behind the string and no token takes one: nothing here reads past it. */

static bool take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool take_number(const char **at, int min, int max, int *out)
{
	const char *start = *at;
	int value = 0;

	while (is_digit(**at) && *at - start < 3)
		value = value * 10 + (*(*at)++ - '0');
	if (*at == start || value < min || value > max)
		return false;
	*out = value;
	return true;
}

/* "EST" or "<-03>" */
static bool take_designation(const char **at, struct zone_offset *out)
{
	bool is_quoted = take_char(at, '<');
	const char *start = *at;
	size_t len;

	while (is_quoted ? zone_designation_char(**at) : is_alpha(**at))
		(*at)++;
	len = (size_t)(*at - start);
	if (len < 3 || len >= sizeof(out->abbreviation))
		return false;
	if (is_quoted && !take_char(at, '>'))
		return false;
	memcpy(out->abbreviation, start, len);
	out->abbreviation[len] = '\0';
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool take_time(const char **at, int max_hours, int32_t *out)
{
	bool is_negative = take_char(at, '-');
	int hours, minutes = 0, seconds = 0;

	if (!is_negative)
		take_char(at, '+');
	if (!take_number(at, 0, max_hours, &hours))
		return false;
	if (take_char(at, ':')) {
		if (!take_number(at, 0, 59, &minutes))
			return false;
		if (take_char(at, ':') && !take_number(at, 0, 59, &seconds))
			return false;
	}
	*out = (hours * 3600 + minutes * 60 + seconds) * (is_negative ? -1 : 1);
	return true;
}

/* ",Jn", ",n" or ",Mm.w.d", and "/time", which RFC 9636 lets reach a week away */
static bool take_change(const char **at, struct zone_change *out)
{
	struct zone_change change = {.time_s = 2 * 3600};

	if (!take_char(at, ','))
		return false;
	if (take_char(at, 'J')) {
		change.form = DAY_JULIAN;
		if (!take_number(at, 1, 365, &change.day))
			return false;
	} else if (take_char(at, 'M')) {
		change.form = DAY_OF_WEEK;
		if (!take_number(at, 1, 12, &change.month) || !take_char(at, '.') ||
		    !take_number(at, 1, 5, &change.week) || !take_char(at, '.') ||
		    !take_number(at, 0, 6, &change.day))
			return false;
	} else {
		change.form = DAY_ZERO_BASED;
		if (!take_number(at, 0, 365, &change.day))
			return false;
	}
	if (take_char(at, '/') && !take_time(at, 167, &change.time_s))
		return false;
	*out = change;
	return true;
}

/* The TZ string counts offsets westward. Without rules of its own, summer time has no dates. */
bool zone_rule_parse(const char *at, const char *end, struct zone_rule *out)
{
	struct zone_rule rule = {.is_set = true};
	int32_t west_s;

	if (!take_designation(&at, &rule.standard) || !take_time(&at, 24, &west_s))
		return false;
	rule.standard.utc_s = -west_s;
	if (*at != '\n') {
		rule.has_dst = rule.dst.is_dst = true;
		rule.dst.utc_s = rule.standard.utc_s + 3600;
		if (!take_designation(&at, &rule.dst))
			return false;
		if (*at != ',') {
			if (!take_time(&at, 24, &west_s))
				return false;
			rule.dst.utc_s = -west_s;
		}
		if (!take_change(&at, &rule.to_dst) || !take_change(&at, &rule.to_standard))
			return false;
	}
	if (at != end)
		return false;
	*out = rule;
	return true;
}

/* The instant of a change in one year, before which the clock is utc_s ahead of UTC. */
static int64_t change_at(const struct zone_change *change, int year, int32_t utc_s)
{
	int64_t days = 0;

	switch (change->form) {
	case DAY_JULIAN: /* from 1, and February 29 is never counted */
		days = civil_days(year, 1, 1) + change->day - 1;
		if (change->day > 59 && civil_days_in_month(year, 2) == 29)
			days++;
		break;
	case DAY_ZERO_BASED:
		days = civil_days(year, 1, 1) + change->day;
		break;
	case DAY_OF_WEEK: /* week 5 is the month's last, be it the fourth */
		days = civil_days(year, change->month, 1);
		days += (change->day - civil_weekday(days) + 7) % 7 + 7 * (change->week - 1);
		if (days >
		    civil_days(year, change->month, civil_days_in_month(year, change->month)))
			days -= 7;
		break;
	}
	return days * DAY_S + change->time_s - utc_s;
}

/*
 * The newest change up to now decides, and the next one ends it. A change may lie a week outside
 * its year, so it takes two years to either side to be sure of having seen both. When summer time
 * ends as the next begins, it holds all year (RFC 9636, section 3.3.1): at one instant, its start
 * wins.
 */
struct zone_period zone_rule_period(const struct zone_rule *rule, int64_t utc)
{
	struct zone_period period = {&rule->standard, INT64_MAX};
	int year = civil_from_seconds(utc).year;
	int64_t newest = INT64_MIN;

	if (!rule->has_dst)
		return period;
	for (int y = year - 2; y <= year + 2; y++) {
		int64_t ends = change_at(&rule->to_standard, y, rule->dst.utc_s);
		int64_t begins = change_at(&rule->to_dst, y, rule->standard.utc_s);

		if (ends <= utc && ends > newest) {
			newest = ends;
			period.offset = &rule->standard;
		}
		if (begins <= utc && begins >= newest) {
			newest = begins;
			period.offset = &rule->dst;
		}
		if (ends > utc && ends < period.until)
			period.until = ends;
		if (begins > utc && begins < period.until)
			period.until = begins;
	}
	return period;
}
