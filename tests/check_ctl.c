/* SPDX-License-Identifier: MIT */
/* check_ctl.c: what the operator's tool says and does, in the courier's world, line by line:
 * tests/golden/traces */
#include "tool.h"

#include "reader.h"

#include "base/roll.h"
#include "ctl/check_programs.h"
#include "desk/report.h"
#include "store/calendar_cache.h"
#include "store/odd_rows.h"
#include "store/server_trial.h"
#include "store/data_subject.h"
#include "store/rebuild.h"
#include "store/report_rows.h"

#include <stdio_ext.h>
#include <sys/ioctl.h>
#include <termios.h>

/* ---- What is asked of the tables */

static size_t more_leads; /* how often the newest row is listed once more */

enum err report_rows_leads(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct lead_list *out, struct fail *fail)
{
	(void)clickhouse, (void)within;
	out->list = arena_array(arena, world.lead_count + more_leads + 1, sizeof(*out->list));
	out->count = 0;
	for (size_t i = 0; i < world.lead_count; i++)
		if (lead_of(&world.leads[i].booking) == &world.leads[i])
			out->list[out->count++] = world.leads[i];
	for (size_t i = 0; i < more_leads; i++)
		out->list[out->count++] = world.leads[world.lead_count - 1];
	return world.find_err ? fail_set(fail, world.find_err, "world", "as it was told to")
			      : ERR_NONE;
}

enum err report_rows_entries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct entry_rows *out, struct fail *fail)
{
	(void)clickhouse, (void)fail;
	out->list = arena_array(arena, world.entries + 1, sizeof(*out->list));
	out->count = 0;
	for (size_t i = 0; i < world.entries; i++)
		if (uuid_equal(&world.kept[i].booking, booking))
			out->list[out->count++] = (struct entry_row){
			    .position = i, .entry = world.kept[i], .at_ms = world.kept_ms[i]};
	return ERR_NONE;
}

static int by_booking(const void *a, const void *b)
{
	const struct change_row *left = a, *right = b;
	int order = memcmp(&left->booking, &right->booking, sizeof(left->booking));

	return order ? order
		     : (left->position > right->position) - (left->position < right->position);
}

enum err report_rows_changes(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct change_rows *out, struct fail *fail)
{
	const struct lead *lead;

	(void)clickhouse, (void)within, (void)fail;
	out->list = arena_array(arena, world.entries + 1, sizeof(*out->list));
	out->count = 0;
	for (size_t i = 0; i < world.entries; i++) {
		lead = lead_of(&world.kept[i].booking);
		out->list[out->count++] = (struct change_row){.position = i,
		    .booking = world.kept[i].booking,
		    .kind = world.kept[i].kind,
		    .has_call = world.kept[i].call.start != 0,
		    .at_ms = world.kept_ms[i],
		    .created_ms = lead ? lead->created_ms : 0};
	}
	qsort(out->list, out->count, sizeof(*out->list), by_booking);
	return ERR_NONE;
}

enum err report_rows_briefs(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct brief_times *out, struct fail *fail)
{
	(void)clickhouse, (void)within, (void)fail;
	out->list = arena_array(arena, world.lead_count + 1, sizeof(*out->list));
	out->count = 0;
	for (size_t i = 0; i < world.lead_count; i++)
		if (lead_of(&world.leads[i].booking) == &world.leads[i])
			out->list[out->count++] = (struct brief_time){world.leads[i].booking,
			    world.leads[i].created_ms, world.leads[i].status == LEAD_AWAITING_SLOT};
	return ERR_NONE;
}

enum err data_subject_deliveries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct data_subject_deliveries *out, struct fail *fail)
{
	(void)clickhouse, (void)fail;
	out->list = arena_array(arena, world.log_count + 1, sizeof(*out->list));
	out->count = 0;
	for (uint64_t i = 0; i < world.log_count; i++) {
		const struct delivery_record *record = &world.log[i];

		if (record->kind != DELIVERY_RECORD || !uuid_equal(&record->booking, booking))
			continue;
		out->list[out->count++] =
		    (struct data_subject_delivery){.at_ms = record->delivery.at_ms,
			.until_ms = record->delivery.until_ms,
			.version = record->delivery.version,
			.attempt = record->delivery.attempt,
			.duty = duty_name(record->delivery.duty),
			.state = delivery_state_name(record->delivery.state),
			.detail = record->detail ? record->detail : "",
			.payload = record->payload ? record->payload : ""};
	}
	return ERR_NONE;
}

/* ---- What is kept of a person */

static struct {
	struct data_subject_files files;
	enum err may, lease, purge;
	uint64_t left;		  /* rows, after a purge */
	unsigned looks, bad_look; /* at the spool so far; which of them fails, 0: none */
} kept;

static enum err as_told(enum err err, struct fail *fail)
{
	return err ? fail_set(fail, err, "world", "as it was told to") : ERR_NONE;
}

bool data_subject_has(const struct data_subject_list *list, const struct uuid *booking)
{
	for (size_t i = 0; i < list->count; i++)
		if (uuid_equal(&list->bookings[i], booking))
			return true;
	return false;
}

enum err data_subject_find(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    struct data_subject_list *out, struct fail *fail)
{
	(void)clickhouse, (void)fail;
	out->bookings = arena_array(arena, world.lead_count + 1, sizeof(*out->bookings));
	out->count = 0;
	for (size_t i = 0; i < world.lead_count; i++)
		if (lead_of(&world.leads[i].booking) == &world.leads[i] &&
		    strcasecmp(world.leads[i].email, email) == 0)
			out->bookings[out->count++] = world.leads[i].booking;
	return ERR_NONE;
}

enum err data_subject_beside(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    const struct data_subject_list *known, struct data_subject_list *out, struct fail *fail)
{
	const char *person = address_normal(arena, email);

	(void)clickhouse, (void)fail;
	out->bookings = arena_array(arena, world.lead_count + 1, sizeof(*out->bookings));
	out->count = 0;
	for (size_t i = 0; i < world.lead_count; i++)
		if (lead_of(&world.leads[i].booking) == &world.leads[i] &&
		    !data_subject_has(known, &world.leads[i].booking) &&
		    strcmp(address_normal(arena, world.leads[i].email), person) == 0)
			out->bookings[out->count++] = world.leads[i].booking;
	return ERR_NONE;
}

enum err data_subject_spool(const char *dir, struct arena *arena,
    const struct data_subject_list *bookings, const char *email, struct data_subject_files *out,
    struct fail *fail)
{
	(void)dir, (void)arena, (void)bookings, (void)email;
	*out = kept.files;
	return as_told(++kept.looks == kept.bad_look ? ERR_SYSTEM : ERR_NONE, fail);
}

enum err data_subject_may_erase(
    struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf, struct fail *fail)
{
	(void)clickhouse, (void)arena, (void)conf;
	return as_told(kept.may, fail);
}

enum err data_subject_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail)
{
	(void)clickhouse, (void)arena, (void)owner;
	begin_line();
	say("lease for good %s\n", booking_name(booking));
	return as_told(kept.lease, fail);
}

enum err data_subject_purge(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, uint64_t *left, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	begin_line();
	say("purge %s below %" PRIu64 "\n", booking_name(booking), version);
	*left = kept.left;
	return as_told(kept.purge, fail);
}

/* ---- The tables themselves */

static struct {
	uint64_t version; /* of the schema */
	enum err may, begin, apply, rebuild, deliveries;
	unsigned carried, doubtful;
} tables;

const struct migration ctl_migrations[] = {{"001-a.sql", "A"}, {"002-b.sql", "B"},
    {"003-c.sql", "C"}, {"004-d.sql", "D"}, {"005-e.sql", "E"}, {"006-f.sql", "F"},
    {"007-g.sql", "G"}, {"008-h.sql", "H"}, {"009-i.sql", "I"}, {"010-j.sql", "J"},
    {"011-k.sql", "K"}, {NULL, NULL}};

enum err schema_version(
    struct clickhouse *clickhouse, struct arena *arena, uint64_t *out, struct fail *fail)
{
	(void)clickhouse, (void)arena, (void)fail;
	*out = tables.version;
	return ERR_NONE;
}

enum err schema_may_migrate(struct clickhouse *clickhouse, struct arena *arena,
    const struct conf *conf, uint64_t version, struct fail *fail)
{
	(void)clickhouse, (void)arena, (void)conf;
	say("may migrate from %" PRIu64 "?\n", version);
	return as_told(tables.may, fail);
}

enum err schema_begin(
    struct clickhouse *clickhouse, struct arena *arena, const char *database, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	say("begin %s\n", database);
	return as_told(tables.begin, fail);
}

