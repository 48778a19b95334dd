/* SPDX-License-Identifier: MIT */
/* ical_call.h: the event of a call, as somebody left it in a calendar (RFC 5545) */
#ifndef READ_ICAL_CALL_H
#define READ_ICAL_CALL_H

#include "core/interval.h"

#include <stdbool.h>
#include <stddef.h>

struct ical_call {
	/* Where the call stands; then where its event does. Empty: the event has no time of day, or
	 * none that is understood. */
	struct interval call;
	bool is_deleted; /* it was cancelled, and has no time */
};

/* Reads the event's calendar. Of one that somebody made recur the occurrence counts that is the
 * call's. zone: of times that name none, an IANA name. */
void ical_call_read(const char *text, const char *zone, struct ical_call *call);

#endif
