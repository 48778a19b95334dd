/* SPDX-License-Identifier: MIT */
/* zone_rule.h: the rule by which a zone's clock goes on after its last transition */
#ifndef CORE_ZONE_RULE_H
#define CORE_ZONE_RULE_H

#include "core/zone.h"

/* The day of the year and the time on it when a footer's rule changes the clock. */
struct zone_change {
	enum { DAY_JULIAN, DAY_ZERO_BASED, DAY_OF_WEEK } form;
	int month, week, day;
	int32_t time_s; /* wall clock before the change; below 0 and above a day are allowed */
};

/* All zero: there is no rule. */
struct zone_rule {
	bool is_set, has_dst;
	struct zone_offset standard, dst;
	struct zone_change to_dst, to_standard;
};

/* A stretch of time with one offset, up to but not including until. */
struct zone_period {
	const struct zone_offset *offset;
	int64_t until;
};

/*
 * Reads a POSIX TZ string with the extensions of RFC 9636, section 3.3.1. *end is the newline
 * behind it, which must be readable. False: it is damaged, or has summer time without saying when.
 */
bool zone_rule_parse(const char *at, const char *end, struct zone_rule *out) MUST_CHECK;

/* What the rule says of an instant; it must be set. */
struct zone_period zone_rule_period(const struct zone_rule *rule, int64_t utc);

/* Whether a time zone's abbreviation may hold this character. */
bool zone_designation_char(char c);

#endif
