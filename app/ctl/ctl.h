/* SPDX-License-Identifier: MIT */
/* ctl.h: the subcommands of slotguardctl */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "base/err.h"
#include "net/upstream.h"

/* argv[0] is the subcommand. Returns the exit status: 0, 1 or 2. */
typedef int ctl_command(const char *conf_path, int argc, char **argv);

ctl_command ctl_migrate, ctl_check, ctl_ledger;

/* What a subcommand works with. */
struct ctl {
	struct conf *conf;
	struct upstream upstream;
	struct arena *arena;
};

/* Reads the configuration; on a failure prints the sentence and returns it. */
enum err ctl_open(const char *conf_path, struct ctl *out) MUST_CHECK;
void ctl_close(struct ctl *ctl);

/* Prints `slotguardctl: DETAIL` on stderr and returns 1. */
int ctl_fail(const struct fail *fail);

/* The migrations, in the order of their versions, which count from 1; text NULL past the last. */
struct migration {
	const char *name, *text;
};
extern const struct migration ctl_migrations[];

#endif
