/* SPDX-License-Identifier: MIT */
/* tool.h: the operator's tool in the courier's world: what it is told, and what it says and does */
#ifndef TESTS_TOOL_H
#define TESTS_TOOL_H

#include "ctl/ctl.h"
#include "trace.h"

#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>

static char conf_path[600];

static inline void begin_tool(void)
{
	int nothing_to_read = open("/dev/null", O_RDONLY);

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_int_eq(dup2(nothing_to_read, STDIN_FILENO), STDIN_FILENO);
	begin_trace();
	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	snprintf(conf_path, sizeof(conf_path), "%s/test.conf", folder);
}

/* Where it prints to when that is a terminal; -1: to a file. */
static int screen = -1;

/* Runs a command; its words end with a NULL. */
static void run(const struct ctl_command *command, ...)
{
	char *words[12] = {(char *)command->name}, path[600];
	int count = 1, status, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), file;
	static char said[200 * 1024];
	va_list ap;
	ssize_t len;

	va_start(ap, command);
	while ((words[count] = va_arg(ap, char *)))
		count++;
	va_end(ap);
	say("\n");
	begin_line();
	say("$");
	for (int i = 0; i < count; i++)
		say(strchr(words[i], ' ') ? " '%s'" : " %s", words[i]);
	say("\n");
	snprintf(path, sizeof(path), "%s/said", folder);
	fflush(stdout);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	ck_assert_int_ge(file, 0);
	dup2(screen < 0 ? file : screen, STDOUT_FILENO);
	dup2(file, STDERR_FILENO);
	/* slotguardctl has read its own options before. */
	optind = 0;
	ck_assert_int_eq(getopt(1, words, "+c:"), -1);
	status = ctl_main(command, conf_path, count, words);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	len = pread(file, said, sizeof(said) - 1, 0);
	ck_assert_int_ge(len, 0);
	said[len] = '\0';
	ck_assert_uint_eq(strlen(said), (size_t)len);
	close(file);
	close(out);
	close(err);
	say("%s-> %d\n", said, status);
}

#endif
