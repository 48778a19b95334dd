/* SPDX-License-Identifier: MIT */
/* change.c: what every command that writes into the ledger does alike */
#include "ctl/change.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/template.h"
#include "ctl/print.h"
#include "desk/follow.h"

#include <stdio.h>

/* As a click: an append may take a little longer than one query. */
#define APPEND_QUERIES 2

static bool refuse(int *status, int how)
{
	*status = how;
	return false;
}

bool change_find(struct ctl *ctl, struct report_row *out, int *status)
{
	struct uuid booking;
	struct fail fail;

	if (!uuid_parse(ctl->words[0], &booking) || uuid_is_nil(&booking))
		return refuse(status, ctl_say(CTL_USAGE, "%s is not an id", ctl->words[0]));
	if (report_find(&ctl->upstream, ctl->arena, &booking, out, &fail))
		return refuse(status, ctl_fail(&fail));
	return true;
}

bool change_find_booking(struct ctl *ctl, struct report_row *out, int *status)
{
	const char *text = ctl_option(ctl, "version");
	uint64_t version;

	if (text && !num_u64(text, 0, UINT64_MAX, &version))
		return refuse(status, ctl_say(CTL_USAGE, "--version wants a number"));
	if (!change_find(ctl, out, status))
		return false;
	if (out->standing.is_block)
		return refuse(
		    status, ctl_say(CTL_REFUSED, "this is a block; see `slotguardctl unblock`"));
	if (!out->lead.name)
		return refuse(status, ctl_say(CTL_FAULT, "this booking has no row: see README"));
	if (out->state == REPORT_ERASED)
		return refuse(status, ctl_say(CTL_REFUSED, "this booking was erased"));
	if (text && version != out->standing.version)
		return refuse(status,
		    ctl_say(CTL_REFUSED, "the booking has moved on: it stands at version %llu",
			(unsigned long long)out->standing.version));
	return true;
}

bool change_is_imported(const struct fetched *fetched, struct interval taken, int *status)
{
	for (size_t i = 0; i < fetched->snapshot.imported_count; i++)
		if (interval_overlaps(fetched->snapshot.imported[i], taken)) {
			*status = ctl_say(CTL_REFUSED,
			    "that time is taken by a booking that the ledger does not know");
			return true;
		}
	return false;
}

int change_refused(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_OVERLAP:
		return ctl_say(CTL_REFUSED, "that time is taken");
	case VERDICT_CAP:
		return ctl_say(CTL_REFUSED, "that day has its fill of calls");
	case VERDICT_ERASED:
		return ctl_say(CTL_REFUSED, "this booking was erased");
	case VERDICT_STALE:
	case VERDICT_NOT_LIVE:
		return ctl_say(CTL_REFUSED, "it was changed by somebody else meanwhile; nothing "
					    "was done");
	case VERDICT_ACCEPTED:
	case VERDICT_REPEATED:
	case VERDICT_MALFORMED:
		break;
	}
	return ctl_say(CTL_REFUSED, "the ledger refuses this command: %s", verdict_name(verdict));
}

bool change_append(struct ctl *ctl, struct entry *entry, enum verdict *verdict, int *status)
{
	struct journal *journal = ctl->upstream.journal;
	int64_t deadline = clock_boot_ms() + APPEND_QUERIES * ctl->conf->clickhouse.timeout_ms;
	struct fail fail;
	enum err err;

	/* The ledger's columns end in 2106. */
	if (entry->taken.end > UINT32_MAX)
		return refuse(status, ctl_say(CTL_USAGE, "that time is too far away"));
	/* What is refused already needs no entry. */
	*verdict = ledger_judge(journal_state(journal), entry);
	if (*verdict == VERDICT_ACCEPTED) {
		err = journal_append(journal, ctl->arena, entry, deadline, verdict, &fail);
		if (err == ERR_UNSURE)
			return refuse(status,
			    ctl_say(CTL_UNSURE,
				"%s; it may still arrive: see `slotguardctl show`, and repeat the "
				"command if it has not",
				fail.detail));
		if (err)
			return refuse(status, ctl_fail(&fail));
	}
	return true;
}

void change_follow(struct ctl *ctl, const struct report_row *before, const struct entry *entry)
{
	const struct conf *conf = ctl->conf;
	struct templates *templates = NULL;
	struct following following;
	struct followed followed;
	struct fail fail;

	if (templates_load(conf->site.templates, &templates, &fail)) {
		ctl_say(CTL_FAULT, "%s; the courier does the rest", fail.detail);
		return;
	}
	follow_prepare(conf, templates, ctl->arena, &before->lead, entry,
	    ledger_version(journal_state(ctl->upstream.journal), entry->number),
	    before->standing.is_live ? before->standing.version : 0, zone_name(ctl->zone),
	    &following);
	follow(&ctl->upstream, ctl->arena, &following, clock_boot_ms() + conf->google.timeout_ms,
	    &followed);
	templates_free(templates);
	if (followed.row.code)
		ctl_say(CTL_FAULT, "the row is not written yet (%s): the courier does it",
		    followed.row.detail);
	if (followed.event.code)
		ctl_say(CTL_FAULT, "the calendar has no event yet (%s): the courier goes on",
		    followed.event.detail);
	if (followed.left.code)
		ctl_say(CTL_FAULT, "the calendar still has the event (%s): the courier goes on",
		    followed.left.detail);
}

void change_done(struct ctl *ctl, const char *what, const struct entry *entry)
{
	static const struct column columns[] = {
	    {"id", NULL}, {"done", NULL}, {"version", NULL}, {"start", NULL}, {"end", NULL}};
	struct table *table = table_new(ctl->arena, ctl->zone, columns, 5);
	uint64_t version = ledger_version(journal_state(ctl->upstream.journal), entry->number);
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
