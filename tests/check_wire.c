/* SPDX-License-Identifier: MIT */
/* check_wire.c: what ClickHouse, Telegram and Resend are asked over a connection, and what is made
 * of their answers there */
#include "base/clock.h"
#include "files.h"
#include "net/resend.h"
#include "net/telegram.h"
#include "server.h"
#include "store/clickhouse.h"
#include "store/pause.h"
#include "times.h"

static struct arena *arena;
static struct http *http;
static struct clickhouse *clickhouse;
static struct conf conf;
static struct fail failure;
static struct {
	size_t len;
	char text[20];
} key = {11, "some:secret"};

static void set_up(void)
{
	make_folder();
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	server_start();
	failure = (struct fail){0};
	memset(&conf, 0, sizeof(conf));
	conf.clickhouse.url = server.url;
	conf.clickhouse.user = arena_str(arena, "avo");
	conf.clickhouse.database = arena_str(arena, "argus");
	conf.clickhouse.timeout_ms = 20000;
	conf.clickhouse.retry_s = 60;
	conf.site.runtime_dir = folder;
	conf.resend.api_url = conf.telegram.api_url = server.url;
	conf.resend.from = arena_str(arena, "Avo <calls@Book.example.com>");
	conf.resend.reply_to = conf.telegram.chat_id = arena_str(arena, "");
	conf.secrets.resend_api_key = conf.secrets.telegram_bot_token = (struct secret *)&key;
	http = http_new(NULL);
	clickhouse = clickhouse_new(&conf, http);
	ck_assert(http && clickhouse);
}

static void tear_down(void)
{
	clickhouse_free(clickhouse);
	http_free(http);
	arena_free(arena);
	remove_folder();
}

static bool asked(unsigned number, const char *what)
{
	return strstr(server_request(number), what) != NULL;
}

/* ---- ClickHouse */

static enum err ask(const char *sql, char **rows)
{
	const struct query query = {.sql = sql};

	return clickhouse_ask(clickhouse, arena, &query, rows, &failure);
}

START_TEST(question)
{
	const struct query query = {.sql = "SELECT 1 & 2", .parameters = "&param_a=7"},
			   outside = {.sql = "SELECT 2", .is_outside = true},
			   named = {.sql = "WITH 3 AS a SELECT a"};
	char *rows;
	size_t used;

	ck_assert_ptr_eq(clickhouse_http(clickhouse), http);
	server_answers(200, "", "1\n");
	used = arena_used(arena);
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &query, &rows, &failure), ERR_NONE);
	ck_assert_uint_lt(arena_used(arena) - used, 2000);
	ck_assert_str_eq(rows, "1\n");
	ck_assert(asked(0, "POST /?wait_end_of_query=1&"));
	/* The last of two counts. */
	ck_assert(asked(0, "&param_a=7 HTTP/1.1\r\n"));
	ck_assert(asked(0, "X-ClickHouse-User: avo\r\n"));
	ck_assert(asked(0, "X-ClickHouse-Database: argus\r\n"));
	ck_assert_str_eq(server_body(0), "SELECT 1 & 2");
	ck_assert(!asked(0, "&async_insert=0"));
	server_answers(200, "", "");
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &outside, NULL, &failure), ERR_NONE);
	ck_assert(!asked(1, "X-ClickHouse-Database"));
	/* What begins by naming something is a question, too. */
	server_answers(200, "", "");
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &named, NULL, &failure), ERR_NONE);
	ck_assert(asked(2, "&limit=0&") && !asked(2, "&async_insert=0"));
}
END_TEST

#define SUMMARY(rows)                                                                              \
	"X-ClickHouse-Summary: {\"read_rows\":\"0\",\"written_rows\":\"" rows                      \
	"\",\"elapsed_ns\":\"1\"}\r\n"

/* A server that says it is well and wrote fewer rows has lost some. */
static const struct {
	int status;
	const char *headers;
	enum err err;
	const char *body;
} inserts[] = {
    {200, SUMMARY("2"), ERR_NONE, ""},
    {200, SUMMARY("1"), ERR_UNSURE, ""},
    {200, SUMMARY("0"), ERR_UNSURE, ""},
    {200, SUMMARY("3"), ERR_UNSURE, ""},
    {200, "", ERR_NONE, ""},
    {200, SUMMARY("many"), ERR_NONE, ""},
    /* Whoever answers in its place has a page to show. */
    {200, "", ERR_UNSURE, "<html>Welcome to our network</html>"},
    {500, SUMMARY("0") "X-ClickHouse-Exception-Code: 252\r\n", ERR_BUSY, ""},
    {500, SUMMARY("0"), ERR_UNSURE, ""},
    {502, "", ERR_UNSURE, "<html>Bad gateway</html>"},
};

