/* SPDX-License-Identifier: MIT */
/* formers.h: the briefs that a form was sent with before, which its newest takes the place of */
#ifndef WEB_FORMERS_H
#define WEB_FORMERS_H

#include "web/visit.h"

/* The form that a brief came with, by its token. */
struct origin {
	struct uuid name;
	int64_t made_ms; /* 0: it came with none */
};

/*
 * Whoever knows an id may read, move and cancel what is booked under it, so no id ever stands for
 * another text than the one it was made with: it follows from what was typed, and from the form, or
 * the booking, that it came after. Texts: as struct brief has them.
 */
struct uuid formers_name(
    const struct visit *visit, const struct uuid *before, const char *const *texts);

/*
 * Nobody is reminded of what they have corrected, which may be the address: what the form was sent
 * with before is marked as superseded, in the store and in the spool. What shares neither the name
 * nor the person nor the text with the newest is no correction, and stays. What clickhouse_ask()
 * says; of the spool nothing, since the newest is to be kept whatever became of the others.
 */
enum err formers_supersede(
    struct visit *visit, const struct origin *origin, const struct lead *newest) MUST_CHECK;
void formers_supersede_spooled(
    const struct visit *visit, const struct origin *origin, const struct lead *newest);

#endif
