/* SPDX-License-Identifier: MIT */
/* spool.c: carries briefs from the spool into ClickHouse */
#include "courier/spool.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "courier/notice.h"
#include "courier/record.h"
#include "desk/look.h"
#include "store/formers.h"
#include "store/people.h"
#include "store/spool.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

/* After a failure that passes. */
#define HOLD_MS 5000
/* Of one round's time. */
#define ROUND_MS 3000

/* No worker writes for so long. */
#define UNFINISHED_S 60

/*
 * As a worker would have judged it while the store was there: people_hold()'s. A user from before
 * the courier had this to ask has no right to; no brief waits for that.
 */
static enum err judge(
    struct courier *courier, const struct lead *lead, const char **held, struct fail *fail)
{
	struct people people;
	enum err err = people_ask(courier->upstream.clickhouse, courier->arena, lead->email,
	    &lead->booking, &people, fail);

	if (err == ERR_AUTH) {
		log_fail(LOG_LEVEL_WARNING, "person_not_read", fail);
		people = (struct people){0};
	} else if (err) {
		return err;
	}
	*held = people_hold(&people, courier->conf);
	return ERR_NONE;
}

/* Others of its form may be in the store, which it takes the place of, or which took its own. */
static bool has_form(const struct lead *lead)
{
	return !lead_is_superseded(lead) && !uuid_is_nil(&lead->form);
}

/* One file: its row, then the note that the prospect is owed a link, then the file may go. */
static enum err take(struct courier *courier, const char *path, struct fail *fail)
{
	const struct delivery told = {.duty = DUTY_SPOOL_ALERT, .state = DELIVERY_DUE};
	const struct delivery owed = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE};
	struct delivery_record due[2];
	struct agenda_item *item;
	const char *held;
	struct lead lead;
	enum err err;

	if ((err = spool_read(path, courier->arena, &lead, fail)))
		return err;
	/* Who was erased meanwhile does not come back. */
	if (look_known(&courier->upstream, &lead.booking, &lead).state == BOOKING_ERASED)
		return file_remove(path, fail);
	if ((err = judge(courier, &lead, &held, fail)))
		return err;
	if (!held) {
		log_event(LOG_LEVEL_NOTICE, "brief_refused_from_spool");
		return file_remove(path, fail);
	}
	if (!lead_is_superseded(&lead))
		lead.held = held;
	item = agenda_open(&courier->agenda, &lead.booking);
	if (!item)
		return fail_set(fail, ERR_SYSTEM, "spool", "no memory");
	if ((err = leads_put(courier->upstream.clickhouse, courier->arena, &lead, fail)) ||
	    (has_form(&lead) &&
		(err = formers_settle(courier->upstream.clickhouse, courier->arena, &lead, fail))))
		return err;
	due[0] = record_of(courier, item, &told, "");
	due[1] = record_of(courier, item, &owed, "");
	/* What waits for a mail anyway gets no second one. */
	if (!lead_is_superseded(&lead) &&
	    (err = record_put_all(courier, due, lead_waits_for_mail(&lead) ? 1 : 2, fail)))
		return err;
	log_event(LOG_LEVEL_NOTICE, "brief_taken_from_spool");
	return file_remove(path, fail);
}

/* What a killed worker left is a brief when it is whole; else it is words of a person who was told
 * that nothing was saved. */
static enum err finish(struct courier *courier, const struct spool_file *file, struct fail *fail)
{
	struct lead lead;
	enum err err;

	if (clock_wall_s() - file->written_s < UNFINISHED_S)
		return ERR_NONE;
	err = spool_read(file->path, courier->arena, &lead, fail);
	if (err == ERR_GARBLED || err == ERR_TOO_LARGE)
		return file_remove(file->path, fail);
	return err ? err : spool_finish(file->path, courier->arena, fail);
}

/* What cannot be understood or stored is set aside and told, and does not block the others. */
static enum err set_aside(struct courier *courier, const struct spool_file *file, struct fail *fail)
{
	unsigned char hash[sizeof(uint64_t)];
	uint64_t version;
	enum err err;

	/* The alert is due before the file is gone; its version is the file's name. */
	crypto_shorthash(hash, (const unsigned char *)file->name, strlen(file->name),
	    (const unsigned char[crypto_shorthash_KEYBYTES]){0});
	memcpy(&version, hash, sizeof(version));
	if ((err = notice_put(courier, &courier->place,
		 &(struct delivery){.duty = DUTY_DAMAGED, .version = version}, courier->machine,
		 fail)))
		return err;
	return spool_set_aside(file->path, courier->arena, fail);
}

static enum err take_or_set_aside(
    struct courier *courier, const struct spool_file *file, struct fail *fail)
{
	enum err err = take(courier, file->path, fail);

	if (err == ERR_NOT_FOUND)
		return access(file->path, F_OK) < 0 ? ERR_NONE : set_aside(courier, file, fail);
	if (err != ERR_GARBLED && err != ERR_TOO_LARGE && err != ERR_REFUSED && err != ERR_CONFIG)
		return err;
	log_fail(LOG_LEVEL_ERROR, "spool_file_damaged", fail);
	return set_aside(courier, file, fail);
}

/* In the order of arrival. What meets a passing failure waits, and so does all that came later; a
 * long spool is taken in many rounds, so that mails and alerts leave meanwhile, and a signal is
 * heard. */
static enum err replay(struct courier *courier, struct fail *fail)
{
	int64_t began = clock_boot_ms();
	struct spool_files files;
	enum err err;

	err = spool_list(courier->conf->site.spool_dir, courier->arena, &files, fail);
	for (size_t i = 0;
	     !err && i < files.count && !*courier->stop && clock_boot_ms() - began < ROUND_MS;
	     i++) {
		if (files.list[i].kind == SPOOL_UNFINISHED)
			err = finish(courier, &files.list[i], fail);
		else if (files.list[i].kind == SPOOL_BRIEF)
			err = take_or_set_aside(courier, &files.list[i], fail);
	}
	return err;
}

void spool_replay(struct courier *courier)
{
	struct fail fail;
	int lock;

	if (clock_boot_ms() < courier->spool_hold_ms)
		return;
	/* One courier of this machine at a time. */
	lock = spool_lock(courier->conf->site.spool_dir, 0);
	if (lock < 0)
		return;
	if (replay(courier, &fail)) {
		log_fail(LOG_LEVEL_ERROR, "spool_not_replayed", &fail);
		courier->spool_hold_ms = clock_boot_ms() + HOLD_MS;
	}
	file_unlock(lock);
}
