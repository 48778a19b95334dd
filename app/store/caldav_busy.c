/* SPDX-License-Identifier: MIT */
/* caldav_busy.c: when the owner is busy by a calendar on a CalDAV server */
#include "store/caldav_busy.h"
#include "store/ical_apart.h"

/* What is read are two weeks of one calendar. */
#define READ_MS 2000

enum err caldav_busy_read(struct arena *arena, char *events, const struct ical_question *question,
    struct busy_list *out, struct fail *fail)
{
	struct interval *none;

	if (events)
		return ical_busy_read_apart(arena, events, question, READ_MS, out, fail);
	none = arena_array(arena, 1, sizeof(*none));
	if (!none)
		return fail_set(fail, ERR_SYSTEM, "caldav", "no memory");
	*out = (struct busy_list){none, 0};
	return ERR_NONE;
}

enum err caldav_busy(struct caldav *caldav, struct arena *arena, const struct caldav_wish *wish,
    struct busy_list *out, struct fail *fail)
{
	struct http_reply reply;
	char *events;
	enum err err;

	caldav_events_start(
	    caldav, arena, wish->question.window, wish->deadline, http_keep, &reply);
	http_run(caldav_http(caldav));
	if ((err = caldav_parse_events(arena, &reply, wish->skips_calls, &events, fail)))
		return err;
	return caldav_busy_read(arena, events, &wish->question, out, fail);
}
