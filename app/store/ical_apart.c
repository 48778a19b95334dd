/* SPDX-License-Identifier: MIT */
/* ical_apart.c: a calendar's file is read in a process of its own */
#include "store/ical_apart.h"
#include "base/apart.h"

#include <inttypes.h>
#include <string.h>

enum err ical_busy_read_apart(struct arena *arena, const char *text,
    const struct ical_question *question, int64_t limit_ms, struct busy_list *out,
    struct fail *fail)
{
	const struct apart_wish wish = {
	    .words = {"busy", question->timezone,
		arena_printf(arena, "%" PRId64, question->window.start),
		arena_printf(arena, "%" PRId64, question->window.end)},
	    .text = text,
	    .len = strlen(text),
	    .where = "ical",
	    .what = "the calendar",
	    .answer_max = ICAL_BUSY_MAX * sizeof(struct interval),
	    .limit_ms = limit_ms,
	};
	struct interval *list;
	char *bytes;
	size_t len;
	enum err err;

	if ((err = apart_ask(arena, &wish, &bytes, &len, fail)))
		return err;
	list = arena_array(arena, len / sizeof(*list) + 1, sizeof(*list));
	if (!list)
		return fail_set(fail, ERR_SYSTEM, "ical", "no memory");
	memcpy(list, bytes, len);
	*out = (struct busy_list){list, len / sizeof(*list)};
	return ERR_NONE;
}
