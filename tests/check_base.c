/* SPDX-License-Identifier: MIT */
/* check_base.c: strict numbers, UUIDs, the names of errors, the log's lines */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/uuid.h"
#include "times.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *text;
	uint64_t min, max, value;
	bool is_fine;
} naturals[] = {
    {"0", 0, 0, 0, true}, {"7", 0, 10, 7, true}, {"007", 0, 10, 7, true},
    {"18446744073709551615", 0, UINT64_MAX, UINT64_MAX, true},
    {"0000000000000000000000018446744073709551615", 0, UINT64_MAX, UINT64_MAX, true},
    {"5", 5, 5, 5, true}, {"4", 5, 9, 0, false}, {"10", 5, 9, 0, false},
    {"18446744073709551616", 0, UINT64_MAX, 0, false},
    {"18446744073709551620", 0, UINT64_MAX, 0, false},
    {"99999999999999999999999", 0, UINT64_MAX, 0, false}, {"", 0, 10, 0, false},
    {"-0", 0, 10, 0, false}, {"-1", 0, 10, 0, false}, {"+1", 0, 10, 0, false},
    {" 1", 0, 10, 0, false}, {"1 ", 0, 10, 0, false}, {"1\n", 0, 10, 0, false},
    {"1.0", 0, 10, 0, false}, {"0x1", 0, 10, 0, false}, {"1e1", 0, 10, 0, false},
    {"1a", 0, 10, 0, false}, {"a", 0, 10, 0, false},
    {"\xd9\xa1", 0, 10, 0, false}, /* a digit, but of another script */
};

START_TEST(natural)
{
	uint64_t value = 42;

	ck_assert_int_eq(num_u64(naturals[_i].text, naturals[_i].min, naturals[_i].max, &value),
	    naturals[_i].is_fine);
	ck_assert_uint_eq(value, naturals[_i].is_fine ? naturals[_i].value : 42);
}
END_TEST

static const struct {
	const char *text;
	int64_t min, max, value;
	bool is_fine;
} integers[] = {
    {"0", 0, 0, 0, true},
    {"-0", 0, 0, 0, true},
    {"-7", -10, 10, -7, true},
    {"7", -10, 10, 7, true},
    {"9223372036854775807", 0, INT64_MAX, INT64_MAX, true},
    {"-9223372036854775807", INT64_MIN, 0, -INT64_MAX, true},
    {"9223372036854775808", INT64_MIN, INT64_MAX, 0, false},
    {"-9223372036854775809", INT64_MIN, INT64_MAX, 0, false},
    {"18446744073709551616", INT64_MIN, INT64_MAX, 0, false},
    {"-11", -10, 10, 0, false},
    {"11", -10, 10, 0, false},
    {"", -10, 10, 0, false},
    {"-", -10, 10, 0, false},
    {"--1", -10, 10, 0, false},
    {"-+1", -10, 10, 0, false},
    {"+1", -10, 10, 0, false},
    {"- 1", -10, 10, 0, false},
    {"1-", -10, 10, 0, false},
};

START_TEST(integer)
{
	int64_t value = 42;

	ck_assert_int_eq(num_i64(integers[_i].text, integers[_i].min, integers[_i].max, &value),
	    integers[_i].is_fine);
	ck_assert_int_eq(value, integers[_i].is_fine ? integers[_i].value : 42);
}
END_TEST

START_TEST(name_in_a_table)
{
	static const char *const names[] = {"one", "two", "three"};
	int at = 42;

	ck_assert(!num_of_name("four", names, 3, &at) && !num_of_name("", names, 3, &at) &&
		  !num_of_name("One", names, 3, &at) && !num_of_name("three", names, 2, &at) &&
		  !num_of_name("tw", names, 3, &at) && !num_of_name("twos", names, 3, &at));
	ck_assert_int_eq(at, 42);
	ck_assert(num_of_name("three", names, 3, &at));
	ck_assert_int_eq(at, 2);
}
END_TEST