START_TEST(rows_that_are_written)
{
	const struct query query = {
	    .sql = "INSERT INTO a FORMAT TabSeparated", .data = "1\n2\n3", .data_len = 4};

	server_answers(inserts[_i].status, inserts[_i].headers, inserts[_i].body);
	ck_assert_int_eq(
	    clickhouse_ask(clickhouse, arena, &query, NULL, &failure), inserts[_i].err);
	if (inserts[_i].status >= 500 && inserts[_i].err == ERR_UNSURE)
		ck_assert_ptr_nonnull(strstr(failure.detail, " without an exception's number"));
	ck_assert_str_eq(server_body(0), "1\n2\n");
	/* Every setting that the outcome hangs on is said. */
	ck_assert(asked(0, "&async_insert=0&") && asked(0, "&insert_deduplicate=1&"));
	ck_assert(asked(0, "&query=INSERT%20INTO%20a%20FORMAT%20TabSeparated HTTP"));
}
END_TEST

/* A server that was put back to an older version is not asked with what that does not know, nor is
 * one that knows something of a similar name. */
START_TEST(server_of_before)
{
	const struct query query = {
	    .sql = "INSERT INTO a FORMAT TabSeparated", .data = "1\n", .data_len = 2};

	clickhouse_learn(clickhouse, "deduplicate_insert_select,async_insert_stale");
	server_answers(200, "", "");
	ck_assert(!clickhouse_ask(clickhouse, arena, &query, NULL, &failure));
	ck_assert(!asked(0, "&deduplicate_insert="));
	clickhouse_learn(clickhouse, "deduplicate_insert");
	server_answers(500, "X-ClickHouse-Exception-Code: 241\r\n", "");
	ck_assert(clickhouse_ask(clickhouse, arena, &query, NULL, &failure));
	server_answers(500, "X-ClickHouse-Exception-Code: 115\r\n", "");
	ck_assert(clickhouse_ask(clickhouse, arena, &query, NULL, &failure));
	ck_assert(asked(2, "&deduplicate_insert="));
	server_answers(200, "", "");
	ck_assert(!clickhouse_ask(clickhouse, arena, &query, NULL, &failure));
	ck_assert(!asked(3, "&deduplicate_insert="));
}
END_TEST

/* As what a transfer is counted: the append to the ledger says so itself. */
START_TEST(counted_as)
{
	const struct query insert = {.sql = "INSERT INTO a FORMAT TabSeparated",
			       .data = "1\n",
			       .data_len = 2},
			   append = {.sql = "INSERT INTO ledger FORMAT TabSeparated",
			       .data = "1\n",
			       .data_len = 2,
			       .service = SERVICE_CLICKHOUSE_APPEND},
			   select = {.sql = "SELECT 1"};
	const struct query *const queries[] = {&select, &append, &insert};
	static const enum service services[] = {
	    SERVICE_CLICKHOUSE_READ, SERVICE_CLICKHOUSE_APPEND, SERVICE_CLICKHOUSE_WRITE};

	for (size_t i = 0; i < COUNT(queries); i++) {
		http_tally_reset(http);
		server_answers(200, "", "");
		ck_assert_int_eq(
		    clickhouse_ask(clickhouse, arena, queries[i], NULL, &failure), ERR_NONE);
		ck_assert_uint_eq(http_tally(http, services[i], services[i]).count, 1);
	}
}
END_TEST

/* A SELECT writes none, and says so. */
START_TEST(question_writes_nothing)
{
	char *rows;

	server_answers(200, SUMMARY("0"), "1\n2\n");
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_NONE);
}
END_TEST

/* Rows that come to their end, and those that something on the server left out or cut off. */
static const struct {
	const char *answer, *rows; /* NULL: refused */
} wholes[] = {
    {"a\nb\nend\n", "a\nb\n"},
    {"end\n", ""},
    {"a\nb\n", NULL},
    {"a\nend", NULL},
    {"", NULL},
};

START_TEST(rows_come_to_their_end)
{
	const struct query query = {.sql = "SELECT a FROM b FORMAT TabSeparated", .is_whole = true};
	char *rows = NULL;

	server_answers(200, "", wholes[_i].answer);
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &query, &rows, &failure),
	    wholes[_i].rows ? ERR_NONE : ERR_GARBLED);
	ck_assert_uint_eq(server_count(), 1);
	ck_assert_ptr_nonnull(strstr(server_body(0), " FROM (SELECT a FROM b) FORMAT"));
	if (wholes[_i].rows)
		ck_assert_str_eq(rows, wholes[_i].rows);
	/* What the server says of itself is told as of any question. */
	rows = NULL;
	server_answers(500, "X-ClickHouse-Exception-Code: 202\r\n", wholes[_i].answer);
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &query, &rows, &failure), ERR_BUSY);
	ck_assert_ptr_null(rows);
}
END_TEST

