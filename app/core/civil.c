/* SPDX-License-Identifier: MIT */
/* civil.c: the calendar's arithmetic, and instants as text */
#include "core/civil.h"

#define ERA_DAYS 146097	  /* 400 years, after which the Gregorian calendar repeats, weekdays too */
#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int civil_days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Rounds down also below zero, where C's division rounds up. */
static int64_t floor_div(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

/* Years are counted from March, so that the leap day is a year's last and disturbs no month. */
int64_t civil_days(int year, int month, int day)
{
	int64_t from_march = month > 2 ? year : (int64_t)year - 1;
	int64_t era = floor_div(from_march, 400);
	int64_t year_of_era = from_march - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - EPOCH_DAYS;
}

int civil_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(days + 4 - 7 * floor_div(days + 4, 7));
}

int64_t civil_seconds(const struct civil *civil)
{
	return civil_days(civil->year, civil->month, civil->day) * DAY_S + civil->hour * 3600 +
	       civil->minute * 60 + civil->second;
}

struct civil civil_from_seconds(int64_t seconds)
{
	int64_t days = floor_div(seconds, DAY_S);
	int second_of_day = (int)(seconds - days * DAY_S);
	int64_t era = floor_div(days + EPOCH_DAYS, ERA_DAYS);
	int day_of_era = (int)(days + EPOCH_DAYS - era * ERA_DAYS);
	/* Takes the leap days out: one in 4 years, none in 100, one in 400. */
	int year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month_from_march = (5 * day_of_year + 2) / 153;
	int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	return (struct civil){
	    .year = (int)(era * 400) + year_of_era + (month <= 2),
	    .month = month,
	    .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
	    .hour = second_of_day / 3600,
	    .minute = second_of_day / 60 % 60,
	    .second = second_of_day % 60,
	    .weekday = civil_weekday(days),
	};
}

/* Exactly width digits. */
static bool take_number(const char **at, int width, int min, int max, int *out)
{
	int value = 0;

	for (; width > 0; width--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		value = value * 10 + (**at - '0');
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

static bool take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

/* "2026-12-01T13:00", the common start of both forms. */
static bool take_minute(const char **at, bool any_case, struct civil *out)
{
	return take_number(at, 4, 0, 9999, &out->year) && take_char(at, '-') &&
	       take_number(at, 2, 1, 12, &out->month) && take_char(at, '-') &&
	       take_number(at, 2, 1, civil_days_in_month(out->year, out->month), &out->day) &&
	       (take_char(at, 'T') || (any_case && take_char(at, 't'))) &&
	       take_number(at, 2, 0, 23, &out->hour) && take_char(at, ':') &&
	       take_number(at, 2, 0, 59, &out->minute);
}

bool instant_parse_slot(const char *str, int64_t *out)
{
	struct civil civil = {0};

	if (!take_minute(&str, false, &civil) || !take_char(&str, 'Z') || *str)
		return false;
	*out = civil_seconds(&civil);
	return true;
}

/* The offset of RFC 3339, section 5.6, in seconds. */
static bool take_offset(const char **at, int *out)
{
	int sign, hours, minutes;

	if (take_char(at, 'Z') || take_char(at, 'z')) {
		*out = 0;
		return true;
	}
	if (take_char(at, '+'))
		sign = 1;
	else if (take_char(at, '-'))
		sign = -1;
	else
		return false;
	if (!take_number(at, 2, 0, 23, &hours) || !take_char(at, ':') ||
	    !take_number(at, 2, 0, 59, &minutes))
		return false;
	*out = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool instant_parse_rfc3339(const char *str, int64_t *out)
{
	struct civil civil = {0};
	int offset, digit;

	if (!take_minute(&str, true, &civil) || !take_char(&str, ':') ||
	    !take_number(&str, 2, 0, 60, &civil.second))
		return false;
	if (civil.second == 60)
		civil.second = 59;
	if (take_char(&str, '.')) {
		if (!take_number(&str, 1, 0, 9, &digit))
			return false;
		while (*str >= '0' && *str <= '9')
			str++;
	}
	if (!take_offset(&str, &offset) || *str)
		return false;
	*out = civil_seconds(&civil) - offset;
	return true;
}

static char *put_number(char *at, int value, int width, char then)
{
	for (int i = width - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	at[width] = then;
	return at + width + 1;
}

/* Years of more or less than four digits have no form here, so they read as the nearest that has.
 */
static char *put_minute(char *at, const struct civil *civil, char then)
{
	at = put_number(at, civil->year < 0 ? 0 : civil->year, 4, '-');
	at = put_number(at, civil->month, 2, '-');
	at = put_number(at, civil->day, 2, 'T');
	at = put_number(at, civil->hour, 2, ':');
	return put_number(at, civil->minute, 2, then);
}

char *instant_format_slot(int64_t utc, char out[INSTANT_TEXT])
{
	struct civil civil = civil_from_seconds(utc);

	*put_minute(out, &civil, 'Z') = '\0';
	return out;
}

char *instant_format_rfc3339(int64_t utc, char out[INSTANT_TEXT])
{
	struct civil civil = civil_from_seconds(utc);

	*put_number(put_minute(out, &civil, ':'), civil.second, 2, 'Z') = '\0';
	return out;
}