#define ID "0123abcd-4567-4abc-8def-0123456789ab"

static const struct {
	const char *text;
	bool is_fine;
} uuids[] = {
    {ID, true},
    {"0123ABCD-4567-4ABC-8DEF-0123456789AB", true},
    {"00000000-0000-0000-0000-000000000000", true},
    {"ffffffff-ffff-ffff-ffff-ffffffffffff", true},
    {"", false},
    {"0", false},
    {"0123abcd", false},
    {"0123abcd-", false},
    {"0123abcd-4567-4abc-8def-0123456789a", false},
    {ID "0", false},
    {ID " ", false},
    {" " ID, false},
    {"{" ID "}", false},
    {"0123abcd45674abc8def0123456789ab", false},
    {"0123abcd4-567-4abc-8def-0123456789ab", false},
    {"0123abcd-4567-4abc8def-0123456789abc", false},
    {"0123abcd-4567-4abc-8def_0123456789ab", false},
    {"0123abcg-4567-4abc-8def-0123456789ab", false},
    {"0123abc -4567-4abc-8def-0123456789ab", false},
    {"-123abcd-4567-4abc-8def-0123456789ab", false},
    {"0x23abcd-4567-4abc-8def-0123456789ab", false},
};

START_TEST(uuid_text)
{
	char *exact = strdup(uuids[_i].text), back[UUID_TEXT]; /* of its size, for the sanitizers */
	struct uuid uuid = {{42}};

	ck_assert_ptr_nonnull(exact);
	ck_assert_int_eq(uuid_parse(exact, &uuid), uuids[_i].is_fine);
	if (uuids[_i].is_fine) {
		ck_assert_ptr_eq(uuid_format(&uuid, back), back);
		ck_assert_int_eq(strcasecmp(back, uuids[_i].text), 0);
		ck_assert_uint_eq(strcspn(back, "ABCDEF"), strlen(back));
	} else {
		ck_assert(uuid.bytes[0] == 42 && uuid.bytes[1] == 0);
	}
	free(exact);
}
END_TEST

START_TEST(uuid_bytes)
{
	struct uuid uuid, other;
	uint8_t bytes[16];

	memset(bytes, 0xff, sizeof(bytes));
	uuid = uuid_from_bytes(bytes);
	ck_assert_int_eq(uuid.bytes[6], 0x4f);
	ck_assert_int_eq(uuid.bytes[8], 0xbf);
	memset(bytes, 0, sizeof(bytes));
	uuid = uuid_from_bytes(bytes);
	ck_assert_int_eq(uuid.bytes[6], 0x40);
	ck_assert_int_eq(uuid.bytes[8], 0x80);
	ck_assert(!uuid_is_nil(&uuid));
	memset(&uuid, 0, sizeof(uuid));
	ck_assert(uuid_is_nil(&uuid));
	other = uuid;
	ck_assert(uuid_equal(&uuid, &other));
	for (int i = 0; i < 16; i++) {
		other.bytes[i] = 1;
		ck_assert(!uuid_equal(&uuid, &other) && !uuid_is_nil(&other));
		other.bytes[i] = 0;
	}
	for (int i = 0; i < 100; i++) {
		uuid = uuid_random();
		ck_assert((uuid.bytes[6] & 0xf0) == 0x40 && (uuid.bytes[8] & 0xc0) == 0x80);
		ck_assert(!uuid_equal(&uuid, &other));
		other = uuid;
	}
}
END_TEST