enum err schema_apply(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    const char *name, const char *text, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	say("apply %" PRIu64 " %s %s\n", version, name, text);
	return as_told(version == 9 ? tables.apply : ERR_NONE, fail);
}

enum err rebuild_may(
    struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf, struct fail *fail)
{
	(void)clickhouse, (void)arena, (void)conf;
	return as_told(tables.may, fail);
}

enum err rebuild_ledger(struct clickhouse *clickhouse, struct arena *arena,
    enum rebuild_doubts doubts, bool is_trial, struct rebuild_result *out, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	say("rebuild doubts=%d%s\n", (int)doubts, is_trial ? " as a trial" : "");
	*out = (struct rebuild_result){.live = 3,
	    .ended = 2,
	    .blocks = 1,
	    .carried = tables.carried,
	    .doubtful = tables.doubtful,
	    .doubts = "a doubt\n",
	    .kept = "ledger_until_then"};
	return as_told(tables.rebuild, fail);
}

enum err deliveries_rebuild(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	say("rebuild the deliveries\n");
	return as_told(tables.deliveries, fail);
}

/* ---- What check asks, its own programs aside */

static struct {
	enum err order, whole, odd, version;
	const char *server;
	struct odd found;
} asked;

enum err server_trial_try(struct clickhouse *clickhouse, struct arena *arena, int64_t duration_ms,
    struct server_trial_result *out, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	say("try the order for %" PRId64 "\n", duration_ms);
	*out = (struct server_trial_result){12, 34};
	return as_told(asked.order, fail);
}

enum err server_trial_version(
    struct clickhouse *clickhouse, struct arena *arena, char **out, struct fail *fail)
{
	(void)clickhouse;
	*out = arena_str(arena, asked.server);
	return as_told(asked.version, fail);
}

bool server_trial_is_tried(const char *version)
{
	return strcmp(version, "26.7.1.1") == 0;
}

enum err server_trial_whole(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	return as_told(asked.whole, fail);
}

enum err odd_rows_ask(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    struct odd *out, struct fail *fail)
{
	(void)clickhouse, (void)arena;
	say("odd rows above %" PRIu64 "\n", version);
	*out = asked.found;
	return as_told(asked.odd, fail);
}

void check_programs(struct checking *checking, const struct counters *counters)
{
	(void)checking, (void)counters;
	say("its programs\n");
}

void check_clients(struct checking *checking, const struct counters *counters)
{
	(void)checking, (void)counters;
}

void check_clocks(struct checking *checking, const struct counters *counters)
{
	(void)checking, (void)counters;
	say("its clocks%s\n", world.is_read_anew ? "; the ledger was read anew" : "");
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	begin_line();
	world.boot_ms += time->tv_sec * 1000 + time->tv_nsec / 1000000;
	say("wait %" PRId64 ".%03" PRId64 "\n", (int64_t)time->tv_sec,
	    (int64_t)time->tv_nsec / 1000000);
	return 0;
}

/* ---- The tool */

static void begin(void)
{
	begin_tool();
	memset(&kept, 0, sizeof(kept));
	memset(&tables, 0, sizeof(tables));
	memset(&asked, 0, sizeof(asked));
	asked.server = "26.7.1.1";
	more_leads = 0;
}

static void fail_with(enum err err)
{
	world.answers[OUTSIDE_GOOGLE].err = err;
}

static void quietly(void)
{
	world.on_request = NULL;
	world.on_row = NULL;
}

static int64_t in_hours(int hours)
{
	return (clock_wall_s() / 3600 + hours) * 3600;
}

static struct uuid book(int number, int hours)
{
	struct uuid booking = add_lead(number, 0);

	add_entry(booking, ENTRY_BOOK, in_hours(hours));
	return booking;
}

#define FIRST "00000000-0000-0000-0000-000000000007"
#define SECOND "00000000-0000-0000-0000-000000000008"
#define NOBODY "00000000-0000-0000-0000-000000000063"

/* Monday noon and the like: the world begins on a Sunday evening. */
static void usage(void)
{
	run(&ctl_list, "--help", NULL);
	run(&ctl_move, "--help", NULL);
	run(&ctl_list, "word", NULL);
	run(&ctl_list, "--nothing", NULL);
	run(&ctl_show, NULL);
	run(&ctl_cancel, NULL);
	run(&ctl_cancel, FIRST, "--yes", NULL);
	run(&ctl_cancel, FIRST, "--email", "ada@example.com", NULL);
	run(&ctl_list, "--from", "someday", NULL);
	run(&ctl_list, "--to", "someday", NULL);
	run(&ctl_list, "--status", "gone", NULL);
	run(&ctl_list, "--from", "2026-12-03", "--to", "2026-12-02", NULL);
	run(&ctl_block, "someday", NULL);
	run(&ctl_block, "2026-12-02T10:00", "2026-12-02T09:00", NULL);
	run(&ctl_block, "2026-12-02T10:00", "2026-12-02T10:00", NULL);
	/* It is 20:00 of that day. */
	run(&ctl_block, "2026-11-29T19:00", "2026-11-29T20:00", NULL);
	run(&ctl_block, "2026-12-02T10:00", "2028-12-02T09:00", NULL);
	run(&ctl_block, "2026-11-02", NULL);
	run(&ctl_block_address, "nobody@", NULL);
	run(&ctl_block_address, "--remove", NULL);
	run(&ctl_block_address, NULL);
	run(&ctl_block_address, "--json", NULL);
	run(&ctl_google, "log-in", NULL);
	run(&ctl_cancel, FIRST, "--email", "ada@example.com", "--version", "1", NULL);
	run(&ctl_cancel, "--email", "ada@example.com", "--version", "1", NULL);
	run(&ctl_why, "someday", NULL);
	run(&ctl_stats, "--from", "someday", NULL);
	run(&ctl_stats, "--from", "2026-12-03", "--to", "2026-12-02", NULL);
	run(&ctl_stats, "--to", "someday", NULL);
	run(&ctl_stats, "--from", "2025-10-01", "--to", "2026-11-05", NULL);
	run(&ctl_preview, "--at", "someday", NULL);
	run(&ctl_move, FIRST, "someday", NULL);
	put_file("test.conf", "[site]\nnothing = so\n");
	run(&ctl_list, NULL);
}

static void lists(void)
{
	struct uuid cancelled;

	book(7, 39);
	book(8, 63);
	cancelled = book(9, 65);
	add_entry(cancelled, ENTRY_CANCEL, 0);
	add_lead(10, 3 * 86400 * INT64_C(1000));
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(66));
	quietly();
	run(&ctl_list, NULL);
	run(&ctl_list, "--status", "all", NULL);
	run(&ctl_list, "--status", "cancelled", NULL);
	run(&ctl_list, "--status", "awaiting_slot", "--json", NULL);
	run(&ctl_list, "--status", "blocked", NULL);
	run(&ctl_list, "--email", "ADA@example.com", NULL);
	run(&ctl_list, "--email", "Ada <ada+calls@Example.com>", NULL);
	run(&ctl_list, "--email", "nobody", NULL);
	run(&ctl_list, "--from", "wed", "--to", "wed", NULL);
	run(&ctl_list, "--from", "sunday", "--to", "Tue", NULL);
	run(&ctl_list, "--from", "2027-03-01", NULL);
	run(&ctl_list, "--json", NULL);
	world.find_err = ERR_UNREACHABLE;
	run(&ctl_list, NULL);
}

/* What is missing is said, even where nothing is left to be shown. */
static void lists_that_are_cut(void)
{
	book(7, 39);
	add_lead(8, 0);
	quietly();
	more_leads = REPORT_MAX;
	run(&ctl_list, NULL);
	run(&ctl_list, "--email", "nobody@example.com", NULL);
	run(&ctl_cancel, "--email", "nobody@example.com", NULL);
	run(&ctl_cancel, "--since", "yesterday 10:00", "--dry-run", NULL);
	run(&ctl_cancel, "--since", "yesterday 10:00", NULL);
	more_leads = 0;
	run(&ctl_cancel, "--since", "yesterday 10:00", NULL);
}

