/* SPDX-License-Identifier: MIT */
/* fuzz_ical.c: any bytes as a calendar's file; what is read of it are times within reach of the
 * window, in order; and as the event of a call, which has a time or none */
#include "read/ical_busy.h"
#include "read/ical_call.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Rules that keep libical busy for hours are why the programs read such files apart. */
static bool is_slow(const char *text)
{
	return strcasestr(text, "SECONDLY") || strcasestr(text, "MINUTELY") ||
	       strcasestr(text, "HOURLY");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ical_question question = {
	    .window = {1796083200, 1796083200 + 60 * 86400}, .timezone = "America/New_York"};
	struct arena *arena = arena_new(16 << 20);
	char *text = arena_strn(arena, (const char *)data, size);
	struct busy_list busy = {NULL, 0};
	struct fail fail = {0};

	must(text != NULL);
	if (!memchr(text, '\0', size)) {
		struct ical_call call = {.call = {1796083200, 1796085000}};

		ical_call_read(text, "America/New_York", &call);
		must(call.call.end >= call.call.start && (!call.is_deleted || !call.call.end));
	}
	if (is_slow(text)) {
		arena_free(arena);
		return 0;
	}
	if (ical_busy_read(arena, text, size, &question, &busy, &fail)) {
		must(fail.code != ERR_NONE);
		arena_free(arena);
		return 0;
	}
	for (size_t i = 0; i < busy.count; i++)
		must(interval_overlaps(busy.list[i], question.window) &&
		     (i == 0 || busy.list[i - 1].end < busy.list[i].start));
	busy.list[busy.count] = (struct interval){0, 0};
	arena_free(arena);
	return 0;
}
