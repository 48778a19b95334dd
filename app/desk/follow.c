/* SPDX-License-Identifier: MIT */
/* follow.c: what follows from an accepted entry: the row and the calendar's events */
#include "desk/follow.h"
#include "base/text.h"
#include "core/brief.h"
#include "core/event_text.h"
#include "core/plain.h"
#include "desk/events.h"
#include "net/meet.h"
#include "store/leads.h"

#define TEXT_MAX (64 * 1024)
/* What Google takes, in characters, with the line ends that a template may add. */
#define DESCRIPTION_MAX 8192
#define ROOM_FOR_MARKUP 64

static void on_row(void *context, const struct http_reply *reply)
{
	struct fail *fail = context;

	fail->code = clickhouse_judge(reply, fail);
}

/* What came of the event: whether it is there, and where its call is held. */
struct insertion {
	const struct upstream *upstream;
	struct arena *arena;
	const struct event *event;
	struct followed *out;
	bool may_be_written; /* without its video call */
};

static void on_insert(void *context, const struct http_reply *reply)
{
	struct insertion *insertion = context;
	struct followed *out = insertion->out;
	struct meet meet;
	struct fail ignored;

	out->event.code = events_judge_insert(insertion->upstream, reply, &out->event);
	insertion->may_be_written = insertion->event->has_meet && meet_may_be_refused(reply);
	if (insertion->event->has_meet && !meet_parse(insertion->arena, reply, &meet, &ignored))
		out->video = meet.link;
}

/* What came of the event of the call before. */
struct deletion {
	const struct upstream *upstream;
	struct fail *fail;
};

static void on_delete(void *context, const struct http_reply *reply)
{
	struct deletion *deletion = context;

	deletion->fail->code = events_judge_delete(deletion->upstream, reply, deletion->fail);
}

static const char *describe(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const char *name, const struct view *view)
{
	return template_text(
	    arena, template_find(templates, conf->site.language, name), view, TEXT_MAX);
}

/* For calendars that show HTML, and for those that do not. */
static const char *describe_both(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const struct view *view)
{
	const char *html = describe(conf, templates, arena, "event.html", view);

	return html ? event_text(arena, html) : NULL;
}

void follow_describe(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const struct lead *lead, struct event *event)
{
	struct view *view = view_new(arena);
	struct lead shown = *lead;
	const char *rest;
	char id[UUID_TEXT];
	size_t used;

	event->link = arena_printf(
	    arena, "%s/booking?bookingId=%s", conf->site.base_url, uuid_format(&lead->booking, id));
	view_text(view, "site_name", conf->site.name);
	if (brief_plain_lines(arena, &shown))
		brief_view(view, &shown);
	view_text(view, "link", event->link);
	event->summary = describe(conf, templates, arena, "event_summary.txt", view);
	view_text(view, "brief", plain_text(arena, lead->brief, BRIEF_TEXT_MAX));
	event->description = describe_both(conf, templates, arena, view);
	if (!event->description || plain_length(event->description) <= DESCRIPTION_MAX)
		return;
	/* The brief gets what the rest leaves, so that the link is there in any case. */
	view_text(view, "brief", "");
	rest = describe(conf, templates, arena, "event.html", view);
	used = (rest ? plain_length(rest) : 0) + ROOM_FOR_MARKUP;
	view_text(view, "brief",
	    plain_html(arena, lead->brief, used < DESCRIPTION_MAX ? DESCRIPTION_MAX - used : 0));
	event->description = describe_both(conf, templates, arena, view);
}

void follow_describe_least(const struct conf *conf, struct event *event)
{
	event->summary = conf->site.name;
	event->description = event->link;
}

/* The account may have no video calls: the event is there all the same. */
static void insert_bare(
    const struct follower *follower, struct event *event, struct insertion *insertion)
{
	struct upstream *upstream = follower->upstream;

	event->has_meet = false;
	events_insert_start(
	    upstream, insertion->arena, event, follower->google_deadline, on_insert, insertion);
	http_run(upstream->http);
}

/* Behind the row without it, so that this one counts. When it fails the courier finds the link. */
static void add_video(
    struct upstream *upstream, struct arena *arena, struct lead row, const char *video)
{
	struct http_reply reply;

	row.video = video;
	leads_put_start(upstream->clickhouse, arena, &row, http_keep, &reply);
	http_run(upstream->http);
}

void follow_entry(const struct follower *follower, struct arena *arena,
    const struct booking *before, const struct booking *after, struct followed *out)
{
	struct upstream *upstream = follower->upstream;
	const struct lead row = booking_row(after);
	struct event event = {
	    .booking = after->id,
	    .version = after->version,
	    .call = after->call,
	    .timezone = zone_name(follower->zone),
	    .video = row.video,
	    .has_meet = upstream_has_meet(upstream),
	};
	struct insertion insertion = {
	    .upstream = upstream, .arena = arena, .event = &event, .out = out};
	struct deletion deletion = {upstream, &out->old_event};
	char old_event[EVENT_ID];

	*out = (struct followed){0};
	leads_put_start(upstream->clickhouse, arena, &row, on_row, &out->row);
	if (upstream_has_events(upstream) && after->state == BOOKING_BOOKED) {
		follow_describe(upstream->conf, follower->templates, arena, &row, &event);
		events_insert_start(
		    upstream, arena, &event, follower->google_deadline, on_insert, &insertion);
	}
	if (upstream_has_events(upstream) && before->in_ledger && before->state == BOOKING_BOOKED) {
		calendar_event_id(&before->id, before->version, old_event);
		events_delete_start(upstream, arena, &(struct event_ref){.id = old_event},
		    follower->google_deadline, on_delete, &deletion);
	}
	http_run(upstream->http);
	if (insertion.may_be_written)
		insert_bare(follower, &event, &insertion);
	if (out->video && !*row.video && !out->row.code)
		add_video(upstream, arena, row, out->video);
}

enum err follow_row(struct upstream *upstream, struct arena *arena, const struct booking *booking,
    const char *video, struct fail *fail)
{
	struct lead row = booking_row(booking);

	if (video)
		row.video = video;
	return leads_put(upstream->clickhouse, arena, &row, fail);
}

enum err follow_unlist(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    int64_t deadline, size_t *count, struct fail *fail)
{
	struct http_reply reply;
	struct event_list own;
	enum err err;

	*count = 0;
	if (!upstream_has_events(upstream))
		return ERR_NONE;
	if ((err = events_list_own(upstream, arena, booking, deadline, &own, fail)))
		return err;
	for (size_t i = 0; i < own.count; i++) {
		events_delete_start(upstream, arena, &(struct event_ref){.id = own.list[i].id},
		    deadline, http_keep, &reply);
		http_run(upstream->http);
		if ((err = events_judge_delete(upstream, &reply, fail)))
			return err;
		++*count;
	}
	return ERR_NONE;
}