static void history(void)
{
	struct uuid booking = book(7, 39);
	struct entry stale = {.kind = ENTRY_BOOK, .booking = booking, .owner = "main"};

	add_entry(booking, ENTRY_BOOK, in_hours(63));
	stale.call = stale.taken = (struct interval){in_hours(70), in_hours(71)};
	ck_assert_int_eq(put_entry(&stale), VERDICT_STALE);
	for (int i = 0; i < 10; i++, world.boot_ms += 200)
		courier_round(&courier);
	world.on_record = NULL;
	quietly();
	run(&ctl_show, FIRST, NULL);
	run(&ctl_show, FIRST, "--json", NULL);
	run(&ctl_show, NOBODY, NULL);
	run(&ctl_show, "0000", NULL);
	run(&ctl_show, "ffff", NULL);
	run(&ctl_show, "x", NULL);
	/* Too little of one, and what is none. */
	run(&ctl_show, "000", NULL);
	run(&ctl_show, "booking", NULL);
	run(&ctl_show, "00000000-0000-0000-0000-000000000000", NULL);
	run(&ctl_resend, FIRST, NULL);
	run(&ctl_resend, FIRST, "--force", "--dry-run", NULL);
	world.on_record = on_record;
	run(&ctl_resend, FIRST, "--force", NULL);
	run(&ctl_resend, FIRST, "--version", "1", NULL);
	run(&ctl_resend, FIRST, "--version", "x", NULL);
}

static void mails_that_failed(void)
{
	struct uuid booking = book(7, 39);
	struct delivery_record record = {.booking = booking,
	    .owner = id_of(900),
	    .delivery = {.version = 2, .state = DELIVERY_FAILED},
	    .payload = "{\"to\":[\"ada@example.com\"]}"};

	add_lead(8, 0);
	quietly();
	run(&ctl_resend, FIRST, NULL);
	run(&ctl_resend, SECOND, NULL);
	record.delivery.duty = DUTY_MAIL;
	write_log(&record);
	run(&ctl_resend, FIRST, NULL);
	record.delivery.duty = DUTY_EVENT;
	write_log(&record);
	world.refused = DELIVERY_DUE;
	world.refusals = 1;
	run(&ctl_resend, FIRST, NULL);
	run(&ctl_resend, FIRST, "--json", NULL);
	run(&ctl_resend, FIRST, "--dry-run", NULL);
	record.delivery.duty = DUTY_EVENT_AGAIN;
	write_log(&record);
	run(&ctl_resend, FIRST, "--dry-run", NULL);
	record.booking = id_of(8);
	record.delivery.version = 0;
	record.delivery.duty = DUTY_SPOOLED;
	write_log(&record);
	record.delivery.duty = DUTY_NUDGE;
	write_log(&record);
	run(&ctl_resend, SECOND, NULL);
	/* What was sent is the person's to have. */
	run(&ctl_show, FIRST, "--json", NULL);
	run(&ctl_export, FIRST, NULL);
	add_entry(booking, ENTRY_CANCEL, 0);
	run(&ctl_resend, FIRST, NULL);
	world.boot_ms += 100 * 86400 * INT64_C(1000);
	run(&ctl_resend, FIRST, NULL);
	run(&ctl_resend, SECOND, NULL);
}

static void cancels(void)
{
	struct uuid booking = book(7, 39);

	run(&ctl_cancel, FIRST, "--version", "1", NULL);
	run(&ctl_cancel, FIRST, "--dry-run", NULL);
	run(&ctl_cancel, FIRST, NULL);
	run(&ctl_cancel, FIRST, NULL);
	run(&ctl_cancel, NOBODY, NULL);
	add_lead(8, 0);
	run(&ctl_cancel, SECOND, NULL);
	world.append_err = ERR_UNSURE;
	add_entry(booking, ENTRY_BOOK, in_hours(63));
	run(&ctl_cancel, FIRST, NULL);
	world.append_err = ERR_REFUSED;
	run(&ctl_cancel, FIRST, "--json", NULL);
	world.append_err = ERR_NONE;
	run(&ctl_cancel, FIRST, "--json", NULL);
}

static void cancels_of_many(void)
{
	book(7, 39);
	book(8, 63);
	quietly();
	run(&ctl_cancel, "--email", "nobody@example.com", NULL);
	run(&ctl_cancel, "--email", "ada-8@example.com", "--dry-run", NULL);
	run(&ctl_cancel, "--email", "ada-8@example.com", "--json", "--dry-run", NULL);
	run(&ctl_cancel, "--since", "2026-11-30T01:01Z", "--dry-run", NULL);
	run(&ctl_cancel, "--since", "2026-11-30T01:00Z", "--dry-run", NULL);
	run(&ctl_cancel, "--since", "yesterday 10:00", NULL);
	run(&ctl_cancel, "--since", "someday", NULL);
	/* It begins now. */
	book(12, 0);
	run(&ctl_cancel, "--email", "ada-12@example.com", "--dry-run", NULL);
	book(9, 39);
	world.append_err = ERR_UNSURE;
	run(&ctl_cancel, "--email", "ada-9@example.com", "--json", NULL);
}

static void moves(void)
{
	struct uuid booking = book(7, 39);

	(void)booking;
	book(8, 63);
	run(&ctl_move, FIRST, "2026-12-03T10:00", "--dry-run", NULL);
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	quietly();
	run(&ctl_move, FIRST, "2026-12-03T10:10", NULL);
	run(&ctl_move, FIRST, "2026-12-03T20:00", NULL);
	run(&ctl_move, FIRST, "2026-12-03T20:00", "--force", NULL);
	run(&ctl_move, FIRST, "2026-11-03T10:00", NULL);
	run(&ctl_move, FIRST, "2120-11-03T10:00", NULL);
	world.imported = (struct interval){in_hours(88), in_hours(89)};
	run(&ctl_move, FIRST, "2026-12-03T12:00", "--force", NULL);
	world.imported = (struct interval){0, 0};
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	world.boot_ms += 3600000;
	run(&ctl_move, FIRST, "2026-12-04T10:00", NULL);
	run(&ctl_move, SECOND, "2026-12-04T10:00", "--force", "--json", NULL);
	run(&ctl_move, FIRST, "2026-12-04T10:00", "--force", NULL);
}

static void blocks(void)
{
	book(7, 39);
	run(&ctl_block, "2026-12-01", NULL);
	run(&ctl_block, "2026-12-03T10:00", "2026-12-03T12:00", NULL);
	run(&ctl_block, "2026-12-04", "--json", NULL);
	/* A leap year, and half an hour more. */
	run(&ctl_block, "2027-02-01T10:00", "2028-02-02T10:00", NULL);
	run(&ctl_block, "2028-03-01T10:00", "2029-03-02T10:30", NULL);
	run(&ctl_list, "--status", "blocked", NULL);
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(500));
	run(&ctl_unblock, "00000000-0000-0000-0000-00000000000b", NULL);
	run(&ctl_unblock, "00000000-0000-0000-0000-00000000000b", NULL);
	run(&ctl_unblock, FIRST, NULL);
	run(&ctl_cancel, "00000000-0000-0000-0000-00000000000b", NULL);
}

static void reasons(void)
{
	book(7, 39);
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(66));
	quietly();
	world.busy = "{\"start\":\"2026-12-03T15:00:00Z\",\"end\":\"2026-12-03T16:00:00Z\"}";
	run(&ctl_why, "2026-12-01T12:00", NULL);
	run(&ctl_why, "tomorrow 9:00", NULL);
	run(&ctl_why, "2026-12-01T12:10", NULL);
	run(&ctl_why, "2026-12-01T22:00", NULL);
	run(&ctl_why, "2026-12-02T15:00", NULL);
	run(&ctl_why, "2026-12-03T10:00", NULL);
	run(&ctl_why, "2026-12-03T10:00", "--json", NULL);
	run(&ctl_why, "2026-12-06T10:00", NULL);
	run(&ctl_why, "2027-01-05T10:00", NULL);
	run(&ctl_why, "2026-11-05T10:00", NULL);
	run(&ctl_why, "2027-03-14T02:30", NULL);
	run(&ctl_move, FIRST, "2027-03-14T02:30", NULL);
	run(&ctl_block, "2027-03-14T01:30", "2027-03-14T02:30", NULL);
	run(&ctl_preview, "--at", "2027-03-14T02:30", NULL);
	run(&ctl_preview, NULL);
	run(&ctl_preview, "--at", "2026-12-02T10:00", "--json", NULL);
}

static void reasons_by_the_rules(void)
{
	reopen_with(
	    "[hours]\nmax_per_day = 1\nnotice = 36h\nbuffer_before = 15\nbuffer_after = 30\n"
	    "window = 2026-11-30..2026-12-09\nMon-Thu = 09:00-11:00, 13:00-14:00\n"
	    "step_minutes = 45\n[dates]\n2026-12-07 = off\n");
	book(7, 63);
	book(8, 39);
	book(9, 87);
	quietly();
	run(&ctl_preview, NULL);
	run(&ctl_why, "2026-12-02T09:45", NULL);
	run(&ctl_why, "2026-12-02T09:45", "--json", NULL);
	run(&ctl_why, "2026-11-30T09:45", NULL);
	run(&ctl_why, "2026-12-07T09:45", NULL);
	run(&ctl_why, "2026-12-04T09:45", NULL);
	run(&ctl_why, "2026-12-20T09:45", NULL);
	reopen_with("[google]\noutage = closed\n[hours]\nstarts = packed\n");
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	world.boot_ms += 3600000;
	run(&ctl_why, "2026-12-04T09:40", NULL);
	run(&ctl_why, "2026-12-04T09:30", NULL);
}

