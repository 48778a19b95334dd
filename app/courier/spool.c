/* SPDX-License-Identifier: MIT */
/* spool.c: briefs that came while ClickHouse was down */
#include "base/clock.h"
#include "base/log.h"
#include "courier/courier.h"
#include "net/spool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_brief(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* One file: its row, then the note that the prospect is owed a link, then the file may go. */
static enum err take(struct courier *courier, const char *path, struct fail *fail)
{
	struct delivery owed = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE};
	struct delivery told = {.duty = DUTY_SPOOL_ALERT, .state = DELIVERY_DUE};
	struct lead lead;
	enum err err;

	if ((err = spool_read(path, courier->arena, &lead, fail)) ||
	    (err = store_put(courier->upstream.clickhouse, courier->arena, &lead,
		 clickhouse_deadline(courier->upstream.clickhouse), fail)) ||
	    (err = courier_put(courier, &lead.booking, &owed, "", "", fail)) ||
	    (err = courier_put(courier, &lead.booking, &told, "", "", fail)))
		return err;
	if (unlink(path) < 0)
		return fail_set(
		    fail, ERR_SYSTEM, "spool", "a file that was taken cannot be removed");
	log_event(LOG_LEVEL_NOTICE, "brief_taken_from_spool");
	return ERR_NONE;
}

void spool_replay(struct courier *courier)
{
	const char *dir = courier->conf->site.spool_dir;
	struct dirent **names;
	int count = scandir(dir, &names, is_brief, alphasort);

	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(courier->arena, "%s/%s", dir, names[i]->d_name);
		struct fail fail;
		enum err err = path ? take(courier, path, &fail) : ERR_NONE;

		/* What cannot be understood is set aside, and does not block the others. */
		if (err == ERR_GARBLED) {
			const char *aside = arena_printf(courier->arena, "%s.damaged", path);

			log_fail(LOG_LEVEL_ERROR, "spool_file_damaged", &fail);
			if (aside && rename(path, aside) < 0)
				log_event(LOG_LEVEL_ERROR, "spool_file_not_set_aside");
			else if (courier->rules.has_telegram)
				alert_add_plain(
				    courier, DUTY_DAMAGED, (uint64_t)clock_wall_ms(), NULL);
		} else if (err) {
			log_fail(LOG_LEVEL_ERROR, "spool_not_replayed", &fail);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}
