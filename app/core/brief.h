/* SPDX-License-Identifier: MIT */
/* brief.h: what a prospect submits, and what is wrong with it */
#ifndef CORE_BRIEF_H
#define CORE_BRIEF_H

#include "core/address.h"
#include "core/form.h"
#include "core/lead.h"
#include "base/view.h"

/* The fields, and how long each may be: in characters, an address in bytes (core/lead.h). */
#define BRIEF_FIELD(AS, field, member, column, title, of, part, max, must, lines) BRIEF_##field,
enum brief_field { LEAD_TYPED(BRIEF_FIELD, ) BRIEF_FIELDS };
#define BRIEF_FIELD_MAX(AS, field, member, column, title, of, part, max, must, lines)              \
	BRIEF_##field##_MAX = (max),
enum { LEAD_TYPED(BRIEF_FIELD_MAX, ) };

enum brief_fault {
	BRIEF_FINE,
	BRIEF_MISSING,
	BRIEF_TOO_LONG,
	BRIEF_INVALID,	 /* no e-mail address */
	BRIEF_CHARACTER, /* an address with a character that none has: see struct brief */
	BRIEF_BLANK,	 /* the same, which nobody sees between quotes */
};

/*
 * The texts as they will be kept: made plain and tidy (core/plain.h), the address as address_read()
 * reads it. Never NULL.
 */
struct brief {
	const char *values[BRIEF_FIELDS];
	enum brief_fault faults[BRIEF_FIELDS];
	const char *character; /* of BRIEF_CHARACTER and BRIEF_BLANK; else NULL */
};

/* A field's name in forms and JSON: "timeframe". */
const char *brief_field_name(enum brief_field field);
/* "missing", "too_long", "invalid", "character", "blank": for the message catalogue; NULL for
 * BRIEF_FINE. */
const char *brief_fault_name(enum brief_fault fault);

/* Reads and judges the address alone: its value and, of BRIEF_CHARACTER, the character. */
enum brief_fault brief_read_email(struct arena *arena, const char *given, struct brief *out);

/* Makes what was typed into fields of one line fit to stand among our own words, each no longer
 * than the form takes it (core/plain.h). False: the arena is full. */
bool brief_plain_lines(struct arena *arena, struct lead *lead);
/* Gives templates the same fields under their names. */
void brief_view(struct view *view, struct lead *lead);

/* Reads and judges. True: every field is fine. On an arena overflow the values are "". */
bool brief_read(struct arena *arena, const struct form *form, struct brief *out);

#endif
