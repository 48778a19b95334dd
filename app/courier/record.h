/* SPDX-License-Identifier: MIT */
/* record.h: what was done and what was not, in the log and in memory */
#ifndef COURIER_RECORD_H
#define COURIER_RECORD_H

#include "courier/state.h"

/* How a duty went. */
struct outcome {
	enum err err;
	struct fail fail;
	int64_t retry_s;  /* the service named a time to come back; 0: none */
	bool may_be_done; /* whatever this try came to */
	bool is_last;	  /* no further try can tell, nor would it be safe */
};

/* A record of this state. payload may be "". */
struct delivery_record record_of(const struct courier *courier, const struct agenda_item *item,
    const struct delivery *delivery, const char *payload);
/* Puts records into log and memory, all or none. */
enum err record_put_all(struct courier *courier, const struct delivery_record *list, size_t count,
    struct fail *fail) MUST_CHECK;
/* The same of one. */
enum err record_put(struct courier *courier, struct agenda_item *item,
    const struct delivery *delivery, const char *payload, struct fail *fail) MUST_CHECK;
/*
 * Records how duties went that went alike, ALERTS_MAX at most, in the log and in memory. ERR_NONE:
 * done. ERR_REFUSED and ERR_TOO_LARGE are for good and so is the last try, and the operator is told
 * once; anything else is tried again after a back-off, or when the service said. ERR_STOPPING is
 * left as it was. Model: step `record`.
 */
void record_outcomes(
    struct courier *courier, const struct owed *list, size_t count, const struct outcome *outcome);
/* The same of one. */
void record_outcome(struct courier *courier, struct agenda_item *item, enum duty duty,
    uint64_t version, const struct outcome *outcome);
/* What could not be recorded then is recorded now, before anything else is done. */
enum err record_late(struct courier *courier, struct fail *fail) MUST_CHECK;

#endif
