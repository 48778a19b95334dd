/* SPDX-License-Identifier: MIT */
/*
 * check_answers.c: what each recorded answer of Google, Resend, Telegram and ClickHouse is taken
 * for, with every status, line by line: tests/golden/answers
 */
#include "golden.h"
#include "net/calendar_changes.h"
#include "net/google.h"
#include "net/meet.h"
#include "net/resend.h"
#include "net/telegram.h"
#include "replies.h"
#include "store/clickhouse.h"

#include <inttypes.h>

#define SECRET "123456:example_token"

static struct arena *arena;
static struct conf conf;
static struct {
	size_t len;
	char text[sizeof(SECRET)];
} secret = {sizeof(SECRET) - 1, SECRET};
static struct fail failure;

static void begin(void)
{
	arena = arena_new(4 << 20);
	ck_assert_ptr_nonnull(arena);
	conf.secrets.resend_api_key = conf.secrets.telegram_bot_token = (struct secret *)&secret;
	trace_len = 0;
}

static void end(void)
{
	arena_free(arena);
}

/* The names of the files of one service, in order. */
static int names_of(const char *service, struct dirent ***names)
{
	const char *top = getenv("srcdir");
	char path[600];

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", service);
	return scandir(path, names, NULL, alphasort);
}

static void say_err(const char *what, enum err err)
{
	say("  %s: %s", what, err_name(err));
	if (err)
		say(" %s \"%s\"", failure.where, failure.detail);
	say("\n");
	failure = (struct fail){0};
}

/* ---- Google */

static void say_busy(const struct http_reply *reply)
{
	static const struct busy_question questions[] = {{.ids = {"primary"}, .count = 1},
	    {.ids = {"primary", "other@example.com"}, .count = 2}};
	struct busy_list busy;

	for (size_t i = 0; i < COUNT(questions); i++)
		for (size_t place = 0; place < questions[i].count; place++) {
			enum err err = calendar_parse_busy(
			    arena, reply, &questions[i], place, &busy, &failure);

			say_err(questions[i].ids[place], err);
			for (size_t j = 0; !err && j < busy.count; j++)
				say("    %" PRId64 " %" PRId64 "\n", busy.list[j].start,
				    busy.list[j].end);
		}
}

static void say_list(const struct http_reply *reply)
{
	struct event_list events;
	enum err err = calendar_parse_list(arena, reply, &events, &failure);

	say_err("list", err);
	for (size_t i = 0; !err && i < events.count; i++)
		say("    %s %s%s\n", events.list[i].id,
		    events.list[i].booking ? events.list[i].booking : "-",
		    events.list[i].is_busy ? " busy" : "");
	if (!err && events.next_page)
		say("    next=%s\n", events.next_page);
}

static void say_seen(const struct seen_event *seen)
{
	char id[UUID_TEXT];

	say("    %s v%" PRIu64 " %" PRId64 " %" PRId64 " %016" PRIx64 "\n",
	    uuid_format(&seen->booking, id), seen->version, seen->call.start, seen->call.end,
	    drift_key(seen));
}

static void say_changes(const struct http_reply *reply)
{
	struct calendar_changes changes;
	struct seen_state seen;
	enum err err = calendar_parse_changes(arena, reply, &changes, &failure);

	say_err("changes", err);
	for (size_t i = 0; !err && i < changes.count; i++)
		say_seen(&changes.list[i]);
	if (!err)
		say("    next=%s token=%s\n", changes.next_page ? changes.next_page : "-",
		    changes.token ? changes.token : "-");
	err = calendar_parse_seen(arena, reply, &seen, &failure);
	say_err("seen", err);
	if (!err) {
		say_seen(&seen.event);
		say("    etag=%s\n", seen.etag ? seen.etag : "-");
	}
}

static void say_meet(const struct http_reply *reply)
{
	struct meet meet;
	enum err err = meet_parse(arena, reply, &meet, &failure);

	say_err("meet", err);
	if (!err)
		say("    %d %s\n", (int)meet.state, meet.link ? meet.link : "-");
	if (meet_may_be_refused(reply))
		say("    may be refused\n");
}

/* What a question about a free time is answered is no answer about events. */
static void say_google(const struct http_reply *reply, const char *file)
{
	if (strstr(file, "busy")) {
		say_busy(reply);
		return;
	}
	say_err("judge", google_judge(reply, &failure));
	say_err("insert", calendar_judge_insert(reply, &failure));
	say_err("written", calendar_judge_written(reply, "0123456789abcdefv1", &failure));
	say_err("delete", calendar_judge_delete(reply, &failure));
	if (strstr(file, "error") && reply->status != 200)
		return;
	say_list(reply);
	say_changes(reply);
	say_meet(reply);
}

