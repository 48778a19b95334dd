/* SPDX-License-Identifier: MIT */
/* erase.c: a person goes; an entry of the ledger, which holds no personal data, says so */
#include "base/clock.h"
#include "base/file.h"
#include "ctl/edit.h"
#include "ctl/print.h"
#include "ctl/subject.h"
#include "desk/follow.h"
#include "store/deliveries.h"
#include "store/spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The order: the files of the spool, while no courier reads them; then for each booking the entry,
 * while no courier works at it, so that nothing is sent or begun afterwards; then, when a row that
 * a worker had sent before has arrived or never will, what stands in tables and calendar. Each step
 * can be repeated, and a second run does what the first left.
 */

static const char *const beyond[] = {
    "backups of ClickHouse from before: after a RESTORE run this again, by the ids above",
    "ClickHouse's own logs (system.query_log and others), as long as they are kept: the ids and a "
    "hash of the address; and for some minutes the files of the parts that were rewritten",
    "the spools of other machines",
    "nginx's access log and the journal, as long as they are kept: network addresses, times, and "
    "hashes of the ids",
    "mails that were sent: Resend's logs, the person's and your own mailboxes",
    "Telegram: the alerts in the operator's chat",
    "the calendar's bin (Google's for 30 days), and copies of the event in other calendars",
};

/* Commands of somebody else between our look and our append. */
#define TRIES 5

#define BEYOND (sizeof(beyond) / sizeof(beyond[0]))

static const struct column columns[] = {
    {"id", "ID"},
    {"version", "VERSION"},
    {"events", "EVENTS"},
    {"left", "LEFT"},
    {"fault", "FAULT"},
};

/* The entry; CHANGE_ERASED: it stands there from an earlier run. */
static enum change append(struct ctl *ctl, struct booking *booking, struct fail *fail)
{
	struct entry entry = booking_entry(booking, ENTRY_ERASE);
	enum change change = edit_make(ctl, &entry, booking, fail);

	/* A click may have been faster: what it did is erased, too, by us or by whoever else does.
	 */
	for (int i = 1; i < TRIES && change == CHANGE_STALE; i++) {
		entry = booking_entry(booking, ENTRY_ERASE);
		change = edit_make(ctl, &entry, booking, fail);
		if (change == CHANGE_ERASED)
			return CHANGE_ACCEPTED;
	}
	return change;
}

/* The booking as it is, or, of a brief that only the spool knows, its id. */
static enum err find(
    struct ctl *ctl, const struct uuid *id, struct booking *booking, struct fail *fail)
{
	enum err err = look_up(&ctl->upstream, ctl->arena, id, booking, fail);

	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* One booking, between its entry and its end. */
struct erasing {
	enum change change;
	uint64_t version;
	int status; /* CTL_DONE: nothing is wrong so far */
	enum err err;
	struct fail fail;
};

static bool is_appended(const struct erasing *erasing)
{
	return erasing->change == CHANGE_ACCEPTED || erasing->change == CHANGE_ERASED;
}

/* From here on nobody begins anything for this booking. */
static void begin(struct ctl *ctl, const struct uuid *booking, struct erasing *erasing)
{
	struct clickhouse *clickhouse = ctl->upstream.clickhouse;
	struct uuid owner = uuid_random();
	struct booking found;
	struct fail ignored;
	enum err err;

	*erasing = (struct erasing){.change = CHANGE_NOT_WRITTEN, .status = CTL_DONE};
	if (!(err = data_subject_lease(clickhouse, ctl->arena, booking, &owner, &erasing->fail)) &&
	    !(err = find(ctl, booking, &found, &erasing->fail))) {
		erasing->change = append(ctl, &found, &erasing->fail);
		if (!is_appended(erasing))
			erasing->status = edit_refused(erasing->change, &erasing->fail);
	}
	if (!err &&
	    deliveries_release(clickhouse, ctl->arena, &(struct ids){booking, 1}, &owner, &ignored))
		ctl_say(CTL_DONE, "the lease was not given back: it passes by itself");
	if (is_appended(erasing)) {
		erasing->version = found.version;
		/* When a brief came in is kept: it is counted. */
		if (!found.lead.created_ms)
			found.lead.created_ms = clock_wall_ms();
		err = follow_row(&ctl->upstream, ctl->arena, &found, NULL, &erasing->fail);
	}
	erasing->err = err;
}

/* What is wrong stands in the row of the table, too. */
static void end(
    struct ctl *ctl, const struct uuid *booking, struct erasing *erasing, struct table *table)
{
	bool is_calendar_lacking = !upstream_has_events(&ctl->upstream) && ctl_option(ctl, "force");
	char *id = arena_room(ctl->arena, UUID_TEXT);
	struct fail event_fail = {.code = ERR_NONE};
	uint64_t left = 0;
	size_t events = 0;

