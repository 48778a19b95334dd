/* SPDX-License-Identifier: MIT */
/* ledger.c: starts a new ledger from the bookings that stand */
#include "base/roll.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "desk/pools.h"
#include "store/deliveries.h"
#include "store/rebuild.h"
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

static void print(const struct ctl *ctl, const struct rebuild_result *result, bool is_dry)
{
	struct json_object *document;

	if (!ctl->is_json) {
		printf("%s with %u call%s and %u booking%s without one; %u block%s",
		    is_dry ? "it would be a new ledger" : "a new ledger", result->live,
		    print_plural(result->live), result->ended, print_plural(result->ended),
		    result->blocks, print_plural(result->blocks));
		if (is_dry)
			puts("; nothing was changed");
		else
			printf("; the old one is kept as %s\n", result->kept);
		if (result->carried)
			printf("%u command%s had no row yet: the courier supplies what follows\n",
			    result->carried, print_plural(result->carried));
		if (result->doubtful)
			printf("in doubt were:\n%s", result->doubts);
		if (!is_dry)
			puts("now start the workers and the courier again");
		return;
	}
	document = json_new();
	json_add_integer(document, "calls", result->live);
	json_add_integer(document, "ended", result->ended);
	json_add_integer(document, "blocks", result->blocks);
	json_add_integer(document, "carried", result->carried);
	json_add_integer(document, "doubtful", result->doubtful);
	json_add_text(document, "kept", is_dry ? NULL : result->kept);
	json_add_flag(document, "dry_run", is_dry);
	print_json(ctl->arena, document);
}

/* Workers would go on by the old ledger, and refuse every click until they are restarted; what a
 * courier notes meanwhile would be lost. */
static bool somebody_runs(const struct conf *conf)
{
	return pool_count(conf, POOL_PAGES) || pool_count(conf, POOL_CLICKS) ||
	       roll_count(conf->site.runtime_dir, ROLL_COURIER);
}

static int run(struct ctl *ctl)
{
	const char *doubtful = ctl_option(ctl, "doubtful");
	enum rebuild_doubts doubts = REBUILD_ASK;
	bool is_dry = ctl_option(ctl, "dry-run");
	struct rebuild_result result;
	struct fail fail;

	if (strcmp(ctl->words[0], "rebuild") != 0)
		return ctl_usage(
		    ctl, "what can be done to a ledger is rebuild, and not %s", ctl->words[0]);
	if (doubtful && strcmp(doubtful, "hold") == 0)
		doubts = REBUILD_HOLD;
	else if (doubtful && strcmp(doubtful, "drop") == 0)
		doubts = REBUILD_DROP;
	else if (doubtful)
		return ctl_usage(ctl, "--doubtful is hold or drop, and not %s", doubtful);
	if (!is_dry && !ctl_option(ctl, "yes") && somebody_runs(ctl->conf))
		return ctl_say(CTL_REFUSED,
		    "workers or a courier are running, and workers would refuse every click "
		    "afterwards: stop them first (`systemctl stop slotguard.target`), or say "
		    "--yes and restart them");
	/* A backup may be of before an upgrade. */
	if (rebuild_may(ctl->upstream.clickhouse, ctl->arena, ctl->conf, &fail) ||
	    schema_check(ctl->upstream.clickhouse, ctl->arena, &fail))
		return ctl_fail(&fail);
	if (!is_dry && !ctl_option(ctl, "yes") &&
	    !ctl_is_agreed("Make a new ledger of what stands? On no machine may a worker or a "
			   "courier run."))
		return ctl_say(CTL_REFUSED, "nothing was done");
	if (rebuild_ledger(ctl->upstream.clickhouse, ctl->arena, doubts, is_dry, &result, &fail)) {
		if (result.doubtful)
			fputs(result.doubts, stderr);
		return ctl_fail(&fail);
	}
	if (!is_dry && deliveries_rebuild(ctl->upstream.clickhouse, ctl->arena, &fail))
		return ctl_say(CTL_FAULT,
		    "the new ledger stands, and the old one is kept as %s, but the log of "
		    "deliveries is not built yet (%s): run this again before anything is started",
		    result.kept, fail.detail);
	print(ctl, &result, is_dry);
	return CTL_DONE;
}

const struct ctl_command ctl_ledger = {
    .name = "ledger",
    .words = "rebuild",
    .help = "after a RESTORE: start a new ledger from what stands",
    .least = 1,
    .most = 1,
    .run = run,
    .options =
	{
	    {"dry-run", NULL, "say what would stand in it, and change nothing"},
	    {"yes", NULL, "do not ask, and although workers of this machine are running"},
	    {"doubtful", "ANSWER",
		"hold or drop: a click of which no trace tells whether it was accepted"},
	},
};
