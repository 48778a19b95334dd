/* SPDX-License-Identifier: MIT */
/* server_trial.h: tries the one property of the server that the ledger stands on */
#ifndef STORE_SERVER_TRIAL_H
#define STORE_SERVER_TRIAL_H

#include "store/clickhouse.h"

struct server_trial_result {
	unsigned appended, reads;
};

/*
 * On a scratch table of the ledger's kind, made and dropped here, several writers append single
 * rows and several readers read, all at once, for duration_ms. Then: a read that saw number n saw
 * every row whose number is below n; every acknowledged row is there once; no number stands twice.
 * ERR_LEDGER: the server does not keep that order, and must not be used. Else what
 * clickhouse_judge() says.
 */
enum err server_trial_try(struct clickhouse *clickhouse, struct arena *arena, int64_t duration_ms,
    struct server_trial_result *out, struct fail *fail) MUST_CHECK;

/*
 * The server's version, "26.7.2.1". ERR_SCHEMA: it is older than 25.5, the first that has
 * _part_starting_offset, by which a reader sees that the ledger's rows are those that it knows.
 */
enum err server_trial_version(
    struct clickhouse *clickhouse, struct arena *arena, char **out, struct fail *fail) MUST_CHECK;

/* Whether the tests have run on a server of this version or an older one. */
#define TRIED_OLDEST "26.7"
bool server_trial_is_tried(const char *version);

/* Whether the server lets this user read every row that its tables have. ERR_GARBLED: it does not;
 * else what clickhouse_ask() says. */
enum err server_trial_whole(
    struct clickhouse *clickhouse, struct arena *arena, struct fail *fail) MUST_CHECK;

#endif