/* A call at midnight is of the day that begins. */
static void reasons_by_a_full_day(void)
{
	reopen_with("[hours]\nmax_per_day = 2\n");
	book(7, 39);
	book(8, 28);
	book(9, 52);
	quietly();
	run(&ctl_why, "2026-12-01T14:00", NULL);
	run(&ctl_why, "2026-12-01T14:00", "--json", NULL);
}

static void figures_of_days(void)
{
	struct uuid booking;

	add_lead(20, 2 * 86400 * INT64_C(1000));
	add_lead(22, 2 * 86400 * INT64_C(1000));
	add_lead(21, 30 * 86400 * INT64_C(1000));
	booking = add_lead(7, 86400 * INT64_C(1000));
	add_lead(8, 3600 * INT64_C(1000));
	world.boot_ms += 90000;
	add_entry(booking, ENTRY_BOOK, in_hours(39));
	add_entry(id_of(8), ENTRY_BOOK, in_hours(41));
	world.boot_ms += 90000;
	add_entry(booking, ENTRY_BOOK, in_hours(63));
	add_entry(id_of(8), ENTRY_CANCEL, 0);
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(66));
	add_entry(id_of(20), ENTRY_BOOK, in_hours(90));
	add_entry(id_of(20), ENTRY_ERASE, in_hours(90));
}

static void figures(void)
{
	figures_of_days();
	run(&ctl_stats, NULL);
	run(&ctl_stats, "--from", "yesterday", "--json", NULL);
	run(&ctl_stats, "--to", "yesterday", NULL);
	/* Four hundred days, and one more. */
	run(&ctl_stats, "--from", "2025-10-26", NULL);
	run(&ctl_stats, "--from", "2025-10-25", NULL);
}

/* ---- A person goes */

static void erasure(void)
{
	struct uuid booking = book(7, 39);

	world.event_booking = booking;
	calendar_event_id(&booking, 2, world.events[world.event_count++]);
	add_lead(8, 0);
	run(&ctl_erase, FIRST, "--dry-run", NULL);
	run(&ctl_erase, FIRST, "--dry-run", "--json", NULL);
	run(&ctl_erase, "ADA@example.com", NULL);
	run(&ctl_erase, FIRST, "--yes", NULL);
	run(&ctl_erase, SECOND, "--json", NULL);
	run(&ctl_show, FIRST, NULL);
	run(&ctl_cancel, FIRST, NULL);
	run(&ctl_resend, FIRST, NULL);
	run(&ctl_erase, NOBODY, NULL);
	run(&ctl_erase, "nobody@example.com", NULL);
	run(&ctl_erase, "nobody", NULL);
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(66));
	run(&ctl_erase, "00000000-0000-0000-0000-00000000000b", NULL);
	/* The calendar is there, and is asked all the same. */
	run(&ctl_erase, SECOND, "--force", NULL);
}

/* Of the one call that there is the event would stay: all three are missing. */
static void erasure_without_credentials(void)
{
	book(7, 39);
	quietly();
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	ck_assert_int_eq(unlink(path_of("google-client-id")), 0);
	ck_assert_int_eq(unlink(path_of("google-client-secret")), 0);
	run(&ctl_erase, FIRST, "--dry-run", NULL);
	run(&ctl_erase, FIRST, "--yes", NULL);
}

static void erasure_in_vain(void)
{
	book(7, 39);
	kept.may = ERR_AUTH;
	run(&ctl_erase, FIRST, NULL);
	kept.may = ERR_NONE;
	kept.lease = ERR_BUSY;
	run(&ctl_erase, FIRST, NULL);
	kept.lease = ERR_NONE;
	world.append_err = ERR_UNSURE;
	run(&ctl_erase, FIRST, NULL);
	world.append_err = ERR_NONE;
	kept.purge = ERR_REFUSED;
	run(&ctl_erase, FIRST, NULL);
	kept.purge = ERR_NONE;
	kept.left = 2;
	run(&ctl_erase, FIRST, NULL);
	kept.left = 0;
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	run(&ctl_erase, FIRST, NULL);
	world.answers[OUTSIDE_GOOGLE].err = ERR_NONE;
	/* Rows from before stay until the one that says so stands there. */
	world.row_err = ERR_BUSY;
	run(&ctl_erase, FIRST, NULL);
}

/* Files are read again under the lock, which is given back whatever comes of it. */
static void erasure_of_a_spool_that_fails(void)
{
	char text[600];

	book(7, 39);
	quietly();
	kept.bad_look = 2;
	run(&ctl_erase, FIRST, "--yes", NULL);
	run(&ctl_erase, FIRST, "--yes", NULL);
	snprintf(text, sizeof(text),
	    "[site]\nbase_url = https://book.example.com\nname = Avo\n"
	    "runtime_dir = %s\nspool_dir = /nowhere\n",
	    folder);
	put_file("test.conf", text);
	run(&ctl_erase, FIRST, "--yes", NULL);
	run(&ctl_erase, FIRST, "--dry-run", NULL);
}

static void person_of_the_spool(void)
{
	static char path[600];
	static struct data_subject_file file;

	snprintf(path, sizeof(path), "%s/brief.json", folder);
	put_file("brief.json", "{}");
	file = (struct data_subject_file){.path = path, .name = "brief.json", .is_readable = true};
	lead_clear(&file.lead);
	file.lead.booking = id_of(30);
	file.lead.email = "ada@example.com";
	file.lead.name = "Ada";
	file.lead.created_ms = clock_wall_ms();
	kept.files = (struct data_subject_files){&file, 1};
	book(7, 39);
	quietly();
	run(&ctl_export, FIRST, NULL);
	run(&ctl_export, "ada@example.com", NULL);
	run(&ctl_erase, "ada@example.com", "--dry-run", NULL);
	say("%s\n", access(path, F_OK) == 0 ? "the file is there" : "the file is gone");
	/* A file that cannot be removed leaves all as it is. */
	file.path = folder;
	run(&ctl_erase, "ada@example.com", NULL);
	file.path = path;
	run(&ctl_erase, "ada@example.com", NULL);
	say("%s\n", access(path, F_OK) == 0 ? "the file is there" : "the file is gone");
	kept.files = (struct data_subject_files){NULL, 0};
	run(&ctl_export, NOBODY, NULL);
	run(&ctl_export, "nobody", NULL);
}

static void migrations(void)
{
	run(&ctl_migrate, NULL);
	tables.version = 8;
	run(&ctl_migrate, "--json", NULL);
	tables.apply = ERR_REFUSED;
	run(&ctl_migrate, NULL);
	tables.may = ERR_AUTH;
	run(&ctl_migrate, NULL);
	tables.version = 10;
	run(&ctl_migrate, NULL);
	tables.version = 11;
	world.schema_err = ERR_SCHEMA;
	run(&ctl_migrate, NULL);
	world.schema_err = ERR_NONE;
	tables.version = 0;
	tables.may = ERR_NONE;
	tables.begin = ERR_BUSY;
	run(&ctl_migrate, NULL);
	asked.version = ERR_UNREACHABLE;
	run(&ctl_migrate, NULL);
}

static void rebuilding(void)
{
	run(&ctl_ledger, "other", NULL);
	run(&ctl_ledger, "rebuild", "--doubtful", "x", NULL);
	run(&ctl_ledger, "rebuild", "--dry-run", NULL);
	run(&ctl_ledger, "rebuild", NULL);
	run(&ctl_ledger, "rebuild", "--doubtful", "hold", "--json", NULL);
	tables.carried = 4;
	tables.doubtful = 1;
	run(&ctl_ledger, "rebuild", "--doubtful", "drop", NULL);
	run(&ctl_ledger, "rebuild", "--dry-run", "--json", NULL);
	tables.rebuild = ERR_REFUSED;
	run(&ctl_ledger, "rebuild", NULL);
	tables.rebuild = ERR_NONE;
	tables.deliveries = ERR_BUSY;
	run(&ctl_ledger, "rebuild", NULL);
	tables.deliveries = ERR_NONE;
	tables.may = ERR_AUTH;
	run(&ctl_ledger, "rebuild", NULL);
	tables.may = ERR_NONE;
	world.schema_err = ERR_SCHEMA;
	run(&ctl_ledger, "rebuild", NULL);
	world.schema_err = ERR_NONE;
	roll_enter(folder, ROLL_COURIER);
	run(&ctl_ledger, "rebuild", NULL);
	run(&ctl_ledger, "rebuild", "--yes", NULL);
}

