/* SPDX-License-Identifier: MIT */
/* follow.c: what follows from an accepted entry: the row and the calendar's events */
#include "net/follow.h"
#include "net/calendar.h"

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

void follow(struct upstream *upstream, struct arena *arena, const struct following *following,
    int64_t google_deadline, struct followed *out)
{
	const struct lead *lead = &following->lead;
	struct event event = {
	    .booking = lead->booking,
	    .version = lead->version,
	    .call = lead->slot,
	    .timezone = following->timezone,
	    .summary = following->summary,
	    .description = following->description,
	    .link = following->link,
	};

	*out = (struct followed){0};
	store_put_start(upstream->clickhouse, arena, lead,
	    clickhouse_deadline(upstream->clickhouse), on_row, &out->row);
	if (upstream->google && lead->status == LEAD_BOOKED)
		calendar_insert_start(
		    upstream->google, arena, &event, google_deadline, on_insert, &out->event);
	if (upstream->google && following->left_version)
		calendar_delete_start(upstream->google, arena, &lead->booking,
		    following->left_version, google_deadline, on_delete, &out->left);
	http_run(upstream->http);
}
