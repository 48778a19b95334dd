/* SPDX-License-Identifier: MIT */
/* edit.c: what every command that writes into the ledger does alike */
#include "ctl/edit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/template.h"
#include "ctl/print.h"
#include "desk/follow.h"
#include "store/leads.h"

#include <stdio.h>
#include <string.h>

#define SHORT_MIN 4

/* What somebody has of an id: its beginning, or the hash of it that the programs log. */
struct shortened {
	const char *word;
	struct uuid found;
	unsigned count; /* of ids that it fits */
};

static void compare(struct shortened *shortened, const struct uuid *id)
{
	char text[UUID_TEXT], hash[LOG_HASH_TEXT];

	if (strncmp(uuid_format(id, text), shortened->word, strlen(shortened->word)) != 0 &&
	    strcmp(log_hash(id->bytes, sizeof(id->bytes), hash), shortened->word) != 0)
		return;
	if (shortened->count && uuid_equal(id, &shortened->found))
		return;
	shortened->found = *id;
	shortened->count++;
}

/* Among the rows, and what only the ledger knows. */
static int find_short(struct ctl *ctl, const char *word, struct uuid *out)
{
	struct shortened shortened = {.word = word};
	struct ledger_booking booking;
	struct lead_ids ids;
	struct fail fail;

	if (strlen(word) < SHORT_MIN || strspn(word, "0123456789abcdef-") != strlen(word))
		return ctl_say(
		    CTL_USAGE, "%s is no id, no beginning of one, and no hash of the log's", word);
	if (leads_ids(ctl->upstream.clickhouse, ctl->arena, &ids, &fail) ||
	    look_refresh(&ctl->upstream, ctl->arena, &fail))
		return ctl_fail(&fail);
	for (size_t i = 0; i < ids.count; i++)
		compare(&shortened, &ids.list[i]);
	for (size_t at = 0; look_next(&ctl->upstream, &at, &booking);)
		compare(&shortened, &booking.id);
	if (shortened.count != 1)
		return shortened.count
			   ? ctl_say(CTL_USAGE, "%s begins more than one id: type more of it", word)
			   : ctl_say(CTL_NOT_FOUND,
				 "no booking's id begins with %s, or is logged so", word);
	*out = shortened.found;
	return CTL_DONE;
}

int edit_find(struct ctl *ctl, struct booking *out)
{
	struct uuid booking;
	int status = CTL_DONE;
	struct fail fail;

	if (uuid_parse(ctl->words[0], &booking) && uuid_is_nil(&booking))
		return ctl_say(CTL_USAGE, "%s is not an id", ctl->words[0]);
	if (!uuid_parse(ctl->words[0], &booking))
		status = find_short(ctl, ctl->words[0], &booking);
	if (!status && look_up(&ctl->upstream, ctl->arena, &booking, out, &fail))
		status = ctl_fail(&fail);
	return status;
}

int edit_find_booking(struct ctl *ctl, struct booking *out)
{
	const char *text = ctl_option(ctl, "version");
	uint64_t version;
	int status;

	if (text && !num_u64(text, 0, UINT64_MAX, &version))
		return ctl_say(CTL_USAGE, "--version wants a number");
	if ((status = edit_find(ctl, out)))
		return status;
	if (out->is_block)
		return ctl_say(CTL_REFUSED, "this is a block; see `slotguardctl unblock`");
	if (!out->has_lead)
		return ctl_say(CTL_FAULT,
		    "this booking's row in consulting_bookings is gone, and with it whose call "
		    "it is: a backup has it");
	if (out->state == BOOKING_ERASED)
		return ctl_say(CTL_REFUSED, "this booking was erased");
	if (text && version != out->version)
		return ctl_say(CTL_REFUSED, "the booking has moved on: it stands at version %llu",
		    (unsigned long long)out->version);
	return CTL_DONE;
}

int edit_check_imported(const struct look *look, struct interval taken)
{
	if (intervals_overlap(look->imported, look->imported_count, taken))
		return ctl_say(
		    CTL_REFUSED, "that time is taken by a booking that the ledger does not know");
	return CTL_DONE;
}

