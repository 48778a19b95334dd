/* SPDX-License-Identifier: MIT */
/* past.h: what a person has sent, booked and been told beside a booking at hand */
#ifndef STORE_PAST_H
#define STORE_PAST_H

#include "core/lead.h"
#include "store/clickhouse.h"

/*
 * A person is an address in its normal form (store/people.h). A day is the last 24 hours by the
 * store's clock.
 */
struct past {
	/* Of the person's other briefs: */
	bool is_again;	 /* one came before */
	bool is_repeat;	 /* one with the very content came in the day before, of which the operator
			  * was told, or is yet: see is_doubled */
	bool is_doubled; /* one with the very content stands, as no other has taken its place */
	bool is_superseded; /* one with another content came later */
	bool has_call;	    /* one has a call, or has had one since this brief came */
	bool was_nudged;    /* one was reminded of its slot in the last day */
	/* Of all of them, this one too: */
	bool was_held;	 /* the operator was told in the last day that mails wait */
	uint64_t mails;	 /* that may have arrived in the last day */
	int64_t free_ms; /* when there is room again in a day's limit; 0: there is now */
};

/* limit: of mails a day, 0 for none. Whole rows only, as their content is compared. What
 * clickhouse_ask() says, or ERR_GARBLED. */
enum err past_ask(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    uint64_t limit, struct past *out, struct fail *fail) MUST_CHECK;

#endif
