/* SPDX-License-Identifier: MIT */
/* fuzz_calendar.c: any bytes as Google's answers: the first says which, and with which status */
#include "net/calendar_changes.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void read_busy(struct arena *arena, const struct http_reply *reply)
{
	static const struct busy_question question = {.ids = {"primary", "other"}, .count = 2};
	struct busy_list busy = {NULL, 0};
	struct fail fail = {0};

	if (calendar_parse_busy(arena, reply, &question, 0, &busy, &fail)) {
		must(fail.code != ERR_NONE);
		return;
	}
	must(reply->status == 200);
	for (size_t i = 0; i < busy.count; i++)
		must(busy.list[i].start < busy.list[i].end &&
		     (i == 0 || busy.list[i - 1].end < busy.list[i].start));
	busy.list[busy.count] = (struct interval){0, 0};
}

static void read_events(struct arena *arena, const struct http_reply *reply)
{
	struct event_list events = {NULL, 0};
	struct fail fail = {0};

	if (calendar_parse_list(arena, reply, &events, &fail)) {
		must(fail.code != ERR_NONE);
		return;
	}
	for (size_t i = 0; i < events.count; i++)
		must(events.list[i].id != NULL);
}

static void read_changes(struct arena *arena, const struct http_reply *reply)
{
	struct calendar_changes changes = {NULL, 0};
	struct fail fail = {0};
	char id[EVENT_ID];
	uint64_t version;

	if (calendar_parse_changes(arena, reply, &changes, &fail)) {
		must(fail.code != ERR_NONE);
		return;
	}
	must(changes.token || changes.next_page);
	for (size_t i = 0; i < changes.count; i++) {
		const struct seen_event *seen = &changes.list[i];

		calendar_event_id(&seen->booking, seen->version, id);
		must(calendar_event_version(&seen->booking, id, &version) &&
		     version == seen->version);
		must(!seen->is_deleted || (!seen->call.start && !seen->call.end));
		(void)drift_key(seen);
	}
}

static void read_token(struct arena *arena, const struct http_reply *reply)
{
	const char *token = NULL;
	struct fail fail = {0};
	int64_t expires_s;

	if (google_parse_token(arena, reply, &token, &expires_s, &fail)) {
		must(fail.code != ERR_NONE);
		return;
	}
	must(*token && !strpbrk(token, "\r\n") && expires_s >= 0 && expires_s <= 86400);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = {200, 200, 200, 200, 400, 401, 403, 429};
	struct arena *arena = arena_new(16 << 20);
	struct http_reply reply = {.status = 200};
	struct fail fail;

	if (!arena || size < 1 || size > 65536) {
		arena_free(arena);
		return 0;
	}
	reply.status = statuses[*data >> 2 & 7];
	reply.body_len = size - 1;
	reply.body = malloc(size);
	if (!reply.body)
		abort();
	memcpy(reply.body, data + 1, size - 1);
	reply.body[size - 1] = '\0';
	switch (*data & 3) {
	case 0:
		read_busy(arena, &reply);
		break;
	case 1:
		read_changes(arena, &reply);
		break;
	case 2:
		read_events(arena, &reply);
		break;
	case 3:
		read_token(arena, &reply);
		break;
	}
	must(google_judge(&reply, &fail) == ERR_NONE || reply.status != 200);
	free(reply.body);
	arena_free(arena);
	return 0;
}
