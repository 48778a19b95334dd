/* SPDX-License-Identifier: MIT */
/* duty.c: what may be due to whom, and how it is recorded */
#include "core/duty.h"
#include "base/num.h"

static const char *const duty_names[DUTIES] = {"new_lead", "spooled", "spool_alert", "event",
    "event_again", "meet", "mail", "alert", "collision", "compared", "calendar_changed", "obey",
    "reminder_1", "reminder_2", "reminder_3", "begun", "nudge", "abandoned", "mails_wait", "outage",
    "google_refused", "outage_ended", "low_slots", "busy_day", "resend_refused", "meet_refused",
    "clocks", "clients", "damaged", "failed", "event_seen"};
static const char *const state_names[DELIVERY_STATES] = {
    "none", "due", "trying", "retry", "done", "failed", "unsure", "skipped"};

const char *duty_name(enum duty duty)
{
	return duty_names[duty];
}

bool duty_parse(const char *name, enum duty *out)
{
	int found;

	if (!num_of_name(name, duty_names, DUTIES, &found))
		return false;
	*out = (enum duty)found;
	return true;
}

bool duty_is_mail(enum duty duty)
{
	return duty == DUTY_MAIL || duty == DUTY_SPOOLED || duty == DUTY_BEGUN ||
	       duty == DUTY_NUDGE || (duty >= DUTY_REMINDER_1 && duty <= DUTY_REMINDER_3);
}

bool duty_is_event(enum duty duty)
{
	return duty == DUTY_EVENT || duty == DUTY_EVENT_AGAIN || duty == DUTY_MEET ||
	       duty == DUTY_OBEY;
}

bool duty_is_plain(enum duty duty)
{
	return duty >= DUTY_OUTAGE && duty <= DUTY_DAMAGED;
}

const char *delivery_state_name(enum delivery_state state)
{
	return state_names[state];
}

bool delivery_state_parse(const char *name, enum delivery_state *out)
{
	int found;

	if (!num_of_name(name, state_names, DELIVERY_STATES, &found))
		return false;
	*out = (enum delivery_state)found;
	return true;
}

bool delivery_is_over(const struct delivery *delivery)
{
	return delivery->state >= DELIVERY_DONE;
}

bool delivery_is_open(const struct delivery *delivery)
{
	return delivery->state != DELIVERY_NONE && !delivery_is_over(delivery);
}

bool delivery_waits(const struct delivery *delivery, int64_t now_ms)
{
	return (delivery->state == DELIVERY_RETRY || delivery->state == DELIVERY_TRYING) &&
	       delivery->until_ms > now_ms && delivery->at_ms <= now_ms + DELIVERY_AHEAD_MS;
}

int64_t delivery_backoff_ms(unsigned attempt, unsigned chance)
{
	int64_t most = 900000, wait = attempt < 10 ? INT64_C(2000) << attempt : most;

	if (wait > most)
		wait = most;
	return wait - wait / 4 * (int64_t)(chance & 255) / 255;
}
