/* SPDX-License-Identifier: MIT */
/* record.c: what was done and what was not, in the log and in memory */
#include "base/clock.h"
#include "base/log.h"
#include "courier/courier.h"

#include <sodium.h>

struct docket *record_docket(struct courier *courier, const struct uuid *booking)
{
	return dockets_open(courier->dockets, booking);
}

enum err record_put(struct courier *courier, const struct uuid *booking,
    const struct delivery *delivery, const char *payload, const char *detail, struct fail *fail)
{
	struct docket *docket;
	enum err err = deliveries_record(courier->upstream.clickhouse, courier->arena, booking,
	    &courier->owner, delivery, payload, detail, fail);

	if (err)
		return err;
	docket = record_docket(courier, booking);
	if (!docket || !docket_record(docket, delivery))
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	docket->look_ms = 0;
	return ERR_NONE;
}

struct delivery record_find(
    struct courier *courier, const struct uuid *booking, enum duty duty, uint64_t version)
{
	struct docket *docket = record_docket(courier, booking);

	return docket ? docket_find(docket, duty, version)
		      : (struct delivery){.duty = duty, .version = version};
}

/* Credentials can be renewed: what they were refused for is still owed then. */
static bool is_permanent(enum err err)
{
	return err == ERR_REFUSED || err == ERR_TOO_LARGE;
}

static void log_outcome(
    const struct uuid *booking, const struct delivery *delivery, const struct outcome *outcome)
{
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

/* In the docket it stands in any case, so that this courier does not do it twice. */
static void save(struct courier *courier, const struct uuid *booking,
    const struct delivery *delivery, const char *detail)
{
	struct docket *docket;
	struct fail fail;

	if (!record_put(courier, booking, delivery, "", detail, &fail))
		return;
	log_fail(LOG_LEVEL_ERROR, "delivery_not_recorded", &fail);
	docket = record_docket(courier, booking);
	if (docket)
		(void)docket_record(docket, delivery);
	if (courier->unsaved_count < UNSAVED_MAX)
		courier->unsaved[courier->unsaved_count++] = (struct unsaved){*booking, *delivery};
}

enum err record_late(struct courier *courier, struct fail *fail)
{
	while (courier->unsaved_count) {
		const struct unsaved *unsaved = &courier->unsaved[courier->unsaved_count - 1];
		enum err err =
		    record_put(courier, &unsaved->booking, &unsaved->delivery, "", "", fail);

		if (err)
			return err;
		courier->unsaved_count--;
	}
	return ERR_NONE;
}

void record_outcome(struct courier *courier, const struct uuid *booking, enum duty duty,
    uint64_t version, const struct outcome *outcome)
{
	struct delivery delivery = record_find(courier, booking, duty, version);
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
		delivery.until_ms +=
		    outcome->retry_s ? outcome->retry_s * 1000
				     : delivery_backoff_ms(delivery.attempt, randombytes_random());
		if (delivery.attempt < UINT16_MAX)
			delivery.attempt++;
	}
	log_outcome(booking, &delivery, outcome);
	save(courier, booking, &delivery, err ? outcome->fail.detail : "");
	is_hopeless = is_over || (err && delivery.attempt == DELIVERY_PATIENCE);
	/* Alerts that do not arrive are no matter for an alert. */
	if (is_hopeless && (duty_is_mail(duty) || duty_is_event(duty)) &&
	    courier->rules.has_telegram)
		save(courier, booking, &told, outcome->fail.detail);
}
