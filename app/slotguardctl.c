/* SPDX-License-Identifier: MIT */
/* slotguardctl.c: the operator's tool: a table of subcommands, one file each */
#include "base/secret.h"
#include "ctl/ctl.h"

#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct ctl_command *const commands[] = {
    &ctl_list,
    &ctl_show,
    &ctl_cancel,
    &ctl_move,
    &ctl_block,
    &ctl_unblock,
    &ctl_block_address,
    &ctl_why,
    &ctl_preview,
    &ctl_stats,
    &ctl_export,
    &ctl_erase,
    &ctl_check,
    &ctl_migrate,
    &ctl_ledger,
    &ctl_google,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *to, int status)
{
	fputs("usage: slotguardctl [-c FILE] COMMAND [ARGUMENT ...] [OPTION ...]\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->help);
	fputs("  -c FILE    the configuration (default " CONF_FILE ")\n"
	      "`slotguardctl COMMAND --help` lists a command's options.\n"
	      "Exit status: 0 done, 1 a fault, 2 wrong usage, 3 not found, 4 the outcome is not "
	      "known,\n5 refused as things stand.\n",
	    to);
	return status;
}

int main(int argc, char **argv)
{
	const char *conf_path = CONF_FILE;
	int option;

	secret_guard_process();
	/* How wide characters are, whatever the language of the terminal. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, CTL_DONE);
	while ((option = getopt(argc, argv, "+c:h")) != -1) {
		if (option != 'c')
			return usage(
			    option == 'h' ? stdout : stderr, option == 'h' ? CTL_DONE : CTL_USAGE);
		conf_path = optarg;
	}
	if (optind == argc)
		return usage(stderr, CTL_USAGE);
	if (sodium_init() < 0)
		return ctl_say(CTL_FAULT, "libsodium cannot be initialised");
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[optind], commands[i]->name) == 0)
			return ctl_main(commands[i], conf_path, argc - optind, argv + optind);
	ctl_say(CTL_USAGE, "there is no command %s", argv[optind]);
	return usage(stderr, CTL_USAGE);
}
