/* SPDX-License-Identifier: MIT */
/* notice.c: an alert becomes due that belongs to no booking */
#include "courier/notice.h"
#include "base/log.h"
#include "courier/record.h"

enum err notice_put(struct courier *courier, const struct uuid *place, enum duty duty,
    uint64_t version, struct fail *fail)
{
	struct delivery due = {.duty = duty, .version = version, .state = DELIVERY_DUE};
	struct agenda_item *item = agenda_find(&courier->agenda, place);

	if (!courier->rules.has_telegram ||
	    (item && duties_find(&item->duties, duty, version).state != DELIVERY_NONE))
		return ERR_NONE;
	/* What was told before is not known yet. */
	if (!item || !item->is_read)
		return fail_set(fail, ERR_BUSY, "notice", "the place was not read yet");
	return record_put(courier, item, &due,
	    uuid_equal(place, &courier_everywhere) ? "" : courier->machine, fail);
}

void notice_try(struct courier *courier, const struct uuid *place, enum duty duty, uint64_t version)
{
	struct fail fail;

	if (notice_put(courier, place, duty, version, &fail))
		log_fail(LOG_LEVEL_WARNING, "delivery_not_recorded", &fail);
}
