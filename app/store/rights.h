/* SPDX-License-Identifier: MIT */
/* rights.h: what the database lets this program's user do */
#ifndef STORE_RIGHTS_H
#define STORE_RIGHTS_H

#include "store/clickhouse.h"

#include <stdbool.h>

/* Whether it may write into the ledger. What clickhouse_ask() says, or ERR_GARBLED. */
enum err rights_may_append(
    struct clickhouse *clickhouse, struct arena *arena, bool *out, struct fail *fail) MUST_CHECK;

/* One that a command needs, as GRANT writes it. */
struct right {
	const char *what; /* "SELECT, INSERT"; NULL past the last */
	const char *on;	  /* a table of the database, or "*" for all that are and will be there */
	bool is_of_database; /* else on is "system.tables", or a table engine */
};

/*
 * Whether the user has all of them, the database being there or not. ERR_AUTH: no; the detail is a
 * sentence with the server's address, the user and the grants that are missing. Else as above.
 */
enum err rights_need(struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf,
    const struct right *rights, struct fail *fail) MUST_CHECK;

#endif
