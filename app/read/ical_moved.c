/* SPDX-License-Identifier: MIT */
/* ical_moved.c: occurrences of a calendar's events that stand for themselves (RFC 5545, 3.8.4.4) */
#include "read/ical_moved.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct ical_moved *left = a, *right = b;
	int order = strcmp(left->uid, right->uid);

	return order ? order : (left->at > right->at) - (left->at < right->at);
}

bool ical_moved_read(icalcomponent *calendar, struct arena *arena, ical_moved_place *place,
    void *context, struct ical_moved_list *out)
{
	int events = icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT);
	bool ok;

	out->count = 0;
	out->list = arena_array(arena, (size_t)events + 1, sizeof(*out->list));
	ok = out->list;
	for (icalcomponent *event =
		 icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	     event && ok;
	     event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
		icalproperty *id =
		    icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);
		const char *uid = icalcomponent_get_uid(event);
		int64_t at;

		if (!id)
			continue;
		ok = place(context, id, event, &at);
		if (ok && uid)
			out->list[out->count++] = (struct ical_moved){uid, at};
	}
	if (ok)
		qsort(out->list, out->count, sizeof(*out->list), compare);
	return ok;
}

bool ical_moved_has(const struct ical_moved_list *moved, const char *uid, int64_t at)
{
	const struct ical_moved wanted = {uid, at};

	return moved->count &&
	       bsearch(&wanted, moved->list, moved->count, sizeof(*moved->list), compare);
}