static void checks(void)
{
	static const enum err errs[] = {
	    ERR_AUTH, ERR_UNREACHABLE, ERR_UNSURE, ERR_SCHEMA, ERR_LEDGER, ERR_GARBLED};

	book(7, 39);
	quietly();
	run(&ctl_check, NULL);
	run(&ctl_check, "--quick", "--no-programs", "--json", NULL);
	put_file("api-key", "a-key-of-a-program-that-is-long-enough");
	run(&ctl_check, "--quick", NULL);
	ck_assert_int_eq(unlink(path_of("api-key")), 0);
	asked.server = "26.6";
	run(&ctl_check, "--quick", NULL);
	run(&ctl_check, NULL);
	asked.server = "26.7.1.1";
	for (size_t i = 0; i < COUNT(errs); i++) {
		asked.version = errs[i];
		run(&ctl_check, NULL);
		asked.version = ERR_NONE;
		asked.order = asked.whole = asked.odd = errs[i];
		run(&ctl_check, NULL);
		asked.order = asked.whole = asked.odd = ERR_NONE;
	}
	world.schema_err = ERR_SCHEMA;
	run(&ctl_check, NULL);
	world.schema_err = ERR_NONE;
	reopen_with("[hours]\nslot_minutes = 45\n");
	run(&ctl_check, "--quick", NULL);
	reopen_with("");
	asked.found = (struct odd){
	    {2, id_of(21)}, {3, id_of(22)}, {4, id_of(23)}, {5, id_of(24)}, {6, id_of(25)}};
	run(&ctl_check, NULL);
}

/* A token is given, and then there are limits. */
static void refuse_free_busy(const struct http_request *request, enum outside outside)
{
	if (outside == OUTSIDE_GOOGLE)
		world.answers[outside].status = strstr(request->url, "/freeBusy") ? 403 : 0;
}

static void checks_of_limits(void)
{
	static const char *const bodies[] = {
	    "{\"error\":{\"errors\":[{\"reason\":\"rateLimitExceeded\"}]}}",
	    "{\"error\":{\"errors\":[{\"reason\":\"quotaExceeded\"}]}}",
	    "{\"error\":{\"errors\":[{\"reason\":\"accessNotConfigured\"}]}}"};

	quietly();
	world.on_request = refuse_free_busy;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		world.answers[OUTSIDE_GOOGLE].body = bodies[i];
		run(&ctl_check, NULL);
	}
	/* What is busy otherwise is a fault. */
	quietly();
	world.answers[OUTSIDE_GOOGLE] = (struct answer){.status = 503, .body = "{}"};
	run(&ctl_check, NULL);
}

/* The key may read, and not send. */
static void refuse_mails(const struct http_request *request, enum outside outside)
{
	if (outside == OUTSIDE_RESEND)
		world.answers[outside] =
		    strstr(request->body ? request->body : "", "\"to\"")
			? (struct answer){.status = 401,
			      .body = "{\"statusCode\":401,\"name\":\"restricted\","
				      "\"message\":\"This key may not send.\"}"}
			: (struct answer){.status = 0};
}

static void checks_of_services(void)
{
	static const struct answer answers[] = {{.err = ERR_UNREACHABLE},
	    {.status = 400, .body = "{\"error\":\"invalid_grant\"}"},
	    {.status = 401, .body = "{\"error\":\"invalid_client\"}"},
	    {.status = 403, .body = "{}"}, {.status = 404, .body = "{}"},
	    {.status = 429, .body = "{}"}, {.status = 500, .body = "{}"},
	    {.status = 200, .body = "x"}};
	bool is_new;

	book(7, 39);
	for (size_t i = 0; i < COUNT(answers); i++) {
		for (int j = 0; j < OUTSIDES; j++)
			world.answers[j] = answers[i];
		run(&ctl_check, NULL);
	}
	memset(world.answers, 0, sizeof(world.answers));
	run(&ctl_check, "--mail", "ada@example.com", NULL);
	/* Nothing is asked, and nothing sent. */
	run(&ctl_check, "--mail", "ada", NULL);
	world.on_request = refuse_mails;
	run(&ctl_check, "--mail", "ada@example.com", NULL);
	world.on_request = on_request;
	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 0};
	run(&ctl_check, NULL);
	world.domains = "{\"data\":[{\"name\":\"book.example.com\",\"status\":\"verified\"}]}";
	run(&ctl_check, NULL);
	world.domains = "{\"data\":[{\"name\":\"book.example.com\",\"status\":\"pending\"}]}";
	run(&ctl_check, NULL);
	reopen_with("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		    "url = http://127.0.0.1:4/home.ics\noutage = closed\n[site]\napi = keys\n");
	put_file("api-key", "a-key-of-a-program-that-is-long-enough");
	run(&ctl_check, NULL);
	{
		const struct calendar_place place =
		    calendar_place(courier.conf, &courier.conf->calendars.list[1], courier.kept);
		const struct calendar_cache cached = {.asked_ms = world.boot_ms - 7000,
		    .window = {clock_wall_s(), clock_wall_s() + 86400}};

		ck_assert_int_eq(outage_note(&place, courier.kept, world.boot_ms + 1000,
				     OUTAGE_DOWN, &is_new, &failure),
		    ERR_NONE);
		run(&ctl_check, NULL);
		ck_assert(outage_end(&place, courier.kept));
		ck_assert_int_eq(
		    calendar_cache_store(&place, courier.kept, &cached, &failure), ERR_NONE);
		run(&ctl_check, NULL);
		ck_assert_int_eq(outage_note(&place, courier.kept, world.boot_ms + 1000,
				     OUTAGE_DOWN, &is_new, &failure),
		    ERR_NONE);
		run(&ctl_check, NULL);
	}
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	ck_assert_int_eq(unlink(path_of("resend-api-key")), 0);
	ck_assert_int_eq(unlink(path_of("telegram-bot-token")), 0);
	run(&ctl_check, NULL);
}

/* The rules have changed since these calls were booked. */
static void checks_of_calls(void)
{
	struct entry malformed = {
	    .kind = ENTRY_BOOK, .booking = id_of(40), .owner = "main", .call = {7200, 3600}};

	book(6, 1);
	book(7, 39);
	book(8, 48);
	book(9, 64);
	/* It begins as it is looked at. */
	book(10, 2);
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(50));
	ck_assert_int_eq(put_entry(&malformed), VERDICT_MALFORMED);
	quietly();
	world.boot_ms += 2 * 3600000;
	run(&ctl_check, "--quick", "--no-programs", NULL);
	run(&ctl_check, "--quick", "--no-programs", "--json", NULL);
	reopen_with("[hours]\nslot_minutes = 45\n");
	run(&ctl_check, "--quick", "--no-programs", NULL);
	reopen_with(
	    "[hours]\nMon-Thu = 12:00-13:00\nmax_per_week = 1\n[dates]\n2026-12-01 = off\n");
	run(&ctl_check, "--quick", "--no-programs", NULL);
	reopen_with("[site]\nhost = another\n");
	run(&ctl_check, "--quick", "--no-programs", NULL);
}

/* The list of holidays comes to its end one day, and is then said to close nothing: not while its
 * last day lasts, and whatever else is off. */
static void checks_of_holidays(void)
{
	static const struct {
		const char *holidays, *dates;
	} all[] = {{"2026-11-28\n", "2026-12-07 = off\n"}, {"2026-11-28\n2026-11-29\n", ""},
	    {"2026-12-25\n", ""}};
	char more[400];

	for (size_t i = 0; i < COUNT(all); i++) {
		put_file("holidays.txt", all[i].holidays);
		snprintf(more, sizeof(more), "[dates]\nholidays = %s/holidays.txt\n%s", folder,
		    all[i].dates);
		reopen_with(more);
		quietly();
		run(&ctl_check, "--quick", "--no-programs", NULL);
	}
}

