/* SPDX-License-Identifier: MIT */
/* local_time.h: instants in the zone of whoever reads them */
#ifndef WEB_LOCAL_TIME_H
#define WEB_LOCAL_TIME_H

#include "web/visit.h"

/*
 * The zone of this name; NULL when it is the business's, when none is named, and after a failure,
 * which is zone_file_load()'s. The caller frees it.
 */
enum err local_time_zone(const struct visit *visit, const char *name, struct zone **own) MUST_CHECK;

/* What a zone is called: [zone] America/New_York of the catalogue, else the end of its name, "New
 * York". */
const char *local_time_city(const struct visit *visit, const struct zone *zone);

/* Adds slot (the wire form), day, time, time_zone and the zone's city to a view. */
void local_time_view(
    const struct visit *visit, struct view *view, const struct zone *zone, int64_t utc);

#endif
