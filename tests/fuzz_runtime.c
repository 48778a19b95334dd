/* SPDX-License-Identifier: MIT */
/* fuzz_runtime.c: any bytes in the files of the runtime folder and of the spool; what is read of
 * them is whole, and a calendar's answer that was read is written and read again as it was */
#include "store/calendar_cache.h"
#include "store/clients.h"
#include "store/spool.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALENDAR "owner@example.com"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static char folder[200];
static const struct calendar_place place = {folder, "", CALENDAR};
static const char *const names[] = {"calendar", "calendar.outage", "brief", "clients"};
/* An input that begins so is for the last of them. */
#define CLIENTS 0xf0

static char *path_of(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void remove_folder(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	rmdir(folder);
}

static void write_file(const char *name, const uint8_t *bytes, size_t len)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void judge_calendar(struct arena *arena)
{
	struct calendar_cache cache, again;
	struct fail fail;

	if (!calendar_cache_load(&place, arena, &cache))
		return;
	for (size_t i = 0; i < cache.busy.count; i++)
		must(cache.busy.list[i].start >= 0 && cache.busy.list[i].end >= 0);
	unlink(path_of("calendar"));
	must(calendar_cache_store(&place, arena, &cache, &fail) == ERR_NONE);
	must(calendar_cache_load(&place, arena, &again));
	must(again.asked_ms == cache.asked_ms && again.busy.count == cache.busy.count);
	must(memcmp(&again.window, &cache.window, sizeof(cache.window)) == 0);
	must(memcmp(again.busy.list, cache.busy.list,
		 cache.busy.count * sizeof(*cache.busy.list)) == 0);
}

static void judge_outage(struct arena *arena)
{
	struct outage outage = outage_load(&place, arena);

	must(outage.since_ms >= 0 && outage.until_ms >= 0);
}

static void judge_brief(struct arena *arena)
{
	struct fail fail;
	struct lead lead;

	if (spool_read(path_of("brief"), arena, &lead, &fail))
		return;
	must(lead.created_ms > 0 && lead.name && lead.email && lead.brief && lead.timezone &&
	     lead.company && lead.budget && lead.timeframe && lead.language);
}

/* Whatever stands there, a client that may do one thing a day does no second one. */
static void judge_clients(void)
{
	static struct secret *key;
	struct client client = {folder, NULL, "192.0.2.1", CLIENT_CALL, 1};

	if (!key) {
		key = calloc(1, sizeof(*key) + sizeof("key"));
		must(key != NULL);
		key->len = strlen(strcpy(key->text, "key"));
	}
	client.key = key;
	must(clients_may(&client, 5000000) == clients_admit(&client, 5000000));
	must(!clients_may(&client, 5000001) && !clients_admit(&client, 5000001));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(32 << 20);
	const char *parent = getenv("TMPDIR");

	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "%s/slotguard.XXXXXX", parent ? parent : "/tmp");
		must(mkdtemp(folder));
		atexit(remove_folder);
	}
	if (!arena || size < 1)
		goto out;
	if (data[0] >= CLIENTS) {
		write_file("clients", data + 1, size - 1);
		judge_clients();
		goto out;
	}
	write_file(names[data[0] % 3], data + 1, size - 1);
	if (data[0] % 3 == 0)
		judge_calendar(arena);
	else if (data[0] % 3 == 1)
		judge_outage(arena);
	else
		judge_brief(arena);
out:
	arena_free(arena);
	return 0;
}
