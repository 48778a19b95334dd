/* SPDX-License-Identifier: MIT */
/* follow.c: what follows from an accepted entry: the row and the calendar's events */
#include "desk/follow.h"
#include "core/brief.h"
#include "core/plain.h"

#define TEXT_MAX (64 * 1024)

static void on_row(void *context, const struct http_reply *reply)
{
	struct fail *fail = context;

	fail->code = clickhouse_judge(reply, fail);
}

static void on_insert(void *context, const struct http_reply *reply)
{
	struct fail *fail = context;

	fail->code = calendar_judge_insert(reply, fail);
}

static void on_delete(void *context, const struct http_reply *reply)
{
	struct fail *fail = context;

	fail->code = calendar_judge_delete(reply, fail);
}

static const char *describe(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const char *name, const struct view *view)
{
	return template_text(
	    arena, template_find(templates, conf->site.language, name), view, TEXT_MAX);
}

void follow_describe(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const struct lead *lead, struct event *event)
{
	struct view *view = view_new(arena);
	char id[UUID_TEXT];

	event->link = arena_printf(
	    arena, "%s/booking?bookingId=%s", conf->site.base_url, uuid_format(&lead->booking, id));
	view_text(view, "site_name", conf->site.name);
	view_text(view, "name", plain_line(arena, lead->name, BRIEF_NAME_MAX));
	view_text(view, "email", plain_line(arena, lead->email, BRIEF_EMAIL_MAX));
	view_text(view, "company", plain_line(arena, lead->company, BRIEF_COMPANY_MAX));
	view_text(view, "brief", plain_text(arena, lead->brief, BRIEF_TEXT_MAX));
	view_text(view, "budget", plain_line(arena, lead->budget, BRIEF_LINE_MAX));
	view_text(view, "timeframe", plain_line(arena, lead->timeframe, BRIEF_LINE_MAX));
	view_text(view, "link", event->link);
	event->summary = describe(conf, templates, arena, "event_summary.txt", view);
	event->description = describe(conf, templates, arena, "event.html", view);
}

void follow_prepare(const struct conf *conf, const struct templates *templates, struct arena *arena,
    const struct lead *lead, const struct entry *entry, uint64_t version, uint64_t left_version,
    const char *timezone, struct following *out)
{
	bool is_booked = entry->kind == ENTRY_BOOK;

	*out = (struct following){.lead = *lead, .left_version = left_version};
	out->lead.status = is_booked ? LEAD_BOOKED : LEAD_CANCELLED;
	out->lead.version = version;
	out->lead.host = conf->site.host;
	out->lead.slot = is_booked ? entry->call : (struct interval){0, 0};
	out->lead.calendar = entry->calendar;
	out->event = (struct event){
	    .booking = lead->booking,
	    .version = version,
	    .call = entry->call,
	    .timezone = timezone,
	};
	follow_describe(conf, templates, arena, &out->lead, &out->event);
}

void follow(struct upstream *upstream, struct arena *arena, const struct following *following,
    int64_t google_deadline, struct followed *out)
{
	const struct lead *lead = &following->lead;

	*out = (struct followed){0};
	leads_put_start(upstream->clickhouse, arena, lead,
	    clickhouse_deadline(upstream->clickhouse), on_row, &out->row);
	if (upstream->google && lead->status == LEAD_BOOKED)
		calendar_insert_start(upstream->google, arena, &following->event, google_deadline,
		    on_insert, &out->event);
	if (upstream->google && following->left_version)
		calendar_delete_start(upstream->google, arena, &lead->booking,
		    following->left_version, google_deadline, on_delete, &out->left);
	http_run(upstream->http);
}