/* Whose password is wrong is told where. */
START_TEST(refusal_names_the_server)
{
	char *rows;

	server_answers(401, "X-ClickHouse-Exception-Code: 516\r\n",
	    "Code: 516. DB::Exception: avo: Authentication failed. (AUTHENTICATION_FAILED)");
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_AUTH);
	ck_assert_int_eq(strncmp(failure.detail, server.url, strlen(server.url)), 0);
}
END_TEST

/* A server that hangs is not asked by the pool for a while; then one asks for all. */
START_TEST(pause_of_a_pool)
{
	char *rows;

	clickhouse_share(clickhouse);
	ck_assert_int_eq(clickhouse_ready(clickhouse, arena, &failure), ERR_NONE);
	conf.clickhouse.timeout_ms = 200;
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_UNSURE);
	ck_assert_int_gt(pause_until(folder, arena), clock_boot_ms() + 50000);
	ck_assert_int_eq(clickhouse_ready(clickhouse, arena, &failure), ERR_UNREACHABLE);
	/* Over: the others wait on until this one knows. */
	conf.clickhouse.timeout_ms = 20000;
	pause_note(folder, clock_boot_ms() - 1);
	ck_assert_int_eq(clickhouse_ready(clickhouse, arena, &failure), ERR_NONE);
	ck_assert_int_gt(pause_until(folder, arena), clock_boot_ms() + 10000);
	server.answered = server.written = 0;
	server_answers(200, "", "1\n");
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_NONE);
	ck_assert_int_eq(pause_until(folder, arena), 0);
	ck_assert_int_eq(clickhouse_ready(clickhouse, arena, &failure), ERR_NONE);
}
END_TEST

/* What another worker learnt stands, until a query that was to try it is answered. */
START_TEST(pause_of_others)
{
	char *rows;

	clickhouse_share(clickhouse);
	/* Whoever failed otherwise before has not tried it. */
	server_sends("", 0, true);
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_UNSURE);
	pause_note(folder, clock_boot_ms() + 50000);
	server_answers(200, "", "1\n");
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_NONE);
	ck_assert_int_gt(pause_until(folder, arena), clock_boot_ms() + 40000);
	pause_note(folder, clock_boot_ms() - 1);
	ck_assert_int_eq(clickhouse_ready(clickhouse, arena, &failure), ERR_NONE);
	server_sends("", 0, true);
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_UNSURE);
	ck_assert_int_gt(pause_until(folder, arena), clock_boot_ms() + 10000);
}
END_TEST

/* A query that had little time left says nothing of the server; nor does one outside of a pool, nor
 * where there is no pause. */
START_TEST(no_pause)
{
	const struct query hurried = {.sql = "SELECT 1", .deadline = clock_boot_ms() + 100};
	char *rows;

	clickhouse_share(clickhouse);
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &hurried, NULL, &failure), ERR_UNSURE);
	ck_assert_int_eq(pause_until(folder, arena), 0);
	conf.clickhouse.timeout_ms = 200;
	conf.clickhouse.retry_s = 0;
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_UNSURE);
	ck_assert_int_eq(pause_until(folder, arena), 0);
	conf.clickhouse.retry_s = 60;
	clickhouse_free(clickhouse);
	clickhouse = clickhouse_new(&conf, http);
	ck_assert_int_eq(ask("SELECT 1", &rows), ERR_UNSURE);
	ck_assert_int_eq(pause_until(folder, arena), 0);
	pause_note(folder, clock_boot_ms() + 50000);
	ck_assert_int_eq(clickhouse_ready(clickhouse, arena, &failure), ERR_NONE);
}
END_TEST

/* ---- Telegram: in which chats the bot is */