START_TEST(failures)
{
	struct fail fail;
	char long_text[500];

	for (int i = ERR_NONE; i < ERR_STOPPING; i++)
		for (int j = i + 1; j <= ERR_STOPPING; j++)
			ck_assert_str_ne(err_name((enum err)i), err_name((enum err)j));
	ck_assert_str_eq(err_name(ERR_UNREACHABLE), "unreachable");
	for (int i = 0; i < 256; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = i ? strchr(digits, i >= 'A' && i <= 'F' ? i + 32 : i) : NULL;

		ck_assert_int_eq(num_hex_digit((char)i), at ? (int)(at - digits) : -1);
	}
	ck_assert_ptr_nonnull(err_name((enum err)999));
	ck_assert_int_eq(fail_set(&fail, ERR_BUSY, "here", "%d of %s", 3, "them"), ERR_BUSY);
	ck_assert_int_eq(fail.code, ERR_BUSY);
	ck_assert_str_eq(fail.where, "here");
	ck_assert_str_eq(fail.detail, "3 of them");
	ck_assert_int_eq(fail_set(NULL, ERR_INPUT, "here", "x"), ERR_INPUT);
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	fail_set(&fail, ERR_INPUT, long_text, "%s", long_text);
	ck_assert_uint_eq(strlen(fail.where), sizeof(fail.where) - 1);
	ck_assert_uint_eq(strlen(fail.detail), sizeof(fail.detail) - 1);
}
END_TEST

static const struct {
	const char *detail, *line;
} lines[] = {
    {"/spool/1700000000000-" ID ".json: No space left on device",
	"/spool/1700000000000-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.json: No space left on device"},
    {ID " and " ID,
	"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx and xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"},
    {"0123ABCD-4567-4abc-8d", "xxxxxxxx-xxxx-xxxx-xx"},
    {"2026-12-01 0123abcd-456 0123abcd-45678-", "2026-12-01 0123abcd-456 0123abcd-45678-"},
    {"a\nb\x7f", "a?b?"},
    {"", ""},
};

START_TEST(log_lines)
{
	static const char request[] = "0123456789abcdef0123456789abcdef";
	char line[2000] = "", wanted[2000];
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t len;

	ck_assert(before >= 0 && pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	log_request(request);
	log_event(LOG_LEVEL_ERROR, "here detail=\"%s\"", lines[_i].detail);
	log_request(NULL);
	len = read(ends[0], line, sizeof(line) - 1);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[0]);
	close(ends[1]);
	ck_assert(len > 0);
	snprintf(
	    wanted, sizeof(wanted), "here detail=\"%s\" request=%s\n", lines[_i].line, request);
	ck_assert_str_eq(line, wanted);
}
END_TEST

static int64_t ms_of(clockid_t clock)
{
	struct timespec now;

	ck_assert_int_eq(clock_gettime(clock, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Each is the system's, and what is read in between lies in between. */
START_TEST(clocks)
{
	for (int i = 0; i < 100; i++) {
		int64_t boot = ms_of(CLOCK_BOOTTIME), boot_ms = clock_boot_ms();
		int64_t wall = ms_of(CLOCK_REALTIME), wall_ms = clock_wall_ms();

		ck_assert(boot <= boot_ms && boot_ms <= ms_of(CLOCK_BOOTTIME));
		ck_assert(wall <= wall_ms && wall_ms <= ms_of(CLOCK_REALTIME));
		ck_assert(wall / 1000 <= clock_wall_s() &&
			  clock_wall_s() <= ms_of(CLOCK_REALTIME) / 1000);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *numbers = tcase_create("num"), *ids = tcase_create("uuid");
	TCase *errors = tcase_create("err"), *log = tcase_create("log");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(numbers, natural, 0, (int)COUNT(naturals));
	tcase_add_loop_test(numbers, integer, 0, (int)COUNT(integers));
	tcase_add_test(numbers, name_in_a_table);
	suite_add_tcase(suite, numbers);
	tcase_add_loop_test(ids, uuid_text, 0, (int)COUNT(uuids));
	tcase_add_test(ids, uuid_bytes);
	suite_add_tcase(suite, ids);
	tcase_add_test(errors, failures);
	tcase_add_test(errors, clocks);
	suite_add_tcase(suite, errors);
	tcase_add_loop_test(log, log_lines, 0, (int)COUNT(lines));
	suite_add_tcase(suite, log);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
