/* SPDX-License-Identifier: MIT */
/* fuzz_receipt.c: any bytes as an answer of Resend or Telegram: the first says whose, and with
 * which status */
#include "base/text.h"
#include "net/resend.h"
#include "net/telegram.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "123456:example_token"

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The sentence can stand in a log, an alert and a terminal. */
static void judge(const struct receipt *receipt)
{
	const char *detail = receipt->fail.detail;

	must(utf8_is_valid(detail, strlen(detail)));
	must(!strstr(detail, "example_token"));
	for (; *detail; detail++)
		must((unsigned char)*detail >= ' ' && *detail != '\x7f' && *detail != '@');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = {200, 302, 400, 403, 409, 422, 429, 500};
	static struct {
		size_t len;
		char text[sizeof(SECRET)];
	} secret = {sizeof(SECRET) - 1, SECRET};
	static struct conf conf;
	struct arena *arena = arena_new(1 << 20);
	struct http_reply reply = {.status = 200};
	struct receipt receipt;
	int64_t moved_to = 0;

	if (!arena || size < 1 || size > 65536) {
		arena_free(arena);
		return 0;
	}
	conf.secrets.resend_api_key = conf.secrets.telegram_bot_token = (struct secret *)&secret;
	reply.status = statuses[*data >> 1 & 7];
	reply.body_len = size - 1;
	reply.body = malloc(size);
	if (!reply.body)
		abort();
	memcpy(reply.body, data + 1, size - 1);
	reply.body[size - 1] = '\0';
	receipt = *data & 1 ? resend_parse(&conf, arena, &reply)
			    : telegram_parse(&conf, arena, &reply, &moved_to);
	judge(&receipt);
	must(receipt.kind != RECEIPT_DELIVERED || reply.status == 200);
	must(receipt.kind != RECEIPT_REFUSED || reply.status == 400 || reply.status == 422);
	must(!moved_to || receipt.kind == RECEIPT_HELD);
	free(reply.body);
	arena_free(arena);
	return 0;
}
