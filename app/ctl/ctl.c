/* SPDX-License-Identifier: MIT */
/* ctl.c: what the subcommands share: their command lines, and what they work with */
#include "ctl/ctl.h"
#include "base/clock.h"
#include "core/address.h"
#include "ctl/print.h"
#include "store/hours_file.h"
#include "store/schema.h"
#include "store/zone_file.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARENA_MAX (256 * 1024 * 1024)

static size_t count_options(const struct ctl_command *command)
{
	size_t count = 0;

	while (count < CTL_OPTIONS && command->options[count].name)
		count++;
	return count;
}

static int usage(const struct ctl_command *command, FILE *to, int status)
{
	fprintf(to, "usage: slotguardctl [-c FILE] %s%s%s [OPTION ...]\n%s\n", command->name,
	    command->words ? " " : "", command->words ? command->words : "", command->help);
	for (size_t i = 0; i < count_options(command); i++) {
		const struct ctl_option *option = &command->options[i];
		char shown[64];

		snprintf(shown, sizeof(shown), "--%s%s%s", option->name, option->value ? " " : "",
		    option->value ? option->value : "");
		fprintf(to, "  %-17s %s\n", shown, option->help);
	}
	fprintf(to, "%s  --help            this text\n",
	    command->is_text ? "" : "  --json            as JSON\n");
	return status;
}

/* Reads the command line; what stands before the options' names is theirs by getopt_long(3). */
static bool read_line(struct ctl *ctl, int argc, char **argv, bool *wants_help)
{
	const struct ctl_command *command = ctl->command;
	struct option table[CTL_OPTIONS + 3] = {{0}};
	size_t count = count_options(command);
	int found, index;

	for (size_t i = 0; i < count; i++)
		table[i] = (struct option){command->options[i].name,
		    command->options[i].value ? required_argument : no_argument, NULL, 'o'};
	table[count++] = (struct option){"help", no_argument, NULL, 'h'};
	if (!command->is_text)
		table[count] = (struct option){"json", no_argument, NULL, 'j'};
	/* 0 lets glibc begin anew, after the program's own options. */
	optind = 0;
	while ((found = getopt_long(argc, argv, "h", table, &index)) != -1) {
		if (found == 'o')
			ctl->values[index] = optarg ? optarg : "";
		else if (found == 'j')
			ctl->is_json = true;
		else if (found == 'h')
			*wants_help = true;
		else
			return false;
	}
	ctl->words = argv + optind;
	ctl->word_count = argc - optind;
	if (*wants_help || (ctl->word_count >= command->least && ctl->word_count <= command->most))
		return true;
	if (ctl->word_count > command->most)
		ctl_say(CTL_USAGE, "%s: %s is one word too many", command->name,
		    ctl->words[command->most]);
	else
		ctl_say(CTL_USAGE, "%s wants %s", command->name, command->words);
	return false;
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	for (size_t i = 0; i < count_options(ctl->command); i++)
		if (strcmp(ctl->command->options[i].name, name) == 0)
			return ctl->values[i];
	return NULL;
}

static enum err open_parts(struct ctl *ctl, const char *conf_path, struct fail *fail)
{
	enum err err;

	ctl->arena = arena_new(ARENA_MAX);
	if (!ctl->arena)
		return fail_set(fail, ERR_SYSTEM, "ctl", "no memory");
	if ((err = conf_load(conf_path, NULL,
		 (ctl->command->secrets ? ctl->command->secrets : CREDENTIALS_ALL) |
		     CREDENTIALS_OPERATOR,
		 &ctl->conf, fail)) ||
	    (err = hours_file_load(ctl->conf, ctl->arena, &ctl->hours, fail)) ||
	    (err = upstream_open(ctl->conf, NULL, &ctl->upstream, fail)) ||
	    !ctl->command->needs_schema)
		return err;
	if ((err = zone_file_load_own(ctl->conf, ctl->arena, &ctl->zone, fail)))
		return err;
	return schema_check(ctl->upstream.clickhouse, ctl->arena, fail);
}

static __attribute__((format(printf, 1, 0))) void say(const char *fmt, va_list ap)
{
	fputs("slotguardctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int ctl_usage(const struct ctl *ctl, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return usage(ctl->command, stderr, CTL_USAGE);
}

int ctl_read_moment(const struct ctl *ctl, const char *word, int64_t *out)
{
	int64_t now = clock_wall_s(), jump;

	if (read_jump(ctl->zone, now, word, &jump))
		return ctl_say(CTL_REFUSED, "there is no such time: at %s the clock is put forward",
		    print_moment(ctl->arena, ctl->zone, jump));
	if (read_moment(ctl->zone, now, word, out))
		return CTL_DONE;
	return ctl_say(CTL_USAGE,
	    "%s is no time like 2026-12-01T08:00 or 'fri 14:00' (in %s), or 2026-12-01T13:00Z",
	    word, zone_name(ctl->zone));
}

bool ctl_is_of(const struct ctl *ctl, const struct booking *booking, const char *person)
{
	const char *email = booking->lead.email;

	return !person || (email && strcmp(address_normal(ctl->arena, email), person) == 0);
}

/* Of a service that does not answer, an address does not say which it is. */
static int say_fail(enum ctl_status status, const struct fail *fail)
{
	bool is_away = fail->code == ERR_UNREACHABLE || fail->code == ERR_UNSURE;

	return ctl_say(
	    status, "%s%s%s", is_away ? fail->where : "", is_away ? ": " : "", fail->detail);
}

int ctl_main(const struct ctl_command *command, const char *conf_path, int argc, char **argv)
{
	struct ctl ctl = {.command = command, .conf_path = conf_path};
	bool wants_help = false;
	struct fail fail;
	int status;

	if (!read_line(&ctl, argc, argv, &wants_help))
		return usage(command, stderr, CTL_USAGE);
	if (wants_help)
		return usage(command, stdout, CTL_DONE);
	status =
	    open_parts(&ctl, conf_path, &fail) ? say_fail(CTL_FAULT, &fail) : command->run(&ctl);
	zone_free(ctl.zone);
	upstream_close(&ctl.upstream);
	conf_free(ctl.conf);
	arena_free(ctl.arena);
	fflush(stdout);
	if (ferror(stdout))
		return ctl_say(CTL_FAULT, "what was found could not be written out");
	return status;
}

int ctl_fail(const struct fail *fail)
{
	return say_fail(fail->code == ERR_INPUT	      ? CTL_USAGE
			: fail->code == ERR_NOT_FOUND ? CTL_NOT_FOUND
						      : CTL_FAULT,
	    fail);
}

int ctl_say(enum ctl_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return (int)status;
}

bool ctl_is_agreed(const char *fmt, ...)
{
	char answer[8] = "";
	va_list ap;

	if (!isatty(STDIN_FILENO))
		return true;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(" [y/N] ", stderr);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}
