/* SPDX-License-Identifier: MIT */
/* pause.c: the pool's memory that ClickHouse did not answer in time */
#include "store/pause.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 64
/* No pause is longer: [clickhouse] retry_s is at most as much. */
#define PAUSE_MAX_MS 600000

static const char *path_of(const char *dir, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/clickhouse.pause", dir);
	return path;
}

int64_t pause_until(const char *dir, struct arena *arena)
{
	char path[PATH_MAX], *text;
	struct fail ignored;
	int64_t until_ms;
	size_t len;

	if (access(path_of(dir, path), F_OK) ||
	    file_read(path, FILE_MAX, arena, &text, &len, &ignored))
		return 0;
	text[strcspn(text, "\n")] = '\0';
	if (!num_i64(text, 0, INT64_MAX, &until_ms))
		return 0;
	if (until_ms <= clock_boot_ms() + PAUSE_MAX_MS)
		return until_ms;
	/* Of a clock that ran further: it was another boot's, and would count when this one has run
	 * as far. */
	pause_end(dir);
	return 0;
}

void pause_note(const char *dir, int64_t until_ms)
{
	char path[PATH_MAX], text[FILE_MAX];
	struct fail ignored;
	int len = snprintf(text, sizeof(text), "%" PRId64 "\n", until_ms);

	(void)!file_replace(path_of(dir, path), text, (size_t)len, false, &ignored);
}

void pause_end(const char *dir)
{
	char path[PATH_MAX];

	unlink(path_of(dir, path));
}
