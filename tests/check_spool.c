/* SPDX-License-Identifier: MIT */
/* check_spool.c: a brief on disk: its name, its content, and a disk that refuses */
#include "store/spool.h"
#include "base/file.h"
#include "files.h"
#include "net/json.h"
#include "times.h"

#include <json-c/json.h>
#include <signal.h>
#include <sys/resource.h>

#define ID "0123abcd-4567-4abc-8def-0123456789ab"
#define NAME "1796000000123-" ID ".json"

static struct arena *arena;
static struct fail failure;
static struct lead lead;

static void set_up(void)
{
	make_folder();
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	lead = (struct lead){.owner = "main",
	    .name = "Ada \"the\" \\ first\n",
	    .email = "ada@example.com",
	    .company = "",
	    .brief = "one\ntwo\t\xc3\xa9 </script>",
	    .timezone = "Europe/Berlin",
	    .budget = "",
	    .timeframe = "soon",
	    .language = "es",
	    .created_ms = 1796000000123};
	ck_assert(uuid_parse(ID, &lead.booking));
}

static void tear_down(void)
{
	arena_free(arena);
	remove_folder();
}

START_TEST(content)
{
	struct json_object *object;
	int64_t created_ms = 0;
	struct stat st;
	char *text;

	umask(0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(stat(path_of(NAME), &st), 0);
	/* Personal data: the workers' and the courier's group has it, and nobody else. */
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	text = read_text(path_of(NAME));
	object = json_read(text, strlen(text));
	ck_assert_ptr_nonnull(object);
	ck_assert_str_eq(json_text(object, "booking_id"), ID);
	ck_assert(json_integer(object, "created_ms", &created_ms) && created_ms == 1796000000123);
	ck_assert_str_eq(json_text(object, "name"), lead.name);
	ck_assert_str_eq(json_text(object, "email"), lead.email);
	ck_assert_str_eq(json_text(object, "company"), "");
	ck_assert_str_eq(json_text(object, "brief"), lead.brief);
	ck_assert_str_eq(json_text(object, "timezone"), lead.timezone);
	ck_assert_str_eq(json_text(object, "host"), "main");
	ck_assert_int_eq(json_object_object_length(object), 13);
	json_object_put(object);
	free(text);
}
END_TEST

START_TEST(names)
{
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	lead.brief = "another";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	lead.created_ms++;
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 2);
	lead.booking.bytes[0]++;
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 3);
}
END_TEST

/* What a file is, by its name; and whose, where the name says it. */
static const struct {
	const char *name;
	enum spool_kind kind;
	bool has_booking;
} names_of[] = {
    {"17-" ID ".json", SPOOL_BRIEF, true},
    {"17-" ID ".json.damaged", SPOOL_DAMAGED, true},
    {"17-" ID ".json.4711~", SPOOL_UNFINISHED, true},
    {"17-ab.json", SPOOL_BRIEF, false},
    /* Somebody's copy, a hidden one, an end without a name, others. */
    {"17-ab.json~", SPOOL_OTHER, false},
    {".17-ab.json", SPOOL_OTHER, false},
    {".json", SPOOL_OTHER, false},
    {"json", SPOOL_OTHER, false},
    {"17", SPOOL_OTHER, false},
    {"17-", SPOOL_OTHER, false},
    {"-" ID ".json", SPOOL_BRIEF, false},
    {"17x" ID ".json", SPOOL_BRIEF, false},
    {"17" ID ".json", SPOOL_BRIEF, false},
    {ID ".json", SPOOL_BRIEF, false},
    {"17-0123abcd4567-4abc-8def-0123456789abxxxx.json", SPOOL_BRIEF, false},
};

START_TEST(listed)
{
	struct spool_files files;
	struct uuid booking;

	ck_assert(uuid_parse(ID, &booking));
	write_file(names_of[_i].name, "12345");
	ck_assert_int_eq(spool_list(folder, arena, &files, &failure), ERR_NONE);
	ck_assert_uint_eq(files.count, 1);
	ck_assert_str_eq(files.list[0].name, names_of[_i].name);
	ck_assert_str_eq(files.list[0].path, path_of(names_of[_i].name));
	ck_assert_int_eq(files.list[0].kind, names_of[_i].kind);
	ck_assert_int_eq(files.list[0].has_booking, names_of[_i].has_booking);
	ck_assert(!names_of[_i].has_booking || uuid_equal(&files.list[0].booking, &booking));
	ck_assert_int_eq(files.list[0].bytes, 5);
}
END_TEST

