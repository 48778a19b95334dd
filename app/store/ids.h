/* SPDX-License-Identifier: MIT */
/* ids.h: a query about many bookings at once */
#ifndef STORE_IDS_H
#define STORE_IDS_H

#include "base/arena.h"
#include "base/uuid.h"

#include <stddef.h>

/* More would come near to the longest query that ClickHouse takes (max_query_size). */
#define IDS_MAX 4000

struct ids {
	const struct uuid *list;
	size_t count;
};

/* before, the ids as a list in brackets, after: UUIDs need no escaping. There is at least one, and
 * IDS_MAX at most. NULL: no memory. */
const char *ids_sql(
    struct arena *arena, const char *before, const struct ids *ids, const char *after);

#endif
