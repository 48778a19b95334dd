/* SPDX-License-Identifier: MIT */
/* log.c: one line an event, on stderr, for the journal */
#include "base/log.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool for_journal;

void log_for_journal(void)
{
	for_journal = true;
}

void log_event(enum log_level level, const char *fmt, ...)
{
	char line[1024] = "";
	size_t start = 0, len;
	va_list ap;

	if (for_journal)
		start = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	va_start(ap, fmt);
	vsnprintf(line + start, sizeof(line) - start - 1, fmt, ap);
	va_end(ap);
	len = strlen(line);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	/* One write a line, so that the lines of several workers never mix. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

void log_fail(enum log_level level, const char *what, const struct fail *fail)
{
	log_event(level, "%s code=%s where=%s detail=\"%s\"", what, err_name(fail->code),
	    fail->where, fail->detail);
}

char *log_hash(const void *bytes, unsigned len, char out[LOG_HASH_TEXT])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), bytes, len, NULL, 0);
	return sodium_bin2hex(out, LOG_HASH_TEXT, hash, 6);
}
