/* SPDX-License-Identifier: MIT */
/* ical_apart.c: a calendar's file is read in a process of its own */
#include "store/ical_apart.h"
#include "base/apart.h"
#include "base/text.h"

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

/* As slotguard-reader takes them apart: where each call begins and its event's calendar, each with
 * its NUL. */
static struct text write_calls(struct arena *arena, const struct ical_calls *calls)
{
	struct text text;
	size_t room = 0;

	for (size_t i = 0; i < calls->count; i++)
		room += strlen(calls->texts[i]) + 24;
	text = text_new(arena, room);
	for (size_t i = 0; i < calls->count; i++) {
		text_printf(&text, "%" PRId64, calls->list[i].call.start);
		text_raw(&text, "", 1);
		text_raw(&text, calls->texts[i], strlen(calls->texts[i]) + 1);
	}
	return text;
}

enum err ical_calls_read_apart(
    struct arena *arena, const struct ical_calls *calls, int64_t limit_ms, struct fail *fail)
{
	const size_t answer = calls->count * sizeof(*calls->list);
	const struct text text = write_calls(arena, calls);
	const struct apart_wish wish = {
	    .words = {"calls", calls->timezone},
	    .text = text.data,
	    .len = text.len,
	    .where = "ical",
	    .what = "the calendar",
	    .answer_max = answer,
	    .limit_ms = limit_ms,
	};
	char *bytes;
	size_t len;
	enum err err;

	if (text_overflowed(&text))
		return fail_set(fail, ERR_SYSTEM, "ical", "no memory");
	if ((err = apart_ask(arena, &wish, &bytes, &len, fail)))
		return err;
	if (len != answer)
		return fail_set(fail, ERR_GARBLED, "ical", "the calendar cannot be read");
	memcpy(calls->list, bytes, len);
	return ERR_NONE;
}
