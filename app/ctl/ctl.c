/* SPDX-License-Identifier: MIT */
/* ctl.c: what the subcommands share */
#include "ctl/ctl.h"

#include <stdio.h>

enum err ctl_open(const char *conf_path, struct ctl *out)
{
	struct ctl ctl = {.arena = arena_new(64 * 1024 * 1024)};
	struct fail fail;
	enum err err = ERR_NONE;

	if (!ctl.arena)
		err = fail_set(&fail, ERR_SYSTEM, "ctl", "no memory");
	if (!err)
		err = conf_load(conf_path, NULL, &ctl.conf, &fail);
	if (!err)
		err = upstream_open(ctl.conf, NULL, &ctl.upstream, &fail);
	if (err) {
		ctl_close(&ctl);
		ctl_fail(&fail);
		return err;
	}
	*out = ctl;
	return ERR_NONE;
}

void ctl_close(struct ctl *ctl)
{
	upstream_close(&ctl->upstream);
	conf_free(ctl->conf);
	arena_free(ctl->arena);
}

int ctl_fail(const struct fail *fail)
{
	fprintf(stderr, "slotguardctl: %s\n", fail->detail);
	return 1;
}
