/* SPDX-License-Identifier: MIT */
/* ledger.c: starts a new ledger from the bookings that stand */
#include "ctl/ctl.h"
#include "net/rebuild.h"

#include <stdio.h>
#include <string.h>

int ctl_ledger(const char *conf_path, int argc, char **argv)
{
	struct rebuild_result result;
	struct fail fail;
	struct ctl ctl;
	int status = 0;

	if (argc != 2 || strcmp(argv[1], "rebuild") != 0) {
		fprintf(stderr, "usage: slotguardctl %s rebuild\n", argv[0]);
		return 2;
	}
	if (ctl_open(conf_path, &ctl))
		return 1;
	if (rebuild_ledger(ctl.upstream.clickhouse, ctl.arena, &result, &fail))
		status = ctl_fail(&fail);
	else
		printf("a new ledger with %u calls and %u bookings without one; the old one is "
		       "kept as %s\n"
		       "now start the workers and the courier again\n",
		    result.live, result.ended, result.kept);
	ctl_close(&ctl);
	return status;
}
