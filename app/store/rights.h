/* SPDX-License-Identifier: MIT */
/* rights.h: what the database lets this program's user do */
#ifndef STORE_RIGHTS_H
#define STORE_RIGHTS_H

#include "store/clickhouse.h"

#include <stdbool.h>

/* Whether it may write into the ledger. What clickhouse_ask() says, or ERR_GARBLED. */
enum err rights_may_append(
    struct clickhouse *clickhouse, struct arena *arena, bool *out, struct fail *fail) MUST_CHECK;

#endif