	if (is_appended(erasing) && !erasing->err)
		erasing->err = data_subject_purge(ctl->upstream.clickhouse, ctl->arena, booking,
		    erasing->version, &left, &erasing->fail);
	if (is_appended(erasing) && is_calendar_lacking)
		fail_set(&event_fail, ERR_AUTH, "ctl", "the calendar was not asked");
	else if (is_appended(erasing))
		event_fail.code = follow_unlist(&ctl->upstream, ctl->arena, booking,
		    clock_boot_ms() + ctl->conf->google.timeout_ms, &events, &event_fail);
	table_text(table, id ? uuid_format(booking, id) : NULL);
	table_integer(table, (int64_t)erasing->version);
	table_integer(table, (int64_t)events);
	table_integer(table, (int64_t)left);
	table_text(table, erasing->err		  ? erasing->fail.detail
			  : !is_appended(erasing) ? "the entry was not appended"
			  : event_fail.code ? arena_printf(ctl->arena, "%s; the courier goes on",
						  event_fail.detail)
					    : NULL);
	if (erasing->status == CTL_DONE && (erasing->err || event_fail.code || left))
		erasing->status = CTL_FAULT;
}

/* How many are gone, and what the program ends with: the first fault. */
struct erased {
	size_t gone;
	int status;
};

static struct erased erase(
    struct ctl *ctl, const struct data_subject_list *bookings, struct table *table)
{
	/* After its append a worker reads the tail and sends the row, a query each. */
	int64_t wait_ms = 2 * ctl->conf->clickhouse.timeout_ms;
	struct erasing *list = arena_array(ctl->arena, bookings->count + 1, sizeof(*list));
	struct erased erased = {0, CTL_DONE};
	bool is_new = false;