static void reasons_by_calendars(void)
{
	book(7, 39);
	quietly();
	reopen_with("[google]\nfresh_s = 1\n[calendar work]\nwrites = yes\noutage = open\n"
		    "[calendar club]\ncalendar = club@example.com\noutage = closed\n");
	world.busy = "{\"start\":\"2026-12-03T15:00:00Z\",\"end\":\"2026-12-03T16:00:00Z\"}";
	world.on_request = on_request;
	run(&ctl_why, "2026-12-03T10:00", NULL);
	put_file("club-google-refresh-token", "1//club");
	run(&ctl_why, "2026-12-03T10:00", NULL);
	quietly();
	world.boot_ms += 5000;
	fail_with(ERR_UNREACHABLE);
	run(&ctl_why, "2026-12-03T10:00", NULL);
	run(&ctl_preview, NULL);
	world.boot_ms += 3600000;
	run(&ctl_why, "2026-12-03T10:00", NULL);
	run(&ctl_why, "2026-12-03T10:00", "--json", NULL);
	fail_with(ERR_NONE);
	world.boot_ms += 600000;
	run(&ctl_why, "2026-12-03T10:00", NULL);
	/* What a call was booked by is kept with it. */
	run(&ctl_move, FIRST, "2026-12-04T10:00", NULL);
	world.busy = NULL;
	world.imported = (struct interval){in_hours(85), in_hours(86)};
	world.boot_ms += 600000;
	run(&ctl_why, "2026-12-03T10:00", NULL);
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	run(&ctl_why, "2026-12-03T10:00", NULL);
	run(&ctl_preview, NULL);
}

/* The beginning of an id, or what stands in the logs, does where it is of one booking alone. */
static void short_ids(void)
{
	struct uuid booking = add_lead(7, 0), second;

	quietly();
	/* The ledger knows nothing of it yet. */
	run(&ctl_show, "0000", NULL);
	add_entry(booking, ENTRY_BOOK, in_hours(39));
	run(&ctl_cancel, "0000", "--dry-run", NULL);
	second = add_lead(8, 0);
	run(&ctl_show, "5deac0c77ebd", NULL);
	run(&ctl_cancel, "ca2ba22df5f6", "--dry-run", NULL);
	add_entry(second, ENTRY_BOOK, in_hours(41));
	run(&ctl_cancel, "0000", "--dry-run", NULL);
	run(&ctl_cancel, "00000000-0000-0000-0000-000000000007", "--dry-run", NULL);
	run(&ctl_cancel, "00000000-0000-0000-0000-000000000008", "--dry-run", NULL);
	run(&ctl_cancel, "ca2ba22df5f6", "--dry-run", NULL);
	run(&ctl_cancel, "ca2ba22df5f7", "--dry-run", NULL);
}

/* A person's calls all together, and how long each took from its brief. */
static void calls_of_a_person(void)
{
	static const int64_t ago_ms[] = {
	    119999, 120000, 7199999, 7200000, 20000000, 172799999, 172800000};
	struct uuid booking;

	quietly();
	/* What only the ledger knows has an id, too. */
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(50));
	run(&ctl_unblock, "0000", NULL);
	for (int i = 0; i < (int)COUNT(ago_ms); i++) {
		booking = add_lead(20 + i, ago_ms[i]);
		lead_of(&booking)->email = "ada@example.com";
		add_entry(booking, ENTRY_BOOK, in_hours(39 + i));
		run(&ctl_stats, NULL);
	}
	run(&ctl_cancel, "--email", "ada@example.com", NULL);
	run(&ctl_list, "--status", "cancelled", NULL);
}

/* The event stands in the second of two calendars. */
static void reasons_by_the_second(void)
{
	quietly();
	reopen_with("[google]\nfresh_s = 1\n[calendar club]\ncalendar = club@example.com\n"
		    "outage = closed\n[calendar work]\nwrites = yes\n");
	put_file("club-google-refresh-token", "1//club");
	world.busy = "{\"start\":\"2026-12-03T15:00:00Z\",\"end\":\"2026-12-03T16:00:00Z\"}";
	run(&ctl_why, "2026-12-03T10:00", NULL);
	world.boot_ms += 5000;
	fail_with(ERR_UNREACHABLE);
	run(&ctl_why, "2026-12-03T10:00", NULL);
	world.boot_ms += 3600000;
	run(&ctl_why, "2026-12-03T10:00", NULL);
	fail_with(ERR_NONE);
	ck_assert_int_eq(unlink(path_of("google-client-secret")), 0);
	run(&ctl_check, "--quick", "--no-programs", NULL);
}

static void changes(void)
{
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	run(&ctl_cancel, FIRST, NULL);
	run(&ctl_block, "2026-12-07T10:00", "2026-12-07T11:00", NULL);
	run(&ctl_unblock, "00000000-0000-0000-0000-00000000000b", NULL);
	run(&ctl_erase, FIRST, "--yes", NULL);
}

static void views(void)
{
	run(&ctl_list, NULL);
	run(&ctl_show, FIRST, NULL);
	run(&ctl_stats, NULL);
	run(&ctl_resend, FIRST, NULL);
	run(&ctl_export, FIRST, NULL);
}

/* Each command says that it can do nothing, and does nothing. */
static void store_that_fails(void)
{
	uint64_t entries;

	book(7, 39);
	add_entry(id_of(11), ENTRY_BLOCK, in_hours(50));
	quietly();
	entries = world.entries;
	world.append_err = ERR_UNREACHABLE;
	changes();
	world.append_err = ERR_NONE;
	world.look_err = ERR_UNREACHABLE;
	changes();
	views();
	run(&ctl_why, "2026-12-03T10:00", NULL);
	run(&ctl_preview, NULL);
	ck_assert_uint_eq(world.entries, entries);
	world.look_err = ERR_NONE;
	world.refresh_err = ERR_UNREACHABLE;
	views();
	run(&ctl_check, "--quick", "--no-programs", NULL);
	world.refresh_err = ERR_NONE;
	world.find_err = ERR_UNREACHABLE;
	run(&ctl_list, NULL);
}

static void blocked_addresses(void)
{
	world.blocked = "ada@example.com\nspam.example\n";
	run(&ctl_block_address, NULL);
	run(&ctl_block_address, "--json", NULL);
	run(&ctl_block_address, "Ada+1@Example.com", "spam.example", NULL);
	run(&ctl_block_address, "spam.example", "--remove", "--json", NULL);
	run(&ctl_block_address, "a b", NULL);
	run(&ctl_block_address, "other.example", "a b", NULL);
	world.people_err = ERR_AUTH;
	run(&ctl_block_address, NULL);
	run(&ctl_block_address, "spam.example", NULL);
}

/* What the operator types at a terminal, when they are asked. */
static void type(const char *answer)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), its;

	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	its = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(its, 0);
	ck_assert_int_eq(write(terminal, answer, strlen(answer)), (ssize_t)strlen(answer));
	ck_assert_int_eq(dup2(its, STDIN_FILENO), STDIN_FILENO);
	close(its);
	clearerr(stdin);
}

static void at_a_terminal(void)
{
	book(7, 39);
	quietly();
	type("n\n");
	run(&ctl_cancel, "--email", "ada@example.com", NULL);
	type("\n");
	run(&ctl_erase, FIRST, NULL);
	run(&ctl_erase, FIRST, "--dry-run", NULL);
	type("Yes\n");
	run(&ctl_cancel, "--email", "ada@example.com", NULL);
	run(&ctl_erase, FIRST, "--yes", NULL);
	type("n\n");
	run(&ctl_migrate, NULL);
	type("y\n");
	run(&ctl_migrate, NULL);
	type("x\n");
	run(&ctl_ledger, "rebuild", NULL);
}

/* As a terminal of sixty columns shows it. */
static void on_a_screen(void)
{
	const struct winsize size = {.ws_row = 24, .ws_col = 60};
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	static char shown[20000];
	struct termios raw;
	ssize_t len;

	figures_of_days();
	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(screen, 0);
	ck_assert_int_eq(tcgetattr(screen, &raw), 0);
	cfmakeraw(&raw);
	ck_assert_int_eq(tcsetattr(screen, TCSANOW, &raw), 0);
	ck_assert_int_eq(ioctl(screen, TIOCSWINSZ, &size), 0);
	run(&ctl_stats, NULL);
	/* Of more days than there is room for the last. */
	run(&ctl_stats, "--from", "2026-09-01", NULL);
	run(&ctl_list, "--status", "all", NULL);
	/* What was written before is read to its end, which then comes. */
	close(screen);
	screen = -1;
	while ((len = read(terminal, shown, sizeof(shown))) > 0)
		say("%.*s", (int)len, shown);
	close(terminal);
}

/* Nothing is begun where the ground is not as it should be. */
static void no_ground(void)
{
	book(7, 39);
	world.schema_err = ERR_SCHEMA;
	run(&ctl_list, NULL);
	run(&ctl_show, FIRST, NULL);
	world.schema_err = ERR_NONE;
	put_file("test.conf",
	    "[site]\nbase_url = https://book.example.com\nname = Avo\n[hours]\ntimezone = Nowhere/City\n");
	run(&ctl_list, NULL);
	run(&ctl_check, "--quick", "--no-programs", NULL);
	run(&ctl_migrate, NULL);
	put_file("test.conf",
	    "[site]\nbase_url = https://book.example.com\nname = Avo\n[resend]\nfrom =\n");
	run(&ctl_migrate, NULL);
}

