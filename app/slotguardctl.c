/* SPDX-License-Identifier: MIT */
/* slotguardctl.c: the operator's tool: a table of subcommands, one file each */
#include "base/log.h"
#include "ctl/ctl.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *help;
	ctl_command *run;
} commands[] = {
    {"migrate", "bring the database's schema up to this program's version", ctl_migrate},
    {"check", "ask every part whether it is well, and say what to do", ctl_check},
    {"ledger", "rebuild: start a new ledger from the bookings that stand", ctl_ledger},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *to, int status)
{
	fputs("usage: slotguardctl [-c FILE] COMMAND [ARGUMENT ...]\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("  -c FILE    the configuration (default " CONF_FILE ")\n"
	      "Exit status: 0 all is well, 1 something is not, 2 wrong usage.\n",
	    to);
	return status;
}

int main(int argc, char **argv)
{
	const char *conf_path = CONF_FILE;
	int option;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, EXIT_SUCCESS);
	while ((option = getopt(argc, argv, "+c:h")) != -1) {
		if (option != 'c')
			return usage(
			    option == 'h' ? stdout : stderr, option == 'h' ? EXIT_SUCCESS : 2);
		conf_path = optarg;
	}
	if (optind == argc)
		return usage(stderr, 2);
	if (sodium_init() < 0) {
		fputs("slotguardctl: libsodium cannot be initialised\n", stderr);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[optind], commands[i].name) == 0)
			return commands[i].run(conf_path, argc - optind, argv + optind);
	fprintf(stderr, "slotguardctl: there is no command %s\n", argv[optind]);
	return usage(stderr, 2);
}
