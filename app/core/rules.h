/* SPDX-License-Identifier: MIT */
/* rules.h: what slotguard.conf says of the owner's time → struct hours */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "base/arena.h"
#include "base/conf.h"
#include "core/slots.h"

/* Days without calls, in days since 1970-01-01, in any order. */
struct date_list {
	int64_t *list;
	size_t count;
};

/*
 * Reads the days of [hours] and the dates of [dates], window and notice, and makes one form of all
 * of it; what it points to is in the arena. Dates of [dates] have their own hours whether they are
 * holidays or not.
 * ERR_CONFIG: what cannot be read or contradicts itself, with file:line, the wrong word and what
 * would be right. ERR_SYSTEM: the arena is full.
 */
enum err rules_compile(const struct conf *conf, struct date_list holidays, struct arena *arena,
    struct hours *out, struct fail *fail) MUST_CHECK;

/* "2026-12-24" → days since 1970-01-01, and where it ends; NULL: it begins with no date that there
 * is. */
const char *rules_read_date(const char *text, int64_t *out);
/* "2026-12-24", or "2027-01-04..2027-01-08", and nothing after it. */
bool rules_read_dates(const char *text, int64_t *first, int64_t *last);

#endif