/* ---- Who delivers */

static void say_receipt(const struct receipt *receipt, int64_t moved_to)
{
	say("  kind=%d%s retry=%" PRId64 " moved=%" PRId64 " %s %s \"%s\"\n", (int)receipt->kind,
	    receipt->may_be_delivered ? " may be delivered" : "", receipt->retry_s, moved_to,
	    err_name(receipt->fail.code), receipt->fail.where, receipt->fail.detail);
}

static void say_resend(const struct http_reply *reply, const char *file)
{
	struct receipt receipt = resend_parse(&conf, arena, reply);

	(void)file;
	say_receipt(&receipt, 0);
}

static void say_telegram(const struct http_reply *reply, const char *file)
{
	int64_t moved_to = 0;
	struct receipt receipt = telegram_parse(&conf, arena, reply, &moved_to);

	(void)file;
	say_receipt(&receipt, moved_to);
}

/* ---- The store */

static void say_clickhouse(const struct http_reply *reply, const char *file)
{
	static const char *const codes[] = {NULL, "1", "47", "60", "81", "159", "160", "193", "194",
	    "202", "203", "209", "210", "241", "242", "243", "252", "279", "285", "286", "305",
	    "319", "373", "394", "425", "469", "497", "516", "999", "x"};
	struct http_reply coded = *reply;

	/* A code says all, whatever its words are. */
	for (size_t i = 0; i < (strstr(file, "denied") ? COUNT(codes) : 1); i++) {
		coded.kept[0] = codes[i];
		say("  code %s", codes[i] ? codes[i] : "-");
		say_err("", clickhouse_judge(&coded, &failure));
	}
}

static const struct {
	const char *service, *name;
	void (*say)(const struct http_reply *reply, const char *file);
} services[] = {
    {"google", "answers/google", say_google},
    {"resend", "answers/resend", say_resend},
    {"telegram", "answers/telegram", say_telegram},
    {"clickhouse", "answers/clickhouse", say_clickhouse},
};

static const int statuses[] = {
    200, 201, 204, 304, 400, 401, 403, 404, 408, 409, 410, 412, 422, 429, 500, 503};

/* In the words of a failure, so that those of several are the same. */
static void hide_status(char *block, int status)
{
	char number[8];

	snprintf(number, sizeof(number), " %d ", status);
	for (char *at = block; (at = strstr(at, number)); at += 4)
		memcpy(at, " NNN", 4);
	number[4] = ':';
	for (char *at = block; (at = strstr(at, number)); at += 4)
		memcpy(at, " NNN", 4);
}

/* Statuses with which a file is taken for the same are one. */
static void say_file(int service, const char *name)
{
	char path[300], *blocks[COUNT(statuses)];

	snprintf(path, sizeof(path), "%s/%s", services[service].service, name);
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct http_reply reply = reply_of(statuses[i], path);
		size_t start = trace_len;

		reply.retry_after_s = statuses[i] == 429 ? 7 : 0;
		services[service].say(&reply, name);
		hide_status(trace + start, statuses[i]);
		blocks[i] = strdup(trace + start);
		ck_assert_ptr_nonnull(blocks[i]);
		trace[trace_len = start] = '\0';
		free(reply.body);
		arena_reset(arena);
	}
	for (size_t i = 0; i < COUNT(statuses); i++) {
		if (!blocks[i])
			continue;
		say("%s", name);
		for (size_t j = COUNT(statuses); j-- > i;)
			if (blocks[j] && strcmp(blocks[i], blocks[j]) == 0) {
				say(" %d", statuses[j]);
				if (j > i) {
					free(blocks[j]);
					blocks[j] = NULL;
				}
			}
		say("\n%s", blocks[i]);
		free(blocks[i]);
	}
}

START_TEST(answers)
{
	struct dirent **names = NULL;
	int count = names_of(services[_i].service, &names);

	ck_assert_int_gt(count, 2);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			say_file(_i, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	for (size_t i = 0; i < COUNT(transfer_errors); i++) {
		struct http_reply reply = failed_reply(transfer_errors[i]);

		say("%s\n", err_name(transfer_errors[i]));
		services[_i].say(&reply, "");
	}
	agreed(services[_i].name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("answers");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, begin, end);
	tcase_add_loop_test(all, answers, 0, (int)COUNT(services));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
