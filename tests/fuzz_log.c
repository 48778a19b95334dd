/* SPDX-License-Identifier: MIT */
/* fuzz_log.c: any text in the log: one line of bounded length without controls, in which nothing
 * begins as the id of a booking does */
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Written anew, so that the log's own way of finding one is not what judges it. */
static bool is_id(const char *at, const char *end)
{
	static const char form[] = "hhhhhhhh-hhhh-";

	for (const char *want = form; *want; want++, at++) {
		bool is_hex =
		    at < end && ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f') ||
				    (*at >= 'A' && *at <= 'F'));

		if (at >= end || (*want == 'h' ? !is_hex : *at != '-'))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1, kept = -1;
	char *text = malloc(size + 1), line[2000];
	ssize_t len;

	if (file < 0) {
		file = memfd_create("log", MFD_CLOEXEC);
		kept = dup(STDERR_FILENO);
	}
	if (!text || file < 0 || kept < 0)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	must(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
	dup2(file, STDERR_FILENO);
	log_event(LOG_LEVEL_INFO, "event text=%s", text);
	dup2(kept, STDERR_FILENO);
	len = pread(file, line, sizeof(line), 0);
	must(len > 0 && len <= 1024 && line[len - 1] == '\n');
	for (ssize_t i = 0; i < len - 1; i++) {
		must((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
		must(!is_id(line + i, line + len - 1));
	}
	free(text);
	return 0;
}
