/* SPDX-License-Identifier: MIT */
/* courier.h: what the second daemon keeps, and the steps of its work, file by file: each knows only
 * those above it */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "base/conf.h"
#include "base/template.h"
#include "core/moment.h"
#include "store/deliveries.h"
#include "store/snapshot.h"
#include "desk/upstream.h"

#include <limits.h>
#include <signal.h>

#define ALERTS_MAX 64
#define UNSAVED_MAX 128

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

/* What happened and could not be recorded: it is so all the same. */
struct unsaved {
	struct uuid booking;
	struct delivery delivery;
};

/* How a duty went. */
struct outcome {
	enum err err;
	struct fail fail;
	int64_t retry_s;  /* the service named a time to come back; 0: none */
	bool may_be_done; /* whatever this try came to */
	bool is_last;	  /* no further try can tell, nor would it be safe */
};

struct courier {
	const char *conf_path;
	struct conf *conf;
	struct upstream upstream;
	struct counters *counters;
	struct templates *templates;
	struct moment_style style;
	struct zone *zone; /* the business's */
	struct courier_rules rules;
	struct uuid owner; /* this process, in leases */
	struct uuid place; /* this host's runtime directory: whose outages and damaged files */
	char host[HOST_NAME_MAX + 1];
	struct dockets *dockets;
	struct arena *arena; /* of one round */
	struct alerts alerts;
	struct row_counts row_counts;
	bool has_row_counts, is_down;	 /* ClickHouse answered before; it does not now */
	int64_t store_ms, store_boot_ms; /* the store's clock, and ours when it was told */
	size_t next;			 /* the docket that the next round begins with */
	uint64_t delivery_number;	 /* the log is read up to here */
	uint64_t ledger_version;	 /* bookings are looked at up to here */
	int64_t leads_since_ms;
	/* Until when a service is left alone: clock_boot_ms(). */
	int64_t mail_hold_ms, alert_hold_ms, event_hold_ms, spool_hold_ms, probe_hold_ms;
	bool is_single; /* an alert among many was refused: one a message, to find it */
	struct unsaved unsaved[UNSAVED_MAX];
	size_t unsaved_count;
	volatile sig_atomic_t *stop;
};

/* One booking at hand, leased. */
struct task {
	struct courier *courier;
	struct uuid booking;
	struct snapshot snapshot; /* the row as it stands */
	struct lead person;	  /* the same with texts that can be shown anywhere */
	struct ledger_booking standing;
	int64_t
	    deadline; /* clock_boot_ms(): nothing is sent later, for the lease may have passed */
};

/* ---- courier.c ---- */

/* As app_test(): only the configuration, without its secrets, the zone and the templates. */
enum err courier_test(const char *conf_path, struct fail *fail) MUST_CHECK;

/* As app_open(): ERR_CONFIG and ERR_SCHEMA are sentences for the operator. */
enum err courier_open(const char *conf_path, volatile sig_atomic_t *stop, struct courier *out,
    struct fail *fail) MUST_CHECK;
void courier_close(struct courier *courier);
/*
 * ClickHouse's clock, as the last answer told it and never ahead of it. Hosts' clocks differ and
 * step; leases, times to try again and moments to remind of are those of the log, so every courier
 * counts by the log's clock. Before the first answer there is none.
 */
int64_t courier_now_ms(const struct courier *courier);

/* ---- record.c: below every duty ---- */

struct docket *record_docket(struct courier *courier, const struct uuid *booking);
/* As last recorded. */
struct delivery record_find(
    struct courier *courier, const struct uuid *booking, enum duty duty, uint64_t version);
/* Puts a record of this state into log and docket. */
enum err record_put(struct courier *courier, const struct uuid *booking,
    const struct delivery *delivery, const char *payload, const char *detail,
    struct fail *fail) MUST_CHECK;
/*
 * Records how a duty went, in the log and in the docket. ERR_NONE: done. ERR_REFUSED and
 * ERR_TOO_LARGE are for good and so is the last try, and the operator is told once; anything else
 * is tried again after a back-off, or when the service said. ERR_STOPPING is left as it was. Model:
 * step `record`.
 */
void record_outcome(struct courier *courier, const struct uuid *booking, enum duty duty,
    uint64_t version, const struct outcome *outcome);
/* What could not be recorded then is recorded now, before anything else is done. */
enum err record_late(struct courier *courier, struct fail *fail) MUST_CHECK;

/* ---- lease.c: below every duty ---- */

/*
 * Only one courier works at a booking; the log decides which. ERR_NONE and *is_mine: until
 * *deadline (clock_boot_ms()) nobody else does.
 */
enum err lease_take(struct courier *courier, const struct uuid *booking, bool *is_mine,
    int64_t *deadline, struct fail *fail) MUST_CHECK;
/* Whether it is ours already, for long enough to begin something. */
bool lease_is_mine(struct courier *courier, const struct uuid *booking);
/* Gives back what leases there are, so that nobody waits for their end. */
void lease_release_all(struct courier *courier);

/* ---- The duties, a file each ---- */

void event_deliver(struct task *task, enum duty duty, uint64_t version);
void mail_deliver(struct task *task, enum duty duty, uint64_t version);
void alert_add(struct task *task, enum duty duty, uint64_t version);
/* An alert that belongs to no booking. */
void alert_add_plain(
    struct courier *courier, const struct uuid *place, enum duty duty, uint64_t version);
/* What could not leave is due again in a later round. */
void alerts_flush(struct courier *courier);
/* Counts what is due and not done, for the workers to show. */
void backlog_count(struct courier *courier);
/* Takes the briefs of this machine's spool into the store. */
void spool_replay(struct courier *courier);

/* The calendar's outages, as the workers of this machine note them. */
void watch_outage(struct courier *courier);
/* Makes an alert due that belongs to no booking; once for each place and version. */
enum err watch_alert(struct courier *courier, const struct uuid *place, enum duty duty,
    uint64_t version, struct fail *fail) MUST_CHECK;
/* The place of what concerns every host. */
extern const struct uuid watch_everywhere;
/* Takes those that are due into this round, whichever host they are of. */
void watch_alerts(struct courier *courier);

/* ---- serve.c ---- */

/* One booking: what is due of it, in its order. True: something was done. */
bool serve(struct courier *courier, const struct uuid *booking);

/* ---- loop.c ---- */

/* Until the stop flag is set. Whenever *reload is, everything is opened anew, and stays as it was
 * when that fails. Tells systemd how it is doing. */
void courier_run(struct courier *courier, volatile sig_atomic_t *reload);

#endif
