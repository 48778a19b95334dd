/* SPDX-License-Identifier: MIT */
/* data_subject.h: everything that is kept of one person, to be shown, handed out and erased */
#ifndef DESK_DATA_SUBJECT_H
#define DESK_DATA_SUBJECT_H

#include "core/delivery.h"
#include "store/leads.h"
#include "desk/upstream.h"

struct person_list {
	struct uuid *bookings;
	size_t count;
};

/*
 * The bookings of an e-mail address, however its ASCII letters are written. The query bears the
 * address's hash, so that the server's query log has nothing else of it.
 */
enum err person_find(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    struct person_list *out, struct fail *fail) MUST_CHECK;

/* One record of the couriers' log. Everything is as the table has it. */
struct person_delivery {
	int64_t at_ms, until_ms;
	uint64_t version;
	unsigned attempt;
	const char *duty, *state, *detail;
	const char *payload; /* the exact bytes that were sent, or "" */
};

struct person_deliveries {
	struct person_delivery *list;
	size_t count;
};

/* In the log's order, leases aside. */
enum err person_deliveries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct person_deliveries *out, struct fail *fail) MUST_CHECK;

/* A brief in this machine's spool, and its file's name. */
struct person_file {
	struct person_file *next;
	const char *name;
	bool is_readable; /* the lead is filled */
	struct lead lead;
};

/*
 * Files of the spool that belong to any of these bookings or bear this address (may be NULL); to
 * others they are not. unread counts damaged files whose name says nothing.
 */
enum err person_spool(const char *dir, struct arena *arena, const struct person_list *bookings,
    const char *email, struct person_file **out, unsigned *unread, struct fail *fail) MUST_CHECK;
enum err person_unspool(
    const char *dir, const struct person_file *files, struct fail *fail) MUST_CHECK;

/* Keeps the couriers of this machine off the spool; -1: it is in use. Given back by closing it. */
int person_lock_spool(const char *dir);

/*
 * No courier works at the booking after this, until the lease passes: what one had begun is done.
 * ERR_BUSY: a courier kept it for longer than a lease is long.
 */
enum err person_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail) MUST_CHECK;

/*
 * Takes what is below this version out of the tables for good: rows and records are rewritten
 * without it before this returns; the server keeps the files it replaced for some minutes.
 * *left: how many rows with somebody's words are still there; 0 unless one was written meanwhile.
 */
enum err person_purge(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, uint64_t *left, struct fail *fail) MUST_CHECK;

/* Deletes every event of the booking. *count: how many there were. */
enum err person_unlist(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    int64_t deadline, size_t *count, struct fail *fail) MUST_CHECK;

#endif