static void checks_of_a_caldav_server(void)
{
	static const struct answer answers[] = {{.err = ERR_UNREACHABLE},
	    {.status = 401, .body = ""}, {.status = 403, .body = ""}, {.status = 404, .body = ""},
	    {.status = 429, .body = ""}, {.status = 500, .body = ""}, {.status = 207, .body = "x"}};

	use_dav("");
	run(&ctl_check, "--quick", "--no-programs", NULL);
	quietly();
	world.dav_rights = "<current-user-privilege-set><privilege><read/></privilege>"
			   "</current-user-privilege-set>";
	run(&ctl_check, "--quick", "--no-programs", NULL);
	for (size_t i = 0; i < COUNT(answers); i++) {
		world.answers[OUTSIDE_DAV] = answers[i];
		run(&ctl_check, "--quick", "--no-programs", NULL);
	}
	ck_assert_int_eq(unlink(path_of("dav-caldav-user")), 0);
	run(&ctl_check, "--quick", "--no-programs", NULL);
	reopen_with("[calendar main]\nwrites = yes\nblocks = no\n");
	world.answers[OUTSIDE_GOOGLE] = answers[0];
	run(&ctl_check, "--quick", "--no-programs", NULL);
}

/* ---- Somebody else at the same moment */

static void moves_too(void)
{
	world.before_append = world.after_append = NULL;
	add_entry(id_of(7), ENTRY_BOOK, in_hours(40));
}

static void cancels_too(void)
{
	world.before_append = NULL;
	add_entry(id_of(7), ENTRY_CANCEL, 0);
}

static void erases_too(void)
{
	world.before_append = NULL;
	add_entry(id_of(7), ENTRY_ERASE, 0);
}

/* 10:00 on Thursday. */
static void moves_there(void)
{
	world.before_append = NULL;
	add_entry(id_of(7), ENTRY_BOOK, in_hours(86));
}

static void books_there(void)
{
	world.before_append = NULL;
	add_entry(id_of(8), ENTRY_BOOK, in_hours(86));
}

static void books_that_day(void)
{
	world.before_append = NULL;
	add_entry(id_of(8), ENTRY_BOOK, in_hours(90));
}

static void keeps_moving(void)
{
	static int hours = 100;

	add_entry(id_of(7), ENTRY_BOOK, in_hours(hours++));
}

static void at_the_same_moment(void)
{
	reopen_with("[hours]\nmax_per_day = 1\n");
	book(7, 39);
	add_lead(8, 0);
	quietly();
	world.before_append = moves_too;
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	world.after_append = moves_too;
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	world.before_append = books_that_day;
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	add_entry(id_of(8), ENTRY_CANCEL, 0);
	world.before_append = books_there;
	run(&ctl_move, FIRST, "2026-12-03T10:00", "--force", NULL);
	add_entry(id_of(8), ENTRY_CANCEL, 0);
	world.before_append = moves_there;
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	world.before_append = moves_too;
	run(&ctl_cancel, FIRST, NULL);
	world.before_append = cancels_too;
	run(&ctl_cancel, FIRST, NULL);
	add_entry(id_of(7), ENTRY_BOOK, in_hours(39));
	world.before_append = keeps_moving;
	run(&ctl_cancel, "--email", "ada@example.com", NULL);
	run(&ctl_erase, FIRST, NULL);
	world.before_append = moves_too;
	run(&ctl_erase, FIRST, NULL);
	add_lead(7, 0);
	world.before_append = erases_too;
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
}

/* What follows from a command does not go as it should. */
static void unfollowed(void)
{
	book(7, 39);
	quietly();
	world.row_err = ERR_BUSY;
	world.insert_status = 403;
	run(&ctl_move, FIRST, "2026-12-03T10:00", NULL);
	world.row_err = ERR_NONE;
	fail_with(ERR_UNREACHABLE);
	run(&ctl_cancel, FIRST, NULL);
	fail_with(ERR_NONE);
	add_entry(id_of(50), ENTRY_BOOK, in_hours(50));
	run(&ctl_cancel, "00000000-0000-0000-0000-000000000032", NULL);
	run(&ctl_move, "00000000-0000-0000-0000-000000000032", "2026-12-03T10:00", NULL);
	run(&ctl_show, "00000000-0000-0000-0000-000000000032", NULL);
	run(&ctl_block, "2110-01-01", NULL);
	world.imported = (struct interval){in_hours(87), in_hours(88)};
	run(&ctl_block, "2026-12-03", NULL);
	run(&ctl_move, FIRST, "2027-03-03T10:00", "--force", NULL);
	run(&ctl_cancel, "--email", "nobody", NULL);
	world.find_err = ERR_UNREACHABLE;
	run(&ctl_cancel, "--email", "ada@example.com", NULL);
	run(&ctl_stats, NULL);
	run(&ctl_show, "0000", NULL);
}

/* What the workers keep of the calendar's last answer. */
static void remember(int64_t ago_ms)
{
	const struct calendar_place place =
	    calendar_place(courier.conf, &courier.conf->calendars.list[0], courier.kept);
	struct interval busy = {in_hours(87), in_hours(88)};
	const struct calendar_cache cached = {.asked_ms = world.boot_ms - ago_ms,
	    .window = {clock_wall_s() - 3 * 86400, clock_wall_s() + 100 * 86400},
	    .busy = {&busy, 1}};

	ck_assert_int_eq(calendar_cache_store(&place, courier.kept, &cached, &failure), ERR_NONE);
}

static void reasons_of_all_kinds(void)
{
	put_file("holidays.txt", "2026-12-24 Christmas Eve\n");
	reopen_with(
	    "[hours]\nstarts = packed\nslot_minutes = 30\nwindow_days = 40\nfirst_start = 00:00\n"
	    "last_start = 12:00\n[dates]\n2026-12-04 = off\n");
	book(7, 39);
	quietly();
	run(&ctl_why, "2026-12-01T10:10", NULL);
	run(&ctl_why, "2026-12-01T11:00", NULL);
	run(&ctl_preview, NULL);
	reopen_with("[google]\nfresh_s = 600\n[hours]\nbuffer_before = 30\n");
	run(&ctl_why, "2026-12-01T11:30", NULL);
	world.boot_ms += 300000;
	remember(299000);
	run(&ctl_why, "2026-12-03T11:30", NULL);
	run(&ctl_why, "2026-12-03T11:30", "--json", NULL);
	run(&ctl_why, "2026-12-02T11:30", NULL);
	fail_with(ERR_UNREACHABLE);
	world.boot_ms += 600000;
	run(&ctl_why, "2026-12-02T11:30", NULL);
	run(&ctl_preview, NULL);
	run(&ctl_why, "2026-12-02T11:30", "--json", NULL);
	for (int64_t ago_ms = 1999; ago_ms > 0; ago_ms -= 1000) {
		remember(ago_ms);
		run(&ctl_why, "2026-12-03T11:30", NULL);
	}
}

/* Whoever goes on with half of a list is told. */
static void output_that_is_full(void)
{
	book(7, 39);
	quietly();
	screen = open("/dev/full", O_WRONLY);
	ck_assert_int_ge(screen, 0);
	run(&ctl_list, NULL);
	__fpurge(stdout);
	clearerr(stdout);
	close(screen);
	screen = -1;
	run(&ctl_list, NULL);
}

/* Of rules that most people never need. */
static void reasons_of_rare_rules(void)
{
	struct entry with_buffer = {.kind = ENTRY_BOOK,
	    .booking = id_of(7),
	    .owner = "main",
	    .call = {in_hours(39), in_hours(39) + 1800},
	    .taken = {in_hours(39) - 1800, in_hours(39) + 3600}};
	char more[400];

	add_lead(7, 0);
	ck_assert_int_eq(put_entry(&with_buffer), VERDICT_ACCEPTED);
	quietly();
	run(&ctl_why, "2026-12-01T10:30", NULL);
	run(&ctl_why, "2026-12-01T11:30", "--json", NULL);
	/* The hour that the clock shows twice. */
	run(&ctl_why, "2027-11-07T05:30Z", NULL);
	run(&ctl_why, "2027-11-07T06:30Z", NULL);
	put_file("holidays.txt", "2026-12-08\n");
	snprintf(more, sizeof(more),
	    "[hours]\ndays = Mon-Fri\n[dates]\nholidays = %s/holidays.txt\n", folder);
	reopen_with(more);
	run(&ctl_why, "2026-12-08T10:00", NULL);
	run(&ctl_why, "2026-12-05T10:00", NULL);
	run(&ctl_why, "2026-12-04T20:00", NULL);
	/* Of two that are down the first is named. */
	put_file("club-google-refresh-token", "1//club");
	reopen_with("[calendar club]\ncalendar = club@example.com\noutage = open\n[calendar work]\n"
		    "writes = yes\noutage = open\n");
	fail_with(ERR_UNREACHABLE);
	run(&ctl_why, "2026-12-04T10:00", NULL);
	fail_with(ERR_NONE);
	/* A few minutes after midnight, what is taken began yesterday. */
	reopen_with("[hours]\nbuffer_before = 60\n");
	world.boot_ms += (4 * 60 + 5) * INT64_C(60000);
	world.on_look = on_look;
	run(&ctl_move, FIRST, "2026-11-30T00:30", "--force", NULL);
}

