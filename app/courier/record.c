/* SPDX-License-Identifier: MIT */
/* record.c: what was done and what was not, in the log and in memory */
#include "courier/record.h"
#include "base/log.h"
#include "store/deliveries.h"

#include <sodium.h>

#define HELD_MS 60000

static enum err put(struct courier *courier, struct agenda_item *item,
    const struct delivery_record *record, struct fail *fail)
{
	enum err err = deliveries_put(courier->upstream.clickhouse, courier->arena, record, fail);

	if (err)
		return err;
	if (!duties_record(&item->duties, &record->delivery))
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	item->look_ms = 0;
	return ERR_NONE;
}

enum err record_put(struct courier *courier, struct agenda_item *item,
    const struct delivery *delivery, const char *payload, struct fail *fail)
{
	struct delivery_record record = {.booking = item->duties.booking,
	    .owner = courier->owner,
	    .delivery = *delivery,
	    .payload = payload};

	return put(courier, item, &record, fail);
}

/* Credentials can be renewed: what they were refused for is still owed then. */
static bool is_permanent(enum err err)
{
	return err == ERR_REFUSED || err == ERR_TOO_LARGE;
}

/* The service takes nothing of ours until somebody mends that, who is told so once for all. */
static bool is_held(enum err err)
{
	return err == ERR_AUTH || err == ERR_GRANT;
}

/* What is held leaves soon after it was mended, however long that took. */
static int64_t wait_ms(const struct delivery *delivery, const struct outcome *outcome)
{
	int64_t wait = delivery_backoff_ms(delivery->attempt, randombytes_random());

	if (outcome->retry_s)
		return outcome->retry_s * 1000;
	return is_held(outcome->err) && wait > HELD_MS ? HELD_MS : wait;
}

static void log_outcome(
    const struct agenda_item *item, const struct delivery *delivery, const struct outcome *outcome)
{
	const struct uuid *booking = &item->duties.booking;
	char hash[LOG_HASH_TEXT];

	log_hash(booking->bytes, sizeof(booking->bytes), hash);
	if (outcome->err)
		log_event(is_permanent(outcome->err) ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		    "delivery duty=%s booking=%s state=%s code=%s where=%s detail=\"%s\"",
		    duty_name(delivery->duty), hash, delivery_state_name(delivery->state),
		    err_name(outcome->err), outcome->fail.where, outcome->fail.detail);
	else
		log_event(LOG_LEVEL_INFO, "delivery duty=%s booking=%s state=done",
		    duty_name(delivery->duty), hash);
}

/* In memory it stands in any case, so that this courier does not do it twice. */
static void save(struct courier *courier, struct agenda_item *item, const struct delivery *delivery,
    const char *detail)
{
	struct delivery_record record = {.booking = item->duties.booking,
	    .owner = courier->owner,
	    .delivery = *delivery,
	    .detail = detail};
	struct fail fail;

	if (!put(courier, item, &record, &fail))
		return;
	log_fail(LOG_LEVEL_ERROR, "delivery_not_recorded", &fail);
	(void)duties_record(&item->duties, delivery);
	if (courier->unsaved_count < UNSAVED_MAX)
		courier->unsaved[courier->unsaved_count++] =
		    (struct unsaved){item->duties.booking, *delivery};
}

enum err record_late(struct courier *courier, struct fail *fail)
{
	while (courier->unsaved_count) {
		const struct unsaved *unsaved = &courier->unsaved[courier->unsaved_count - 1];
		struct agenda_item *item = agenda_open(&courier->agenda, &unsaved->booking);
		enum err err;

		if (!item)
			return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
		if ((err = record_put(courier, item, &unsaved->delivery, "", fail)))
			return err;
		courier->unsaved_count--;
	}
	return ERR_NONE;
}

void record_outcome(struct courier *courier, struct agenda_item *item, enum duty duty,
    uint64_t version, const struct outcome *outcome)
{
	struct delivery delivery = duties_find(&item->duties, duty, version);
	struct delivery told = {.duty = DUTY_FAILED, .version = version, .state = DELIVERY_DUE};
	enum err err = outcome->err;
	bool is_over = is_permanent(err) || outcome->is_last, is_hopeless;

	if (err == ERR_STOPPING)
		return;
	delivery.at_ms = delivery.until_ms = courier_now_ms(courier);
	delivery.state = !err			? DELIVERY_DONE
			 : is_permanent(err)	? DELIVERY_FAILED
			 : outcome->is_last	? DELIVERY_UNSURE
			 : outcome->may_be_done ? DELIVERY_TRYING
						: DELIVERY_RETRY;
	if (err && !is_over) {
		delivery.until_ms += wait_ms(&delivery, outcome);
		if (delivery.attempt < UINT16_MAX)
			delivery.attempt++;
	}
	counters_delivery(courier->upstream.counters, delivery.duty, delivery.state);
	log_outcome(item, &delivery, outcome);
	save(courier, item, &delivery, err ? outcome->fail.detail : "");
	is_hopeless = is_over || (err && !is_held(err) && delivery.attempt == DELIVERY_PATIENCE);
	/* Alerts that do not arrive are no matter for an alert, what is not obeyed has its own, and
	 * a link that is late has its event's. */
	if (duty == DUTY_OBEY || (duty == DUTY_MEET && !is_over))
		is_hopeless = false;
	if (is_hopeless && (duty_is_mail(duty) || duty_is_event(duty)) &&
	    courier->rules.has_telegram)
		save(courier, item, &told, outcome->fail.detail);
}
