/* SPDX-License-Identifier: MIT */
/* ics.h: an invitation that calendars accept (RFC 5545, RFC 5546) */
#ifndef CORE_ICS_H
#define CORE_ICS_H

#include "base/text.h"
#include "base/uuid.h"
#include "core/interval.h"

struct ics {
	struct uuid booking; /* the UID, for as long as the booking lives */
	const char *uid;     /* in its place, of an event that stands in a calendar; or NULL */
	uint64_t sequence;   /* rises with every change of the booking */
	bool is_cancelled;   /* METHOD:CANCEL, else METHOD:REQUEST */
	bool is_published;   /* METHOD:PUBLISH: a copy for a calendar, which nobody answers */
	struct interval call;
	int64_t stamp;	       /* when this was said, UTC */
	const char *domain;    /* of the UID: the site's host name */
	const char *organizer; /* an e-mail address, or "" */
	const char *organizer_name;
	const char *attendee, *attendee_name;
	const char *summary, *description, *url, *location; /* url, location: "" for none */
};

/* Appends the document: CRLF, lines folded at 75 octets and never inside a character. The texts may
 * hold anything; line breaks, separators and quotes are escaped, other controls left out. In
 * addresses what is no part of a URI is percent-encoded. */
void ics_write(const struct ics *ics, struct text *out);

#endif