/* Hours of which only one key is written. */
static void reasons_by_one_key(void)
{
	static const char *const written[] = {"days = Mon-Fri", "first_start = 10:00",
	    "last_start = 15:00", "Tue = 09:00-11:00", "slot_minutes = 60"};
	char more[60];

	quietly();
	for (size_t i = 0; i < COUNT(written); i++) {
		snprintf(more, sizeof(more), "[hours]\n%s\n", written[i]);
		reopen_with(more);
		run(&ctl_why, "2026-12-01T20:00", NULL);
		run(&ctl_why, "2026-12-01T10:10", NULL);
		run(&ctl_why, "2026-12-06T10:00", NULL);
	}
}

/* Nobody ever had a call that a calendar was asked for. */
static void nothing_is_connected(void)
{
	static const char *const secrets[] = {"google-client-id", "google-client-secret",
	    "google-refresh-token", "resend-api-key", "telegram-bot-token"};

	add_lead(7, 0);
	quietly();
	for (size_t i = 0; i < COUNT(secrets); i++)
		ck_assert_int_eq(unlink(path_of(secrets[i])), 0);
	run(&ctl_check, "--quick", "--no-programs", NULL);
	run(&ctl_why, "2026-12-01T10:30", NULL);
	run(&ctl_move, FIRST, "2026-12-01T10:30", NULL);
	run(&ctl_move, FIRST, "2026-12-01T11:30", NULL);
	run(&ctl_telegram, "chats", NULL);
	/* Unless somebody had. */
	book(8, 63);
	run(&ctl_move, FIRST, "2026-12-01T10:30", NULL);
	run(&ctl_check, "--quick", "--no-programs", NULL);
	world.refresh_err = ERR_UNREACHABLE;
	run(&ctl_check, "--quick", "--no-programs", NULL);
}

/* Starts that are none of the grid's, up to the last of the day. */
static void outlook_of_packed_calls(void)
{
	quietly();
	reopen_with(
	    "[hours]\nstarts = packed\nfirst_start = 09:00\nlast_start = 12:15\nwindow_days = 3\n");
	world.busy = "{\"start\":\"2026-11-30T14:00:00Z\",\"end\":\"2026-11-30T14:40:00Z\"},"
		     "{\"start\":\"2026-12-01T15:00:00Z\",\"end\":\"2026-12-01T15:50:00Z\"}";
	run(&ctl_preview, NULL);
	run(&ctl_preview, "--json", NULL);
}

/* What is looked at counts among what pages may ask. */
static void reasons_within_a_minute(void)
{
	reopen_with("[google]\nper_minute = 2\nfresh_s = 0\n");
	for (int i = 0; i < 3; i++)
		run(&ctl_why, "2026-12-03T10:00", NULL);
	world.boot_ms += 60000;
	run(&ctl_why, "2026-12-03T10:00", NULL);
}

static void persons_of_many_spellings(void)
{
	book(7, 39);
	book(8, 63);
	lead_of(&(struct uuid){.bytes = {[15] = 8}})->email = "Ada+1@example.com";
	world.leads[world.lead_count - 1].email = "Ada+1@example.com";
	quietly();
	run(&ctl_export, "ada@example.com", NULL);
	run(&ctl_erase, "ada@example.com", "--dry-run", NULL);
	run(&ctl_erase, "ada@example.com", "--dry-run", "--json", NULL);
	run(&ctl_export, "ada+2@example.com", NULL);
	run(&ctl_erase, "ada+2@example.com", NULL);
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	run(&ctl_erase, FIRST, NULL);
	run(&ctl_move, SECOND, "2026-12-04T10:00", NULL);
	run(&ctl_move, SECOND, "2026-12-04T10:00", "--force", NULL);
	run(&ctl_erase, FIRST, "--force", NULL);
	run(&ctl_erase, SECOND, "--force", "--json", NULL);
	run(&ctl_check, "--quick", "--no-programs", NULL);
}

static void others(void)
{
	world.answers[OUTSIDE_TELEGRAM].body =
	    "{\"ok\":true,\"result\":[{\"message\":{\"chat\":{\"id\":7,\"type\":\"private\","
	    "\"first_name\":\"Ada\"}}},{\"my_chat_member\":{\"chat\":{\"id\":-8,\"type\":"
	    "\"group\",\"title\":\"Calls\"}}}]}";
	world.answers[OUTSIDE_TELEGRAM].status = 200;
	run(&ctl_telegram, "chats", NULL);
	run(&ctl_telegram, "chats", "--json", NULL);
	run(&ctl_telegram, "other", NULL);
	world.answers[OUTSIDE_TELEGRAM].body = "{\"ok\":true,\"result\":[]}";
	run(&ctl_telegram, "chats", NULL);
	world.answers[OUTSIDE_TELEGRAM] = (struct answer){.status = 401, .body = "{\"ok\":false}"};
	run(&ctl_telegram, "chats", NULL);
}

static const struct {
	const char *name;
	void (*live)(void);
} stories[] = {
    {"ctl-usage", usage},
    {"ctl-lists", lists},
    {"ctl-lists-that-are-cut", lists_that_are_cut},
    {"ctl-history", history},
    {"ctl-mails-that-failed", mails_that_failed},
    {"ctl-cancels", cancels},
    {"ctl-cancels-of-many", cancels_of_many},
    {"ctl-moves", moves},
    {"ctl-blocks", blocks},
    {"ctl-reasons", reasons},
    {"ctl-reasons-by-the-rules", reasons_by_the_rules},
    {"ctl-reasons-by-a-full-day", reasons_by_a_full_day},
    {"ctl-figures", figures},
    {"ctl-erasure", erasure},
    {"ctl-erasure-in-vain", erasure_in_vain},
    {"ctl-output-that-is-full", output_that_is_full},
    {"ctl-erasure-without-credentials", erasure_without_credentials},
    {"ctl-erasure-of-a-spool-that-fails", erasure_of_a_spool_that_fails},
    {"ctl-person-of-the-spool", person_of_the_spool},
    {"ctl-migrations", migrations},
    {"ctl-rebuilding", rebuilding},
    {"ctl-checks", checks},
    {"ctl-checks-of-limits", checks_of_limits},
    {"ctl-checks-of-services", checks_of_services},
    {"ctl-checks-of-calls", checks_of_calls},
    {"ctl-checks-of-holidays", checks_of_holidays},
    {"ctl-reasons-by-calendars", reasons_by_calendars},
    {"ctl-blocked-addresses", blocked_addresses},
    {"ctl-store-that-fails", store_that_fails},
    {"ctl-short-ids", short_ids},
    {"ctl-calls-of-a-person", calls_of_a_person},
    {"ctl-reasons-by-the-second", reasons_by_the_second},
    {"ctl-at-a-terminal", at_a_terminal},
    {"ctl-on-a-screen", on_a_screen},
    {"ctl-no-ground", no_ground},
    {"ctl-checks-of-a-caldav-server", checks_of_a_caldav_server},
    {"ctl-at-the-same-moment", at_the_same_moment},
    {"ctl-unfollowed", unfollowed},
    {"ctl-reasons-of-all-kinds", reasons_of_all_kinds},
    {"ctl-outlook-of-packed-calls", outlook_of_packed_calls},
    {"ctl-reasons-of-rare-rules", reasons_of_rare_rules},
    {"ctl-reasons-by-one-key", reasons_by_one_key},
    {"ctl-nothing-is-connected", nothing_is_connected},
    {"ctl-reasons-within-a-minute", reasons_within_a_minute},
    {"ctl-persons-of-many-spellings", persons_of_many_spellings},
    {"ctl-others", others},
};

START_TEST(story)
{
	stories[_i].live();
	agreed_story(stories[_i].name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ctl");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(all, begin, tear_down);
	tcase_add_loop_test(all, story, 0, (int)COUNT(stories));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