	if (!list)
		return (struct erased){0, ctl_say(CTL_FAULT, "no memory")};
	for (size_t i = 0; i < bookings->count; i++) {
		begin(ctl, &bookings->bookings[i], &list[i]);
		/* One that is unsure may have arrived just now. */
		is_new =
		    is_new || list[i].change == CHANGE_ACCEPTED || list[i].change == CHANGE_UNSURE;
	}
	if (is_new)
		nanosleep(&(struct timespec){wait_ms / 1000, wait_ms % 1000 * 1000000}, NULL);
	for (size_t i = 0; i < bookings->count; i++) {
		end(ctl, &bookings->bookings[i], &list[i], table);
		erased.gone += list[i].status == CTL_DONE;
		if (erased.status == CTL_DONE)
			erased.status = list[i].status;
	}
	return erased;
}

static void list_only(
    struct ctl *ctl, const struct data_subject_list *bookings, struct table *table)
{
	for (size_t i = 0; i < bookings->count; i++) {
		char *id = arena_room(ctl->arena, UUID_TEXT);

		table_text(table, id ? uuid_format(&bookings->bookings[i], id) : NULL);
		for (size_t cell = 1; cell < sizeof(columns) / sizeof(columns[0]); cell++)
			table_text(table, NULL);
	}
}

/* What no calendar was asked for. */
static const char *unasked(const struct ctl *ctl)
{
	return upstream_has_events(&ctl->upstream)
		   ? NULL
		   : "the calendar was not asked: its credentials are not here";
}

/* A reminder's brief among them, which no list shows. */
static const char *others(const struct subject *subject)
{
	return subject->email ? NULL
			      : "other briefs and calls of the same person: erase their address, "
				"and all of them go";
}

static void print(struct ctl *ctl, const struct table *table, const struct subject *subject,
    size_t gone, size_t files, bool is_dry)
{
	struct json_object *document, *list;

	if (!ctl->is_json) {
		if (is_dry)
			printf("would erase ");
		else
			printf("erased %zu of ", gone);
		printf("%zu booking%s and %zu file%s of the spool\n", subject->bookings.count,
		    print_plural(subject->bookings.count), files, print_plural(files));
		table_print(table);
		puts("\nNot within reach:");
		for (size_t i = 0; i < BEYOND; i++)
			printf("  - %s\n", beyond[i]);
		if (unasked(ctl))
			printf("  - %s\n", unasked(ctl));
		if (others(subject))
			printf("  - %s\n", others(subject));
		if (subject_beside(ctl, subject))
			printf("  - %s\n", subject_beside(ctl, subject));
		if (subject->files.unread)
			printf("  - %u damaged file(s) of the spool, which may be about anybody\n",
			    subject->files.unread);
		return;
	}
	document = json_new();
	list = json_new_list();
	for (size_t i = 0; i < BEYOND; i++)
		json_add_text(list, NULL, beyond[i]);
	if (unasked(ctl))
		json_add_text(list, NULL, unasked(ctl));
	if (others(subject))
		json_add_text(list, NULL, others(subject));
	if (subject_beside(ctl, subject))
		json_add_text(list, NULL, subject_beside(ctl, subject));
	json_add_flag(document, "dry_run", is_dry);
	json_add(document, "bookings", table_json(table));
	json_add_integer(document, "files", (int64_t)files);
	json_add_integer(document, "unread_files", subject->files.unread);
	json_add(document, "not_within_reach", list);
	print_json(ctl->arena, document);
}

static int run(struct ctl *ctl)
{
	bool is_dry = ctl_option(ctl, "dry-run");
	struct table *table =
	    table_new(ctl->arena, ctl->zone, columns, sizeof(columns) / sizeof(columns[0]));
	const char *dir = ctl->conf->site.spool_dir;
	struct subject subject;
	int status, lock = -1;
	struct fail fail;
	struct erased erased = {0, CTL_DONE};
	size_t files = 0;
	enum err err = ERR_NONE;

	if ((status = subject_find(ctl, &subject)))
		return status;
	if (!is_dry && !ctl_option(ctl, "force") && edit_lacks_calendar(ctl))
		return ctl_say(CTL_FAULT, EDIT_LACKS_CALENDAR
		    ": nothing was done; --force leaves the events to the courier");
	if (!is_dry &&
	    data_subject_may_erase(ctl->upstream.clickhouse, ctl->arena, ctl->conf, &fail))
		return ctl_fail(&fail);
	if (!is_dry && !ctl_option(ctl, "yes") &&
	    !ctl_is_agreed("Erase %zu booking%s for good? Their calls end.", subject.bookings.count,
		print_plural(subject.bookings.count)))
		return ctl_say(CTL_REFUSED, "nothing was done");
	if (!is_dry) {
		lock = spool_lock(dir, LEASE_MS);
		if (lock < 0)
			return ctl_say(CTL_FAULT, "%s is in use or cannot be opened", dir);
		/* What the courier took out of it meanwhile is in the tables by now. */
		if ((status = subject_find(ctl, &subject))) {
			file_unlock(lock);
			return status;
		}
	}
	for (const struct data_subject_file *file = subject.files.list; file && !err;
	     file = file->next, files++)
		if (!is_dry)
			err = file_remove(file->path, &fail);
	if (!is_dry)
		file_unlock(lock);
	if (err)
		return ctl_fail(&fail);
	if (is_dry)
		list_only(ctl, &subject.bookings, table);
	else
		erased = erase(ctl, &subject.bookings, table);
	print(ctl, table, &subject, erased.gone, files, is_dry);
	if (erased.status)
		ctl_say(CTL_DONE, "not everything is done: run this again, by the ids above");
	return erased.status;
}

const struct ctl_command ctl_erase = {
    .name = "erase",
    .words = "ID | E-MAIL",
    .help = "a person goes from bookings, mails, spool and calendar, for good",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"dry-run", NULL, "say what would be erased, and do nothing"},
	    {"force", NULL,
		"although the calendar's credentials are not here: its events are the courier's"},
	    {"yes", NULL, "do not ask, on a terminal"},
	},
};
