/* SPDX-License-Identifier: MIT */
/* ledger.c: starts a new ledger from the bookings that stand */
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "net/deliveries.h"
#include "net/rebuild.h"

#include <stdio.h>
#include <string.h>

static int run(struct ctl *ctl)
{
	struct rebuild_result result;
	struct json_object *document;
	struct fail fail;

	if (strcmp(ctl->words[0], "rebuild") != 0)
		return ctl_usage(ctl);
	if (rebuild_ledger(ctl->upstream.clickhouse, ctl->arena, &result, &fail) ||
	    deliveries_rebuild(ctl->upstream.clickhouse, ctl->arena, &fail))
		return ctl_fail(&fail);
	if (!ctl->is_json) {
		printf("a new ledger with %u calls and %u bookings without one; %u blocks; the old "
		       "one is kept as %s\n"
		       "now start the workers and the courier again\n",
		    result.live, result.ended, result.blocks, result.kept);
		return CTL_DONE;
	}
	document = json_new();
	json_add_integer(document, "calls", result.live);
	json_add_integer(document, "ended", result.ended);
	json_add_integer(document, "blocks", result.blocks);
	json_add_text(document, "kept", result.kept);
	print_json(ctl->arena, document);
	return CTL_DONE;
}

const struct ctl_command ctl_ledger = {
    .name = "ledger",
    .words = "rebuild",
    .help = "after a RESTORE: start a new ledger from the bookings that stand",
    .least = 1,
    .most = 1,
    .run = run,
};