START_TEST(chats)
{
	struct telegram_chats found = {NULL, 77};
	int64_t deadline = clock_boot_ms() + 20000;

	server_answers(200, "",
	    "{\"ok\":true,\"result\":["
	    "{\"message\":{\"chat\":{\"id\":5,\"type\":\"private\",\"first_name\":\"Ada\"}}},"
	    /* From before it was said what is asked for. */
	    "{\"edited_message\":{\"chat\":{\"id\":6,\"first_name\":\"Grace\"}}},"
	    "{\"channel_post\":{\"chat\":{\"id\":-7,\"type\":\"channel\",\"username\":\"news\"}}},"
	    "{\"my_chat_member\":{\"chat\":{\"id\":-9,\"type\":\"group\",\"title\":\"Team\",\"username\":"
	    "\"t\"}}},"
	    "{\"message\":{\"chat\":{\"id\":-9,\"type\":\"group\",\"title\":\"Team\"}}},"
	    "{\"message\":{\"chat\":{\"id\":5,\"type\":\"private\"}}},"
	    "{\"message\":{\"chat\":{\"type\":\"private\"}}},{\"poll\":{}}]}");
	ck_assert_int_eq(
	    telegram_find_chats(&conf, http, arena, deadline, &found, &failure), ERR_NONE);
	ck_assert_uint_eq(found.count, 4);
	/* The last one first, and each once. */
	ck_assert_int_eq(found.list[0].id, 5);
	ck_assert_ptr_null(found.list[0].name);
	ck_assert_int_eq(found.list[1].id, -9);
	ck_assert_str_eq(found.list[1].name, "Team");
	ck_assert_str_eq(found.list[1].type, "group");
	ck_assert_int_eq(found.list[2].id, -7);
	ck_assert_str_eq(found.list[2].name, "news");
	ck_assert_int_eq(found.list[3].id, 6);
	ck_assert_str_eq(found.list[3].name, "Grace");
	ck_assert_ptr_null(found.list[3].type);
	ck_assert(asked(0, "/getUpdates"));
	ck_assert(asked(0, "allowed_updates=%5B%22message%22"));
	server_answers(200, "", "{\"ok\":true,\"result\":[]}");
	ck_assert_int_eq(
	    telegram_find_chats(&conf, http, arena, deadline, &found, &failure), ERR_NONE);
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum err err;
} no_chats[] = {
    {200, "{\"ok\":true,\"result\":{}}", ERR_GARBLED},
    {200, "{\"ok\":true}", ERR_GARBLED},
    {200, "<html>", ERR_GARBLED},
    {500, "{\"ok\":true,\"result\":[]}", ERR_BUSY},
    {401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", ERR_AUTH},
};

START_TEST(chats_that_are_not_told)
{
	struct telegram_chats found = {NULL, 77};

	server_answers(no_chats[_i].status, "", no_chats[_i].body);
	ck_assert_int_eq(
	    telegram_find_chats(&conf, http, arena, clock_boot_ms() + 20000, &found, &failure),
	    no_chats[_i].err);
	if (no_chats[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "telegram");
	ck_assert_int_eq(failure.code, no_chats[_i].err);
	ck_assert_uint_eq(found.count, 77);
}
END_TEST

/* ---- Resend: whether the sender's domain is verified */

#define DOMAINS(first, second)                                                                     \
	"{\"data\":[{\"name\":\"other.example.com\",\"status\":\"" first "\"},"                    \
	"{\"name\":\"book.example.com\",\"status\":\"" second "\"}]}"

static const struct {
	int status;
	const char *body;
	enum err err;
	const char *says;
} senders[] = {
    {200, DOMAINS("pending", "verified"), ERR_NONE, NULL},
    {200, DOMAINS("verified", "pending"), ERR_NOT_FOUND, "pending"},
    {200, "{\"data\":[]}", ERR_NOT_FOUND, "book.example.com"},
    {200, "{\"data\":{}}", ERR_NOT_FOUND, NULL},
    {200, "<html>", ERR_NOT_FOUND, NULL},
    {401,
	"{\"name\":\"restricted_api_key\",\"message\":\"This API key is restricted to only send "
	"emails\"}",
	ERR_AUTH, NULL},
    {503, "{}", ERR_BUSY, NULL},
};

START_TEST(sender)
{
	server_answers(senders[_i].status, "", senders[_i].body);
	ck_assert_int_eq(resend_check_sender(&conf, http, arena, clock_boot_ms() + 20000, &failure),
	    senders[_i].err);
	ck_assert_int_eq(failure.code, senders[_i].err);
	ck_assert(asked(0, "GET /domains?limit=100 HTTP"));
	if (senders[_i].says)
		ck_assert_msg(strcasestr(failure.detail, senders[_i].says), "%s", failure.detail);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, question);
	tcase_add_loop_test(all, rows_that_are_written, 0, (int)COUNT(inserts));
	tcase_add_test(all, server_of_before);
	tcase_add_test(all, counted_as);
	tcase_add_test(all, question_writes_nothing);
	tcase_add_loop_test(all, rows_come_to_their_end, 0, (int)COUNT(wholes));
	tcase_add_test(all, refusal_names_the_server);
	tcase_add_test(all, pause_of_a_pool);
	tcase_add_test(all, pause_of_others);
	tcase_add_test(all, no_pause);
	tcase_add_test(all, chats);
	tcase_add_loop_test(all, chats_that_are_not_told, 0, (int)COUNT(no_chats));
	tcase_add_loop_test(all, sender, 0, (int)COUNT(senders));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
