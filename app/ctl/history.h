/* SPDX-License-Identifier: MIT */
/* history.h: everything that is kept of one booking, as tables */
#ifndef CTL_HISTORY_H
#define CTL_HISTORY_H

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "desk/report.h"

struct history {
	struct table *row, *entries, *deliveries;
};

/* with_payload: the mails as they were sent, too. */
enum err history_read(struct ctl *ctl, const struct booking *booking, bool with_payload,
    struct history *out, struct fail *fail) MUST_CHECK;

/* A table of these columns and then the texts of leads, in the order of lead_texts. */
struct table *history_lead_table(struct ctl *ctl, const struct column *first, size_t count);

/* {"booking":{…},"ledger":[…],"deliveries":[…]} */
struct json_object *history_json(const struct history *history);

#endif
