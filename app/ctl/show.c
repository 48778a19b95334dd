/* SPDX-License-Identifier: MIT */
/* show.c: the whole history of a booking: its row, its entries with their verdicts, its deliveries
 */
#include "ctl/edit.h"
#include "ctl/history.h"

#include <stdio.h>

static int run(struct ctl *ctl)
{
	struct history history;
	struct booking booking;
	struct fail fail;
	int status;

	if ((status = edit_find(ctl, &booking)))
		return status;
	if (history_read(ctl, &booking, false, &history, &fail))
		return ctl_fail(&fail);
	if (ctl->is_json) {
		print_json(ctl->arena, history_json(&history));
		return CTL_DONE;
	}
	table_print_record(history.row);
	puts("\nLedger");
	if (table_rows(history.entries))
		table_print(history.entries);
	else
		puts("no entry");
	puts("\nDeliveries");
	if (table_rows(history.deliveries))
		table_print(history.deliveries);
	else
		puts("none");
	return CTL_DONE;
}

const struct ctl_command ctl_show = {
    .name = "show",
    .words = "ID",
    .help = "the whole history of a booking or a block",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run,
};
