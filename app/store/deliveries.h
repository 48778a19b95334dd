/* SPDX-License-Identifier: MIT */
/* deliveries.h: argus.deliveries: the couriers' log */
#ifndef STORE_DELIVERIES_H
#define STORE_DELIVERIES_H

#include "core/duties.h"
#include "store/clickhouse.h"
#include "store/ids.h"

/* One line of the log. */
struct delivery_record {
	struct uuid booking, owner; /* owner: the courier */
	enum delivery_record_kind {
		DELIVERY_RECORD, /* of a duty: delivery is filled */
		DELIVERY_LEASE, /* owner asks for the booking's lease; only delivery.at_ms counts */
		DELIVERY_RELEASE, /* and gives it back */
	} kind;
	struct delivery delivery;
	const char *payload; /* "" for none: the exact bytes of a mail, the machine of an alert */
	const char *detail;  /* "" for none: what went wrong, without personal data */
	uint64_t number;     /* of its block, when it was read; several lines may share one */
};

/* Takes a line, whose texts are not read; false: no memory. */
typedef bool deliveries_take(void *context, const struct delivery_record *record);

/* Puts a line into what stands of its booking. False: no memory. */
bool deliveries_apply(struct duties *duties, const struct delivery_record *record);

/* The lines after *number, in their order; *number moves on. Duties and states that this program
 * does not know are passed over. */
enum err deliveries_tail(struct clickhouse *clickhouse, struct arena *arena, uint64_t *number,
    deliveries_take *take, void *context, struct fail *fail) MUST_CHECK;

/* All lines of these bookings, each booking's in their order. */
enum err deliveries_of(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    deliveries_take *take, void *context, struct fail *fail) MUST_CHECK;

/* The server takes no more of a courier at once, by a constraint of the migrations. */
#define DELIVERIES_MAX 1000

/* Writes lines, all or none, DELIVERIES_MAX at most, without their numbers; the store gives them
 * their time. Together they have 512 KiB at most: ERR_TOO_LARGE. */
enum err deliveries_put(struct clickhouse *clickhouse, struct arena *arena,
    const struct delivery_record *list, size_t count, struct fail *fail) MUST_CHECK;
/* Asks for these bookings' leases, each of which is granted or not by the order of the log: see
 * duties_lease(). */
enum err deliveries_lease(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    const struct uuid *owner, struct fail *fail) MUST_CHECK;
/* Gives them back. */
enum err deliveries_release(struct clickhouse *clickhouse, struct arena *arena,
    const struct ids *ids, const struct uuid *owner, struct fail *fail) MUST_CHECK;

/* What became of a booking's mails, for who tells its prospect. */
enum mail_fate {
	MAIL_OPEN,    /* that of this version is still to leave, or is tried again */
	MAIL_ARRIVED, /* it was delivered */
	MAIL_UNSURE,  /* nobody will ever tell */
	MAIL_FAILED,  /* it is given up, but another was delivered before: the address is right */
	MAIL_REFUSED, /* it is given up, and none was ever delivered */
};
#define MAIL_FATES 5
/* "open", "arrived": as pages and JSON name it. */
const char *mail_fate_name(enum mail_fate fate);
/* Reads nothing but what the workers' user may: not the mails themselves. */
enum err deliveries_fate(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, enum mail_fate *out,
    struct fail *fail) MUST_CHECK;

/* The detail of a due mail that the operator has sent once more. One that is due out of the spool
 * may be recorded twice, by a courier that was killed in between, and stays the one mail that it
 * is. */
#define DELIVERY_AGAIN "the operator has it sent once more"
/* Each row of the log, and when its duty was last made due so. */
#define DELIVERIES_SINCE_DUE                                                                       \
	"SELECT *, maxIf(at, state = 'due' AND detail = '" DELIVERY_AGAIN "')"                     \
	" OVER (PARTITION BY booking_id, version, duty) AS again"                                  \
	" FROM deliveries"

/* What was kept with a duty, since when: text NULL when there is nothing. */
struct delivery_payload {
	const char *text;
	int64_t since_ms;
	bool is_again; /* the operator had it sent once more */
};
/* The first that was kept counts, for every courier, whatever was kept beside it; but what was kept
 * before the operator had it sent once more does not. */
enum err deliveries_payload(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct delivery *delivery, struct delivery_payload *out,
    struct fail *fail) MUST_CHECK;

/*
 * Writes the log anew, into a table of its own numbers: after a restore new rows would be numbered
 * below the old ones, and no courier would ever see them. What was last recorded of each duty and
 * the bytes that are kept with it stand there as before; leases do not. No courier may run.
 */
enum err deliveries_rebuild(
    struct clickhouse *clickhouse, struct arena *arena, struct fail *fail) MUST_CHECK;

#endif
