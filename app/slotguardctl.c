/* SPDX-License-Identifier: MIT */
/* slotguardctl.c: the operator's tool: a table of subcommands, one file each */
#include "base/file.h"
#include "base/secret.h"
#include "ctl/ctl.h"
#include "store/schema.h"

#include <getopt.h>
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
    &ctl_resend,
    &ctl_block,
    &ctl_unblock,
    &ctl_block_address,
    &ctl_why,
    &ctl_preview,
    &ctl_stats,
    &ctl_export,
    &ctl_erase,
    &ctl_check,
    &ctl_metrics,
    &ctl_migrate,
    &ctl_ledger,
    &ctl_google,
    &ctl_telegram,
};

#define WORD_MAX 32
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *to, int status)
{
	fputs("usage: slotguardctl [-c FILE] COMMAND [ARGUMENT ...] [OPTION ...]\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->help);
	fputs("  -c FILE    the configuration (default " CONF_FILE ")\n"
	      "  --version  this program's, and the schema's\n"
	      "`slotguardctl COMMAND --help` lists a command's options.\n"
	      "Exit status: 0 done, 1 a fault, 2 wrong usage, 3 not found, 4 the outcome is not "
	      "known,\n5 refused as things stand.\n",
	    to);
	return status;
}

/* How many letters have to be typed otherwise, added or left out to make one word of the other. */
static size_t distance(const char *one, const char *other)
{
	size_t row[WORD_MAX + 1], len = strlen(other), above, left;

	if (strlen(one) > WORD_MAX || len > WORD_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= len; i++)
		row[i] = i;
	for (; *one; one++) {
		above = row[0]++;
		for (size_t i = 1; i <= len; i++) {
			left = row[i];
			row[i] = above + (*one != other[i - 1]);
			if (row[i] > left + 1)
				row[i] = left + 1;
			if (row[i] > row[i - 1] + 1)
				row[i] = row[i - 1] + 1;
			above = left;
		}
	}
	return row[len];
}

/* One that begins so, or the nearest that is hardly another; NULL: none. */
static const char *meant(const char *word)
{
	size_t least = 3, found;
	const char *best = NULL;

	for (size_t i = 0; i < COMMANDS; i++) {
		found = distance(word, commands[i]->name);
		if (strlen(word) > 1 && strncmp(word, commands[i]->name, strlen(word)) == 0)
			found = 1;
		if (found < least && found < strlen(commands[i]->name)) {
			least = found;
			best = commands[i]->name;
		}
	}
	return best;
}

int main(int argc, char **argv)
{
	static const struct option words[] = {{"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	const char *conf_path = CONF_FILE;
	int option;

	file_hold_streams();
	secret_guard_process();
	/* How wide characters are, whatever the language of the terminal. */
	setlocale(LC_CTYPE, "C.UTF-8");
	while ((option = getopt_long(argc, argv, "+c:h", words, NULL)) != -1) {
		if (option == 'c') {
			conf_path = optarg;
		} else if (option == 'v') {
			puts("slotguardctl " PROGRAM_VERSION);
			return CTL_DONE;
		} else {
			return usage(
			    option == 'h' ? stdout : stderr, option == 'h' ? CTL_DONE : CTL_USAGE);
		}
	}
	if (optind == argc)
		return usage(stderr, CTL_USAGE);
	if (sodium_init() < 0)
		return ctl_say(CTL_FAULT, "libsodium cannot be initialised");
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[optind], commands[i]->name) == 0)
			return ctl_main(commands[i], conf_path, argc - optind, argv + optind);
	if (strcmp(argv[optind], "help") == 0)
		return usage(stdout, CTL_DONE);
	if (meant(argv[optind]))
		return ctl_say(CTL_USAGE, "there is no command %s; did you mean %s?", argv[optind],
		    meant(argv[optind]));
	ctl_say(CTL_USAGE, "there is no command %s", argv[optind]);
	return usage(stderr, CTL_USAGE);
}
