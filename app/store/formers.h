/* SPDX-License-Identifier: MIT */
/* formers.h: the briefs that a form was sent with before, which its newest takes the place of */
#ifndef STORE_FORMERS_H
#define STORE_FORMERS_H

#include "store/leads.h"

/*
 * Whoever knows an id may read, move and cancel what is booked under it, so no id ever stands for
 * another text than the one it was made with: it follows from what was typed and from the secret of
 * the form it was typed into (lead->form), which also tells what else the form was sent with. A
 * brief whose place was taken, and which is sent again, goes on under the id that follows from the
 * one before; NULL: there is none.
 */
struct uuid formers_name(const struct lead *lead, const struct uuid *before);
/* The same of a brief that goes to the spool, since whoever sent it before knows the other id. */
struct uuid formers_name_spooled(const struct lead *lead, const struct uuid *id);

/*
 * Nobody is reminded of what they have corrected, which may be the address. Once a brief is in the
 * store, all that its form was sent with before is marked as superseded there; or the brief itself,
 * when it waited and a newer one was faster. So the newest stays, whoever stores which first. What
 * shares neither the name nor the person nor the text with it is no correction, and stays, too.
 * What clickhouse_ask() says.
 */
enum err formers_settle(struct clickhouse *clickhouse, struct arena *arena, struct lead *lead,
    struct fail *fail) MUST_CHECK;

/* The same of what waits in the spool before it. A file that cannot be read or written stays as it
 * is: the brief is settled once more when it is taken out. ERR_SYSTEM: one was not. */
enum err formers_settle_spooled(
    const char *dir, const struct lead *newest, struct fail *fail) MUST_CHECK;

#endif
