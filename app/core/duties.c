/* SPDX-License-Identifier: MIT */
/* duties.c: what was recorded of one booking, and who has it now */
#include "core/duties.h"

#include <stdlib.h>

void duties_free(struct duties *duties)
{
	free(duties->list);
	duties->list = NULL;
	duties->count = duties->room = 0;
}

static bool is_overruled(const struct delivery *known, const struct delivery *by)
{
	if (by->state == DELIVERY_DUE && duty_is_mail(by->duty))
		return delivery_is_over(known) &&
		       (by->duty != DUTY_SPOOLED || known->state != DELIVERY_DONE);
	if (by->state == DELIVERY_DUE && duty_is_event(by->duty))
		return known->state == DELIVERY_FAILED;
	if (by->state == DELIVERY_DUE)
		return by->duty == DUTY_FAILED && known->state == DELIVERY_DONE;
	return !delivery_is_over(known) ||
	       (known->state != DELIVERY_DONE && by->state == DELIVERY_DONE);
}

bool duties_record(struct duties *duties, const struct delivery *delivery)
{
	duties->is_plain = duties->is_plain || duty_is_plain(delivery->duty);
	for (size_t i = 0; i < duties->count; i++)
		if (duties->list[i].duty == delivery->duty &&
		    duties->list[i].version == delivery->version) {
			if (is_overruled(&duties->list[i], delivery))
				duties->list[i] = *delivery;
			return true;
		}
	if (duties->count == duties->room) {
		size_t room = duties->room ? duties->room * 2 : 4;
		struct delivery *bigger = reallocarray(duties->list, room, sizeof(*bigger));

		if (!bigger)
			return false;
		duties->list = bigger;
		duties->room = room;
	}
	duties->list[duties->count++] = *delivery;
	return true;
}

void duties_lease(struct duties *duties, const struct uuid *owner, int64_t at_ms)
{
	bool is_held = duties->lease_until_ms > at_ms,
	     is_others = is_held && !uuid_equal(&duties->owner, owner);

	duties->is_wanted = is_others || (is_held && duties->is_wanted);
	if (is_others)
		return;
	duties->owner = *owner;
	duties->lease_until_ms = at_ms + LEASE_MS;
}

void duties_release(struct duties *duties, const struct uuid *owner, int64_t at_ms)
{
	if (uuid_equal(&duties->owner, owner) && duties->lease_until_ms > at_ms)
		duties->lease_until_ms = at_ms;
}

struct delivery duties_find(const struct duties *duties, enum duty duty, uint64_t version)
{
	for (size_t i = 0; i < duties->count; i++)
		if (duties->list[i].duty == duty && duties->list[i].version == version)
			return duties->list[i];
	return (struct delivery){.duty = duty, .version = version, .state = DELIVERY_NONE};
}

static bool is_within(
    const struct delivery *delivery, enum duty duty, uint64_t since, uint64_t version)
{
	return delivery->duty == duty && delivery->version >= since && delivery->version < version;
}

bool duties_was_done_within(
    const struct duties *duties, enum duty duty, uint64_t since, uint64_t version)
{
	for (size_t i = 0; i < duties->count; i++)
		if (is_within(&duties->list[i], duty, since, version) &&
		    duties->list[i].state == DELIVERY_DONE)
			return true;
	return false;
}

bool duties_was_tried_within(
    const struct duties *duties, enum duty duty, uint64_t since, uint64_t version)
{
	for (size_t i = 0; i < duties->count; i++)
		if (is_within(&duties->list[i], duty, since, version))
			return true;
	return false;
}
