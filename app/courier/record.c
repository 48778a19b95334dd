/* SPDX-License-Identifier: MIT */
/* record.c: what was done and what was not, in the log and in memory */
#include "courier/record.h"
#include "base/log.h"
#include "store/deliveries.h"

#include <sodium.h>

#define HELD_MS 60000

enum err record_put_all(
    struct courier *courier, const struct delivery_record *list, size_t count, struct fail *fail)
{
	enum err err =
	    deliveries_put(courier->upstream.clickhouse, courier->arena, list, count, fail);

	for (size_t i = 0; !err && i < count; i++) {
		struct agenda_item *item = agenda_open(&courier->agenda, &list[i].booking);

		if (!item || !duties_record(&item->duties, &list[i].delivery))
			return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
		item->look_ms = 0;
	}
	return err;
}

struct delivery_record record_of(const struct courier *courier, const struct agenda_item *item,
    const struct delivery *delivery, const char *payload)
{
	return (struct delivery_record){.booking = item->duties.booking,
	    .owner = courier->owner,
	    .delivery = *delivery,
	    .payload = payload,
	    .detail = ""};
}

enum err record_put(struct courier *courier, struct agenda_item *item,
    const struct delivery *delivery, const char *payload, struct fail *fail)
{
	struct delivery_record record = record_of(courier, item, delivery, payload);

	return record_put_all(courier, &record, 1, fail);
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
static void save(struct courier *courier, struct delivery_record *list, size_t count)
{
	struct fail fail;

	if (!record_put_all(courier, list, count, &fail))
		return;
	log_fail(LOG_LEVEL_ERROR, "delivery_not_recorded", &fail);
	for (size_t i = 0; i < count; i++) {
		struct agenda_item *item = agenda_find(&courier->agenda, &list[i].booking);

		(void)duties_record(&item->duties, &list[i].delivery);
		list[i].detail = "";
		if (courier->unsaved_count < UNSAVED_MAX)
			courier->unsaved[courier->unsaved_count++] = list[i];
	}
}

enum err record_late(struct courier *courier, struct fail *fail)
{
	enum err err = ERR_NONE;

	if (courier->unsaved_count)
		err = record_put_all(courier, courier->unsaved, courier->unsaved_count, fail);
	if (!err)
		courier->unsaved_count = 0;
	return err;
}

/* What became of one: its record, and one more when the operator has to be told of it. */
static size_t judge(struct courier *courier, const struct owed *owed, const struct outcome *outcome,
    struct delivery_record list[2])
{
	struct delivery delivery = duties_find(&owed->item->duties, owed->duty, owed->version);
	const struct delivery told = {
	    .duty = DUTY_FAILED, .version = owed->version, .state = DELIVERY_DUE};
	enum err err = outcome->err;
	bool is_over = is_permanent(err) || outcome->is_last, is_hopeless;

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
	log_outcome(owed->item, &delivery, outcome);
	is_hopeless = is_over || (err && !is_held(err) && delivery.attempt == DELIVERY_PATIENCE);
	/* Alerts that do not arrive are no matter for an alert, what is not obeyed has its own, and
	 * a link that is late has its event's. */
	if (owed->duty == DUTY_OBEY || (owed->duty == DUTY_MEET && !is_over))
		is_hopeless = false;
	list[0] = record_of(courier, owed->item, &delivery, "");
	list[1] = record_of(courier, owed->item, &told, "");
	if (err)
		list[0].detail = list[1].detail = outcome->fail.detail;
	return is_hopeless && (duty_is_mail(owed->duty) || duty_is_event(owed->duty)) &&
		       courier->rules.has_telegram
		   ? 2
		   : 1;
}

void record_outcomes(
    struct courier *courier, const struct owed *list, size_t count, const struct outcome *outcome)
{
	struct delivery_record records[2 * ALERTS_MAX] = {0};
	size_t made = 0;

	if (outcome->err == ERR_STOPPING)
		return;
	for (size_t i = 0; i < count; i++)
		made += judge(courier, &list[i], outcome, records + made);
	save(courier, records, made);
}

void record_outcome(struct courier *courier, struct agenda_item *item, enum duty duty,
    uint64_t version, const struct outcome *outcome)
{
	record_outcomes(courier, &(struct owed){item, duty, version}, 1, outcome);
}