bool edit_lacks_calendar(struct ctl *ctl)
{
	struct ledger_booking booking;
	bool is_used = conf_lacks_google(ctl->conf);
	struct fail ignored;

	if (!conf_lacks_writer(ctl->conf))
		return false;
	if (look_refresh(&ctl->upstream, ctl->arena, &ignored))
		return is_used;
	for (size_t at = 0; !is_used && look_next(&ctl->upstream, &at, &booking);)
		is_used = booking.calendar != CALENDAR_OFF;
	return is_used;
}

enum change edit_make(
    struct ctl *ctl, struct entry *entry, struct booking *booking, struct fail *fail)
{
	entry->actor = ACTOR_OPERATOR;
	return change_make(&ctl->upstream, ctl->arena, entry, booking, fail);
}

int edit_refused(enum change change, const struct fail *fail)
{
	switch (change) {
	case CHANGE_OVERLAP:
		return ctl_say(CTL_REFUSED, "that time is taken");
	case CHANGE_CAP:
		return ctl_say(CTL_REFUSED, "that day has its fill of calls");
	case CHANGE_TOO_MANY:
		return ctl_say(CTL_REFUSED, "its prospect has changed it often enough");
	case CHANGE_ERASED:
		return ctl_say(CTL_REFUSED, "this booking was erased");
	case CHANGE_STALE:
		return ctl_say(CTL_REFUSED, "it was changed by somebody else meanwhile; nothing "
					    "was done");
	case CHANGE_OVERTAKEN:
		return ctl_say(CTL_REFUSED, "it was done, and changed by somebody else since; see "
					    "`slotguardctl show`");
	case CHANGE_UNSURE:
		return ctl_say(CTL_UNSURE,
		    "%s; it may still arrive: see `slotguardctl show`, and repeat the command if "
		    "it has not",
		    fail->detail);
	case CHANGE_NOT_WRITTEN:
		return ctl_fail(fail);
	case CHANGE_MALFORMED:
	case CHANGE_ACCEPTED:
		break;
	}
	return ctl_say(CTL_REFUSED, "the ledger refuses this command: malformed");
}

void edit_follow(struct ctl *ctl, const struct booking *before, const struct booking *after)
{
	const struct conf *conf = ctl->conf;
	struct templates *templates = NULL;
	struct follower follower = {
	    .upstream = &ctl->upstream,
	    .zone = ctl->zone,
	    .google_deadline = clock_boot_ms() + conf->google.timeout_ms,
	};
	struct followed followed;
	struct fail fail;

	if (templates_load(conf->site.templates, TEMPLATES_DIR, &templates, &fail)) {
		ctl_say(CTL_FAULT, "%s; the courier does the rest", fail.detail);
		return;
	}
	follower.templates = templates;
	follow_entry(&follower, ctl->arena, before, after, &followed);
	templates_free(templates);
	if (followed.row.code)
		ctl_say(CTL_FAULT, "the row is not written yet (%s): the courier does it",
		    followed.row.detail);
	if (followed.event.code)
		ctl_say(CTL_FAULT, "the calendar has no event yet (%s): the courier goes on",
		    followed.event.detail);
	if (followed.old_event.code)
		ctl_say(CTL_FAULT, "the calendar still has the event (%s): the courier goes on",
		    followed.old_event.detail);
}

void edit_done(struct ctl *ctl, const char *what, const struct entry *entry)
{
	static const struct column columns[] = {
	    {"id", NULL}, {"done", NULL}, {"version", NULL}, {"start", NULL}, {"end", NULL}};
	struct table *table = table_new(ctl->arena, ctl->zone, columns, 5);
	uint64_t version = change_version(&ctl->upstream, entry);
	char id[UUID_TEXT];

	uuid_format(&entry->booking, id);
	if (ctl->is_json) {
		table_text(table, id);
		table_text(table, what);
		table_integer(table, (int64_t)version);
		table_time(table, entry->call.start);
		table_time(table, entry->call.end);
		print_json(ctl->arena, table_json_record(table));
	} else if (entry->call.start) {
		printf("%s: %s, %s to %s\n", id, what,
		    print_moment(ctl->arena, ctl->zone, entry->call.start),
		    print_moment(ctl->arena, ctl->zone, entry->call.end));
	} else {
		printf("%s: %s\n", id, what);
	}
}