START_TEST(order_of_arrival)
{
	struct spool_files files;
	struct spool_count count;
	char name[40];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "%d-x.json", 1000 + i * 7 % 200);
		write_file(name, "1");
	}
	write_file("note.txt", "12");
	ck_assert_int_eq(mkdir(path_of("0.json"), 0700), 0);
	ck_assert_int_eq(spool_list(folder, arena, &files, &failure), ERR_NONE);
	ck_assert_uint_eq(files.count, 202);
	for (size_t i = 1; i < files.count; i++)
		ck_assert_int_lt(strcmp(files.list[i - 1].name, files.list[i].name), 0);
	ck_assert_int_eq(spool_count(folder, &count, &failure), ERR_NONE);
	ck_assert_uint_eq(count.files, 202);
	ck_assert_uint_eq(count.kinds[SPOOL_BRIEF], 201);
	ck_assert_uint_eq(count.kinds[SPOOL_OTHER], 1);
	ck_assert(!count.is_full);
	ck_assert_int_eq(spool_list(path_of("none"), arena, &files, &failure), ERR_NOT_FOUND);
	ck_assert_ptr_eq(strstr(failure.detail, path_of("none")), failure.detail);
	ck_assert_int_eq(spool_count(path_of("note.txt"), &count, &failure), ERR_SYSTEM);
}
END_TEST

START_TEST(list_without_memory)
{
	struct spool_files files;
	char name[40];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d-x.json", i);
		write_file(name, "1");
	}
	for (size_t size = 1000; size < 9000; size += 1000) {
		struct arena *small = arena_new(size);

		ck_assert_int_eq(spool_list(folder, small, &files, &failure), ERR_SYSTEM);
		arena_free(small);
	}
}
END_TEST

START_TEST(one_lock)
{
	int lock = spool_lock(folder, 0);

	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(spool_lock(folder, 0), -1);
	/* Workers go on. */
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	file_unlock(lock);
	lock = spool_lock(folder, 0);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
	ck_assert_int_eq(spool_lock(path_of("none"), 1000), -1);
}
END_TEST

START_TEST(given_their_names)
{
	write_file(NAME ".4711~", "1");
	ck_assert_int_eq(spool_finish(path_of(NAME ".4711~"), arena, &failure), ERR_NONE);
	ck_assert_int_eq(access(path_of(NAME), F_OK), 0);
	ck_assert_int_eq(spool_set_aside(path_of(NAME), arena, &failure), ERR_NONE);
	ck_assert_int_eq(access(path_of(NAME ".damaged"), F_OK), 0);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(spool_set_aside(path_of(NAME), arena, &failure), ERR_SYSTEM);
}
END_TEST

START_TEST(there_and_back)
{
	struct lead back;

	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(spool_read(path_of(NAME), arena, &back, &failure), ERR_NONE);
	ck_assert(uuid_equal(&back.booking, &lead.booking));
	ck_assert_int_eq(back.status, LEAD_AWAITING_SLOT);
	ck_assert_uint_eq(back.version, 0);
	ck_assert_int_eq(back.created_ms, lead.created_ms);
	ck_assert_str_eq(back.name, lead.name);
	ck_assert_str_eq(back.email, lead.email);
	ck_assert_str_eq(back.company, lead.company);
	ck_assert_str_eq(back.brief, lead.brief);
	ck_assert_str_eq(back.timezone, lead.timezone);
	ck_assert_str_eq(back.owner, lead.owner);
	ck_assert_str_eq(back.budget, lead.budget);
	ck_assert_str_eq(back.timeframe, lead.timeframe);
	ck_assert_str_eq(back.language, lead.language);
	/* As an older program wrote it, or one of a program that had no form. */
	ck_assert(uuid_is_nil(&back.form));
	lead.form = uuid_random();
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(spool_read(path_of(NAME), arena, &back, &failure), ERR_NONE);
	ck_assert(uuid_equal(&back.form, &lead.form));
}
END_TEST

