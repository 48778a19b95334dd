/* SPDX-License-Identifier: MIT */
/* notice.c: an alert becomes due that belongs to no booking */
#include "courier/notice.h"
#include "base/log.h"
#include "courier/record.h"

enum err notice_put(struct courier *courier, const struct uuid *place,
    const struct delivery *notice, const char *words, struct fail *fail)
{
	struct delivery due = {
	    .duty = notice->duty, .version = notice->version, .state = DELIVERY_DUE};
	struct agenda_item *item = agenda_find(&courier->agenda, place);

	if (!courier->rules.has_telegram ||
	    (item && duties_find(&item->duties, due.duty, due.version).state != DELIVERY_NONE))
		return ERR_NONE;
	/* What was told before is not known yet. */
	if (!item || !item->is_read)
		return fail_set(fail, ERR_BUSY, "notice", "the place was not read yet");
	return record_put(courier, item, &due, words, fail);
}

void notice_try(struct courier *courier, const struct uuid *place, const struct delivery *notice,
    const char *words)
{
	struct fail fail;

	if (notice_put(courier, place, notice, words, &fail))
		log_fail(LOG_LEVEL_WARNING, "delivery_not_recorded", &fail);
}
