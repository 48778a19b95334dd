/* SPDX-License-Identifier: MIT */
/* counters.c: counts that the processes of a pool share */
#include "base/counters.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct counters {
	_Atomic uint64_t *counts;
};

static void *map(const char *dir, size_t size)
{
	void *mapped = MAP_FAILED;
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/counters", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		if (ftruncate(fd, (off_t)size) == 0)
			mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (mapped == MAP_FAILED)
		mapped =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mapped;
}

struct counters *counters_open(const char *dir)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	void *mapped;

	if (!counters)
		return NULL;
	mapped = map(dir, COUNTERS * sizeof(*counters->counts));
	if (mapped == MAP_FAILED) {
		free(counters);
		return NULL;
	}
	counters->counts = mapped;
	return counters;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	munmap((void *)counters->counts, COUNTERS * sizeof(*counters->counts));
	free(counters);
}

void counters_add(struct counters *counters, enum counter counter)
{
	if (counters)
		atomic_fetch_add_explicit(&counters->counts[counter], 1, memory_order_relaxed);
}

uint64_t counters_read(const struct counters *counters, enum counter counter)
{
	return counters ? atomic_load_explicit(&counters->counts[counter], memory_order_relaxed)
			: 0;
}

const char *counters_name(enum counter counter)
{
	static const char *const names[COUNTERS] = {
	    [COUNTER_REPLY_2XX] = "replies_total{class=\"2xx\"}",
	    [COUNTER_REPLY_3XX] = "replies_total{class=\"3xx\"}",
	    [COUNTER_REPLY_4XX] = "replies_total{class=\"4xx\"}",
	    [COUNTER_REPLY_5XX] = "replies_total{class=\"5xx\"}",
	    [COUNTER_APPEND_ACCEPTED] = "appends_total{outcome=\"accepted\"}",
	    [COUNTER_APPEND_REFUSED] = "appends_total{outcome=\"refused\"}",
	    [COUNTER_APPEND_UNSURE] = "appends_total{outcome=\"unsure\"}",
	    [COUNTER_APPEND_FAILED] = "appends_total{outcome=\"failed\"}",
	    [COUNTER_CALENDAR_FAILED] = "calendar_failures_total",
	    [COUNTER_BRIEF_SPOOLED] = "briefs_spooled_total",
	};

	return names[counter];
}