/* A whole brief with one text replaced by another. */
static const struct {
	const char *from, *to;
	enum err err;
} damages[] = {
    {"", "", ERR_NONE},
    {ID, "0123ABCD-4567-4ABC-8DEF-0123456789AB", ERR_NONE},
    {ID, "0123abcd", ERR_GARBLED},
    {"\"booking_id\"", "\"booking\"", ERR_GARBLED},
    {"1796000000123", "1", ERR_NONE},
    {"1796000000123", "0", ERR_GARBLED},
    {"1796000000123", "-1", ERR_GARBLED},
    {"1796000000123", "\"1796000000123\"", ERR_GARBLED},
    {"1796000000123", "1.5", ERR_GARBLED},
    {"\"name\"", "\"Name\"", ERR_GARBLED},
    {"\"name\"", "\"form\":\"" ID "\",\"name\"", ERR_NONE},
    {"\"name\"", "\"form\":\"\",\"name\"", ERR_GARBLED},
    {"\"name\"", "\"form\":7,\"name\"", ERR_GARBLED},
    {"\"email\"", "\"mail\"", ERR_GARBLED},
    {"\"brief\"", "\"text\"", ERR_GARBLED},
    {"\"Europe/Berlin\"", "7", ERR_GARBLED},
    {"\"main\"", "[]", ERR_GARBLED},
    /* As an older program wrote it. */
    {"\"budget\"", "\"unknown\"", ERR_NONE},
    {"\"company\"", "\"unknown\"", ERR_NONE},
    {"\"host\"", "\"unknown\"", ERR_NONE},
    {"\"language\"", "\"unknown\"", ERR_NONE},
    {"}", "", ERR_GARBLED},
    {"{", "[", ERR_GARBLED},
    {"}", "}{", ERR_GARBLED},
};

START_TEST(damaged)
{
	struct lead back = {.version = 77};
	char *text, *at, changed[4000];

	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	text = read_text(path_of(NAME));
	at = strstr(text, damages[_i].from);
	ck_assert_ptr_nonnull(at);
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, damages[_i].to,
	    at + strlen(damages[_i].from));
	free(text);
	write_file(NAME, changed);
	ck_assert_int_eq(spool_read(path_of(NAME), arena, &back, &failure), damages[_i].err);
	if (damages[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "spool");
	if (damages[_i].err) {
		ck_assert_int_eq(failure.code, damages[_i].err);
		ck_assert_uint_eq(back.version, 77);
		ck_assert_ptr_null(strstr(failure.detail, ID));
	}
}
END_TEST

START_TEST(cut_short)
{
	struct lead back;
	char *text;

	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	text = read_text(path_of(NAME));
	for (size_t len = 0; len < strlen(text); len++) {
		write_bytes(NAME, text, len);
		ck_assert_int_eq(spool_read(path_of(NAME), arena, &back, &failure), ERR_GARBLED);
		ck_assert_str_eq(failure.where, "spool");
	}
	free(text);
}
END_TEST

/* No brief is set aside as damaged because there was no memory for it. */
START_TEST(read_in_any_room)
{
	struct lead back;
	unsigned whole = 0;

	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	for (size_t size = 8; size < 1000; size += 8) {
		struct arena *small = arena_new(size);
		enum err err = spool_read(path_of(NAME), small, &back, &failure);

		ck_assert(err == ERR_NONE || err == ERR_SYSTEM);
		whole += !err;
		arena_free(small);
	}
	ck_assert(whole > 10 && whole < 110);
}
END_TEST

