/* SPDX-License-Identifier: MIT */
/* ical_apart.h: a calendar's file is read in a process of its own */
#ifndef STORE_ICAL_APART_H
#define STORE_ICAL_APART_H

#include "read/ical_busy.h"
#include "read/ical_call.h"

/*
 * ical_busy_read() by slotguard-reader (base/apart.h), since anybody's invitation stands in such a
 * file and one rule may keep libical busy for hours. Its failures, and apart_ask()'s.
 */
enum err ical_busy_read_apart(struct arena *arena, const char *text,
    const struct ical_question *question, int64_t limit_ms, struct busy_list *out,
    struct fail *fail) MUST_CHECK;

/* ical_call_read() of many at once, by the same. */
struct ical_calls {
	const char **texts;
	struct ical_call *list;
	size_t count;
	const char *timezone;
};
enum err ical_calls_read_apart(struct arena *arena, const struct ical_calls *calls,
    int64_t limit_ms, struct fail *fail) MUST_CHECK;

#endif
