/* SPDX-License-Identifier: MIT */
/* spool.c: briefs that came while ClickHouse was down */
#include "courier/spool.h"
#include "base/clock.h"
#include "base/log.h"
#include "courier/notice.h"
#include "courier/record.h"
#include "store/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* After a failure that passes. */
#define HOLD_MS 5000
/* Of one round's time. */
#define ROUND_MS 3000

/* No worker writes for so long. */
#define UNFINISHED_S 60

static int is_to_be_taken(const struct dirent *entry)
{
	enum spool_kind kind = spool_kind(entry->d_name);

	return kind == SPOOL_BRIEF || kind == SPOOL_UNFINISHED;
}

static enum err remove_taken(const char *path, struct fail *fail)
{
	return unlink(path) < 0
		   ? fail_set(fail, ERR_SYSTEM, "spool", "a file that was taken cannot be removed")
		   : ERR_NONE;
}

/* One file: its row, then the note that the prospect is owed a link, then the file may go. */
static enum err take(struct courier *courier, const char *path, struct fail *fail)
{
	struct delivery owed = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE};
	struct delivery told = {.duty = DUTY_SPOOL_ALERT, .state = DELIVERY_DUE};
	struct agenda_item *item;
	struct lead lead;
	enum err err;

	if ((err = spool_read(path, courier->arena, &lead, fail)))
		return err;
	/* Who was erased meanwhile does not come back. */
	if (booking_merge(journal_state(courier->upstream.journal), &lead.booking, &lead).state ==
	    BOOKING_ERASED)
		return remove_taken(path, fail);
	item = agenda_open(&courier->agenda, &lead.booking);
	if (!item)
		return fail_set(fail, ERR_SYSTEM, "spool", "no memory");
	if ((err = leads_put(courier->upstream.clickhouse, courier->arena, &lead,
		 clickhouse_deadline(courier->upstream.clickhouse), fail)) ||
	    (err = record_put(courier, item, &owed, "", fail)) ||
	    (err = record_put(courier, item, &told, "", fail)))
		return err;
	log_event(LOG_LEVEL_NOTICE, "brief_taken_from_spool");
	return remove_taken(path, fail);
}

/* What a killed worker left is a brief when it is whole; else it is words of a person who was told
 * that nothing was saved. */
static enum err finish(struct courier *courier, const char *path, struct fail *fail)
{
	const char *whole = arena_strn(
	    courier->arena, path, (size_t)(strrchr(path, '.') - path)); /* without ".PID~" */
	struct stat found;
	struct lead lead;
	enum err err;

	if (stat(path, &found) < 0 || clock_wall_s() - found.st_mtime < UNFINISHED_S)
		return ERR_NONE;
	err = spool_read(path, courier->arena, &lead, fail);
	if (err == ERR_GARBLED || err == ERR_TOO_LARGE)
		return remove_taken(path, fail);
	if (!err && (!whole || rename(path, whole) < 0))
		return fail_set(fail, ERR_SYSTEM, "spool", "a brief cannot be given its name");
	return err;
}

/* What cannot be understood or stored is set aside and told, and does not block the others. */
static enum err set_aside(struct courier *courier, const char *path, struct fail *fail)
{
	const char *name = strrchr(path, '/') + 1;
	unsigned char hash[sizeof(uint64_t)];
	uint64_t version;
	enum err err;

	/* The alert is due before the file is gone; its version is the file's name. */
	crypto_shorthash(hash, (const unsigned char *)name, strlen(name),
	    (const unsigned char[crypto_shorthash_KEYBYTES]){0});
	memcpy(&version, hash, sizeof(version));
	if ((err = notice_put(courier, &courier->place,
		 &(struct delivery){.duty = DUTY_DAMAGED, .version = version}, courier->machine,
		 fail)))
		return err;
	return spool_set_aside(path, courier->arena, fail);
}

static enum err take_or_set_aside(struct courier *courier, const char *path, struct fail *fail)
{
	enum err err = take(courier, path, fail);

	if (err == ERR_NOT_FOUND)
		return access(path, F_OK) < 0 ? ERR_NONE : set_aside(courier, path, fail);
	if (err != ERR_GARBLED && err != ERR_TOO_LARGE && err != ERR_REFUSED)
		return err;
	log_fail(LOG_LEVEL_ERROR, "spool_file_damaged", fail);
	return set_aside(courier, path, fail);
}

/* One courier of this machine at a time; -1: another is at it. */
static int lock_spool(const char *dir)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) < 0) {
		close(folder);
		return -1;
	}
	return folder;
}

/* In the order of arrival. What meets a passing failure waits, and so does all that came later; a
 * long spool is taken in many rounds, so that mails and alerts leave meanwhile, and a signal is
 * heard. */
void spool_replay(struct courier *courier)
{
	const char *dir = courier->conf->site.spool_dir;
	int lock = clock_boot_ms() < courier->spool_hold_ms ? -1 : lock_spool(dir);
	struct dirent **names = NULL;
	int count = lock < 0 ? -1 : scandir(dir, &names, is_to_be_taken, alphasort);
	int64_t began = clock_boot_ms();
	enum err err = ERR_NONE;
	struct fail fail;

	for (int i = 0; i < count; i++) {
		bool goes_on = !err && !*courier->stop && clock_boot_ms() - began < ROUND_MS;
		const char *path =
		    goes_on ? arena_printf(courier->arena, "%s/%s", dir, names[i]->d_name) : NULL;

		if (path && spool_kind(names[i]->d_name) == SPOOL_UNFINISHED)
			err = finish(courier, path, &fail);
		else if (path)
			err = take_or_set_aside(courier, path, &fail);
		if (path && err) {
			log_fail(LOG_LEVEL_ERROR, "spool_not_replayed", &fail);
			courier->spool_hold_ms = clock_boot_ms() + HOLD_MS;
		}
		free(names[i]);
	}
	free(names);
	if (lock >= 0)
		close(lock);
}