START_TEST(other_files)
{
	struct lead back;
	char *large = calloc(1, 300000);

	ck_assert_ptr_nonnull(large);
	ck_assert_int_eq(spool_read(path_of("none"), arena, &back, &failure), ERR_NOT_FOUND);
	memset(large, ' ', 299999);
	write_file("large", large);
	ck_assert_int_eq(spool_read(path_of("large"), arena, &back, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "spool");
	ck_assert_int_eq(failure.code, ERR_GARBLED);
	free(large);
}
END_TEST

START_TEST(no_folder)
{
	write_file("file", "");
	ck_assert_int_eq(spool_put(path_of("none"), arena, &lead, &failure), ERR_SYSTEM);
	ck_assert_int_eq(spool_put(path_of("file"), arena, &lead, &failure), ERR_SYSTEM);
	ck_assert_int_eq(failure.code, ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

/* A limit on the size of files is as good as a full disk. */
START_TEST(full_disk)
{
	char *long_text = calloc(1, 20001);
	struct rlimit limit;

	ck_assert_ptr_nonnull(long_text);
	memset(long_text, 'x', 20000);
	lead.brief = long_text;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_SYSTEM);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(each_file(NULL), 0);
	lead.brief = "short";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	free(long_text);
}
END_TEST

/* Whoever fills it, and with what. */
START_TEST(too_many_files)
{
	char name[40];

	for (int i = 0; i < SPOOL_FILES_MAX - 1; i++) {
		snprintf(name, sizeof(name), "%d", i);
		write_file(name, "");
	}
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	lead.created_ms++;
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_TOO_LARGE);
	ck_assert_int_eq(failure.code, ERR_TOO_LARGE);
	ck_assert_int_eq(each_file(NULL), SPOOL_FILES_MAX);
	ck_assert_int_eq(remove(path_of("7")), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
}
END_TEST

START_TEST(too_many_bytes)
{
	write_file("large", "");
	ck_assert_int_eq(truncate(path_of("large"), SPOOL_BYTES_MAX - 1), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	lead.created_ms++;
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_TOO_LARGE);
	ck_assert_int_eq(each_file(NULL), 2);
	ck_assert_int_eq(remove(path_of(NAME)), 0);
	ck_assert_int_eq(truncate(path_of("large"), SPOOL_BYTES_MAX), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_TOO_LARGE);
}
END_TEST

START_TEST(no_descriptor)
{
	struct rlimit limit = {0, 0};

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_SYSTEM);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(each_file(NULL), 0);
}
END_TEST

/* A program does not start without its spool, and does where that is only full for now. */
START_TEST(tried)
{
	struct rlimit limit = {0, 0};

	ck_assert_int_eq(spool_try(folder, &failure), ERR_NONE);
	ck_assert_int_eq(spool_try(path_of("none"), &failure), ERR_CONFIG);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(spool_try(folder, &failure), ERR_NONE);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(each_file(NULL), 0);
}
END_TEST

/* The name is taken by a folder: what was written beside it goes again. */
START_TEST(name_that_is_taken)
{
	ck_assert_int_eq(mkdir(path_of(NAME), 0700), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

START_TEST(full_arena)
{
	for (size_t size = 1; size < 200; size += 8) {
		struct arena *small = arena_new(size);

		ck_assert_int_eq(spool_put(folder, small, &lead, &failure), ERR_SYSTEM);
		arena_free(small);
	}
	ck_assert_int_eq(each_file(NULL), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spool");
	TCase *putting = tcase_create("put"), *refusing = tcase_create("refuse");
	TCase *reading = tcase_create("read");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(putting, set_up, tear_down);
	tcase_add_test(putting, content);
	tcase_add_test(putting, names);
	tcase_add_loop_test(putting, listed, 0, (int)COUNT(names_of));
	tcase_add_test(putting, order_of_arrival);
	tcase_add_test(putting, list_without_memory);
	tcase_add_test(putting, one_lock);
	tcase_add_test(putting, given_their_names);
	suite_add_tcase(suite, putting);
	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_test(reading, there_and_back);
	tcase_add_loop_test(reading, damaged, 0, (int)COUNT(damages));
	tcase_add_test(reading, cut_short);
	tcase_add_test(reading, read_in_any_room);
	tcase_add_test(reading, other_files);
	suite_add_tcase(suite, reading);
	tcase_add_checked_fixture(refusing, set_up, tear_down);
	tcase_add_test(refusing, no_folder);
	tcase_add_test(refusing, full_disk);
	tcase_add_test(refusing, too_many_files);
	tcase_add_test(refusing, too_many_bytes);
	tcase_add_test(refusing, no_descriptor);
	tcase_add_test(refusing, name_that_is_taken);
	tcase_add_test(refusing, tried);
	tcase_add_test(refusing, full_arena);
	tcase_set_timeout(refusing, 60);
	suite_add_tcase(suite, refusing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
