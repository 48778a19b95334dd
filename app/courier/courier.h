/* SPDX-License-Identifier: MIT */
/* courier.h: what the second daemon keeps, and the steps of its work */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "base/conf.h"
#include "base/template.h"
#include "core/moment.h"
#include "net/deliveries.h"
#include "net/snapshot.h"
#include "net/upstream.h"

#include <signal.h>

#define ALERTS_MAX 64

/* The alerts of one round, to be folded into one message. */
struct alerts {
	struct {
		struct uuid booking;
		enum duty duty;
		uint64_t version;
		const char *text;
	} list[ALERTS_MAX];
	size_t count;
};

struct courier {
	struct conf *conf;
	struct upstream upstream;
	struct templates *templates;
	struct moment_style style;
	struct zone *zone; /* the business's */
	struct courier_rules rules;
	struct uuid owner; /* this process, in leases */
	struct dockets *dockets;
	struct arena *arena; /* of one round */
	struct alerts alerts;
	struct pulse pulse;
	bool has_pulse, is_down;  /* ClickHouse answered before; it does not now */
	size_t next;		  /* the docket that the next round begins with */
	uint64_t delivery_number; /* the log is read up to here */
	uint64_t ledger_version;  /* bookings are looked at up to here */
	int64_t leads_since_ms;
	int64_t mail_hold_ms, alert_hold_ms; /* the service asked to wait: clock_boot_ms() */
	int64_t outage_since_ms;	     /* of the calendar, as last seen; 0: none */
	volatile sig_atomic_t *stop;
};

/* One booking at hand, leased. */
struct task {
	struct courier *courier;
	struct uuid booking;
	struct snapshot snapshot;
	struct ledger_booking standing;
};

/* As app_open(): ERR_CONFIG and ERR_SCHEMA are sentences for the operator. */
enum err courier_open(const char *conf_path, volatile sig_atomic_t *stop, struct courier *out,
    struct fail *fail) MUST_CHECK;
void courier_close(struct courier *courier);
/* Until the stop flag is set. */
void courier_run(struct courier *courier);

/*
 * Records how a duty went, in the log and in the docket. err ERR_NONE: done. ERR_REFUSED, ERR_AUTH
 * and ERR_TOO_LARGE are for good, and the operator is told once; anything else is tried again after
 * a back-off, or after retry_s when the service named a time. Model: step `record`.
 */
void courier_record(struct courier *courier, const struct uuid *booking, enum duty duty,
    uint64_t version, enum err err, const struct fail *fail, int64_t retry_s);
/* Puts a record of this state into log and docket. */
enum err courier_put(struct courier *courier, const struct uuid *booking,
    const struct delivery *delivery, const char *payload, const char *detail,
    struct fail *fail) MUST_CHECK;
struct docket *courier_docket(struct courier *courier, const struct uuid *booking);

/* The duties, a file each. */
void event_deliver(struct task *task, uint64_t version);
void mail_deliver(struct task *task, enum duty duty, uint64_t version);
void alert_add(struct task *task, enum duty duty, uint64_t version);
/* An alert that belongs to no booking, once for each version; flag (may be NULL) is set in its
 * template. */
void alert_add_plain(struct courier *courier, enum duty duty, uint64_t version, const char *flag);
void alerts_flush(struct courier *courier);
/* Takes the briefs of this machine's spool into the store. */
void spool_replay(struct courier *courier);

#endif
