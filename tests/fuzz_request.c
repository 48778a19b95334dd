/* SPDX-License-Identifier: MIT */
/* fuzz_request.c: any bytes as a request; its path has no query, what is wrong with a form leaves
 * no fields, and the booking it names is one */
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

#define LINES 8

static const char *const names[LINES] = {"REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE",
    "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_IDEMPOTENCY_KEY", "REQUEST_MSEC", "REQUEST_ID"};

/* The values stand in this order, an empty one for none. */
static const char *find_param(void *context, const char *name)
{
	const char *const *values = context;

	for (int i = 0; i < LINES; i++)
		if (strcmp(names[i], name) == 0)
			return values[i] && *values[i] ? values[i] : NULL;
	return NULL;
}

static void judge_form(const struct form *form, enum err err)
{
	must(!err || form->count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	char *text, *at, *values[LINES] = {NULL};
	struct uuid booking = {{42}};
	struct request request;
	struct fail fail;
	char *body;

	if (!arena || size > 70000)
		goto out;
	text = malloc(size + 1);
	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	/* A line a value, and the rest is the body, in a block of its own size. */
	at = text;
	for (int i = 0; i < LINES && at; i++) {
		values[i] = at;
		at = memchr(at, '\n', size - (size_t)(at - text));
		if (at)
			*at++ = '\0';
	}
	size = at ? size - (size_t)(at - text) : 0;
	body = malloc(size ? size : 1);
	if (!body)
		abort();
	if (size)
		memcpy(body, at, size);
	request_read(
	    arena, find_param, values, &(struct request_body){body, size, ERR_NONE}, &request);
	must(request.path && request.uri && request.id && !strchr(request.path, '?'));
	must(request.accept_language && request.sent_ms >= 0);
	judge_form(&request.query, request.query_err);
	judge_form(&request.form, request.form_err);
	if (request_booking(&request, &booking, &fail))
		must(booking.bytes[0] == 42 && booking.bytes[1] == 0);
	free(body);
	free(text);
out:
	arena_free(arena);
	return 0;
}
