/* SPDX-License-Identifier: MIT */
/* brief.h: what a prospect submits, and what is wrong with it */
#ifndef CORE_BRIEF_H
#define CORE_BRIEF_H

#include "core/form.h"

/* Lengths in characters; an address in bytes (RFC 5321, section 4.5.3.1). */
#define BRIEF_NAME_MAX 100
#define BRIEF_EMAIL_MAX 254
#define BRIEF_COMPANY_MAX 100
#define BRIEF_TEXT_MAX 5000
#define BRIEF_LINE_MAX 100 /* the budget and the time frame */

enum brief_field {
	BRIEF_NAME,
	BRIEF_EMAIL,
	BRIEF_COMPANY,
	BRIEF_TEXT,
	BRIEF_BUDGET,
	BRIEF_TIMEFRAME,
};
#define BRIEF_FIELDS 6

enum brief_fault {
	BRIEF_FINE,
	BRIEF_MISSING,
	BRIEF_TOO_LONG,
	BRIEF_INVALID, /* no e-mail address; control characters in a line */
};

/* The texts as they will be kept: white space trimmed, line ends are "\n". Never NULL. */
struct brief {
	const char *values[BRIEF_FIELDS];
	enum brief_fault faults[BRIEF_FIELDS];
};

/* The fields' names in forms and JSON: "name", "email", "company", "brief",
 * "budget", "timeframe". */
const char *brief_field_name(enum brief_field field);
/* "missing", "too_long", "invalid": for the message catalogue; NULL for BRIEF_FINE. */
const char *brief_fault_name(enum brief_fault fault);

/* Reads and judges. True: every field is fine. On an arena overflow the values are "". */
bool brief_read(struct arena *arena, const struct form *form, struct brief *out);

/* What browsers accept as an e-mail address (HTML, section 4.10.5.1.5), with a dot in its domain.
 */
bool brief_is_email(const char *text);

#endif
