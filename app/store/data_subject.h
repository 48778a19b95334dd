/* SPDX-License-Identifier: MIT */
/* data_subject.h: everything that is kept of one person, to be shown, handed out and erased */
#ifndef STORE_DATA_SUBJECT_H
#define STORE_DATA_SUBJECT_H

#include "store/leads.h"

struct data_subject_list {
	struct uuid *bookings;
	size_t count;
};

bool data_subject_has(const struct data_subject_list *list, const struct uuid *booking);

/*
 * The bookings of an e-mail address, however its ASCII letters are written. The query bears the
 * address's hash, so that the server's query log has nothing else of it.
 */
enum err data_subject_find(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    struct data_subject_list *out, struct fail *fail) MUST_CHECK;

/*
 * What an erasure of the address leaves: the bookings of its person under another spelling
 * (store/people.h), and those that a mail to the address is kept with, though their address is
 * another now. Those of the list are left out.
 */
enum err data_subject_beside(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    const struct data_subject_list *known, struct data_subject_list *out,
    struct fail *fail) MUST_CHECK;

/* One record of the couriers' log. Everything is as the table has it. */
struct data_subject_delivery {
	int64_t at_ms, until_ms;
	uint64_t version;
	unsigned attempt;
	const char *duty, *state, *detail;
	const char *payload; /* the exact bytes that were sent, or "" */
};

struct data_subject_deliveries {
	struct data_subject_delivery *list;
	size_t count;
};

/* In the log's order, leases aside. */
enum err data_subject_deliveries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct data_subject_deliveries *out, struct fail *fail) MUST_CHECK;

/* A brief in this machine's spool, and its file's name. */
struct data_subject_file {
	struct data_subject_file *next;
	const char *path, *name;
	bool is_readable; /* the lead is filled */
	struct lead lead;
};

struct data_subject_files {
	struct data_subject_file *list;
	unsigned unread; /* damaged ones whose name says nothing */
};

/*
 * Files of the spool that belong to any of these bookings or bear this address (may be NULL).
 */
enum err data_subject_spool(const char *dir, struct arena *arena,
    const struct data_subject_list *bookings, const char *email, struct data_subject_files *out,
    struct fail *fail) MUST_CHECK;

/* Whether the user may do all that an erasure does, from the lease to the purge: rights_need()'s.
 */
enum err data_subject_may_erase(struct clickhouse *clickhouse, struct arena *arena,
    const struct conf *conf, struct fail *fail) MUST_CHECK;

/*
 * No courier works at the booking after this, until the lease passes: what one had begun is done.
 * ERR_BUSY: it was not given back, nor passed, within the length of two.
 */
enum err data_subject_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail) MUST_CHECK;

/*
 * Takes rows below this version, and records of any other, out of the tables for good: both are
 * rewritten without them before this returns; the server keeps the files it replaced for some
 * minutes. *left: how many rows with somebody's words are still there; 0 unless one was written
 * meanwhile.
 */
enum err data_subject_purge(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, uint64_t *left, struct fail *fail) MUST_CHECK;

#endif
