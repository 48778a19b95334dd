/* SPDX-License-Identifier: MIT */
/* log.c: one line an event, on stderr, for the journal */
#include "base/log.h"
#include "base/text.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX "0123456789abcdefABCDEF"

static bool for_journal;
static const char *request_id;

void log_open(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat stat;

	for_journal = stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
		      fstat(STDERR_FILENO, &stat) == 0 && stat.st_dev == device &&
		      stat.st_ino == inode;
}

void log_request(const char *id)
{
	request_id = id;
}

/* "01234567-89ab-", as a UUID begins, which may be cut. */
static bool begins_id(const char *at)
{
	return strspn(at, HEX) == 8 && at[8] == '-' && strspn(at + 9, HEX) == 4 && at[13] == '-';
}

/* The id of a booking is its prospect's key, and may stand in a path that a failure names. */
static void hide_ids(char *line)
{
	for (; *line; line++)
		for (size_t i = begins_id(line) ? strspn(line, HEX "-") : 0; i > 0; i--)
			line[i - 1] = line[i - 1] == '-' ? '-' : 'x';
}

void log_event(enum log_level level, const char *fmt, ...)
{
	char line[1024] = "", tail[80] = "";
	size_t start = 0, len, room;
	va_list ap;

	if (for_journal)
		start = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	if (request_id)
		snprintf(tail, sizeof(tail), " request=%s", request_id);
	room = sizeof(line) - start - strlen(tail) - 1;
	va_start(ap, fmt);
	vsnprintf(line + start, room, fmt, ap);
	va_end(ap);
	hide_ids(line + start);
	strcat(line, tail);
	utf8_tame(line);
	len = strlen(line);
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
