/* SPDX-License-Identifier: MIT */
/* check_clients.c: what one client of the site has done within a day */
#include "store/clients.h"
#include "files.h"
#include "secrets.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define DAY_MS INT64_C(86400000)
#define NOW INT64_C(5000000)

static struct secret *key;
static bool is_alone = true;

static void set_up(void)
{
	make_folder();
	key = make_secret("a key of the site's");
}

static void tear_down(void)
{
	free(key);
	remove_folder();
}

static bool does(
    const char *dir, enum client_act act, const char *address, int64_t now_ms, int64_t a_day)
{
	const struct client client = {dir, key, address, act, a_day};
	bool may = clients_may(&client, now_ms), is_admitted = clients_admit(&client, now_ms);

	/* Nobody else is at work but in one test. */
	ck_assert(is_alone ? may == is_admitted : may || !is_admitted);
	return is_admitted;
}

static bool admit(const char *address, int64_t now_ms)
{
	return does(folder, CLIENT_CALL, address, now_ms, 4);
}

static int admitted(const char *address, int64_t now_ms, int times)
{
	int count = 0;

	while (times--)
		count += admit(address, now_ms);
	return count;
}

START_TEST(so_many_at_once_and_one_more_with_its_part_of_a_day)
{
	ck_assert_int_eq(admitted("192.0.2.1", NOW, 10), 4);
	ck_assert(!admit("192.0.2.1", NOW + DAY_MS / 4 - 1));
	ck_assert_int_eq(admitted("192.0.2.1", NOW + DAY_MS / 4, 10), 1);
	ck_assert_int_eq(admitted("192.0.2.1", NOW + DAY_MS, 10), 3);
	ck_assert_int_eq(admitted("192.0.2.1", NOW + 9 * DAY_MS, 10), 4);
	/* Other acts and other clients have their own, and a limit of 0 is none. */
	ck_assert(does(folder, CLIENT_BRIEF, "192.0.2.1", NOW + 9 * DAY_MS, 4));
	ck_assert_int_eq(admitted("192.0.2.2", NOW, 10), 4);
	ck_assert(does(folder, CLIENT_CALL, "192.0.2.2", NOW, 0));
	ck_assert(!admit("192.0.2.2", NOW));
}
END_TEST

static const struct {
	const char *one, *other;
	bool are_same;
} pairs[] = {
    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::10a", true},
    {"2001:db8:1:2::1", "2001:0DB8:0001:0002:0:0:0:0", true},
    {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
    {"2001:db8::1", "2001:db8:0:1::1", false},
    {"::ffff:192.0.2.7", "192.0.2.7", true},
    {"::ffff:192.0.2.7", "::ffff:192.0.2.8", false},
};

START_TEST(whose_network_is_one)
{
	ck_assert_int_eq(admitted(pairs[_i].one, NOW, 9), 4);
	ck_assert_int_eq(admitted(pairs[_i].other, NOW, 9), pairs[_i].are_same ? 0 : 4);
}
END_TEST

static const char *const others[] = {
    "", "unix:", "192.0.2.1:80", "192.0.2", "a name", "fe80::1%lo"};

START_TEST(what_is_no_address_is_let_through)
{
	ck_assert_int_eq(admitted(others[_i], NOW, 9), 9);
	ck_assert(!clients_is_inside(others[_i]));
}
END_TEST

/* The first and the last address of each network, and what stands beside it. */
static const struct {
	const char *address;
	bool is_inside;
} places[] = {
    {"127.0.0.1", true},
    {"127.255.255.255", true},
    {"128.0.0.0", false},
    {"126.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"172.15.255.255", false},
    {"172.16.0.0", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.168.0.0", true},
    {"192.168.255.255", true},
    {"192.169.0.0", false},
    {"100.63.255.255", false},
    {"100.64.0.0", true},
    {"100.127.255.255", true},
    {"100.128.0.0", false},
    {"169.254.169.254", true},
    {"169.255.0.0", false},
    {"::ffff:10.1.2.3", true},
    {"::ffff:192.0.2.1", false},
    {"::1", true},
    {"::2", false},
    {"::", false},
    {"fc00::1", true},
    {"fdff:ffff::1", true},
    {"fe00::1", false},
    {"fe80::1", true},
    {"febf::1", true},
    {"fec0::1", false},
    {"2001:db8::a00:1", false},
};

START_TEST(who_is_inside_is_let_through)
{
	const char *address = places[_i].address;

	ck_assert_int_eq(clients_is_inside(address), places[_i].is_inside);
	ck_assert_int_eq(admitted(address, NOW, 9), places[_i].is_inside ? 9 : 4);
}
END_TEST

/* However many there are, whoever is at work keeps what they spent, or most of it. */
START_TEST(many_clients)
{
	char address[32];

	ck_assert_int_eq(admitted("192.0.2.1", NOW, 9), 4);
	for (int i = 0; i < 20000; i++) {
		snprintf(address, sizeof(address), "20.%d.%d.1", i / 200, i % 200);
		ck_assert_msg(admit(address, NOW), "%s", address);
	}
	ck_assert(!admit("192.0.2.1", NOW));
}
END_TEST

START_TEST(at_the_same_time)
{
	int passed = 0, status;

	is_alone = false;
	for (int i = 0; i < 6; i++)
		if (!fork())
			_exit(admitted("192.0.2.1", NOW, 3));
	for (int i = 0; i < 6; i++) {
		ck_assert(wait(&status) > 0 && WIFEXITED(status));
		passed += WEXITSTATUS(status);
	}
	is_alone = true;
	ck_assert_int_eq(passed, 4);
}
END_TEST

START_TEST(what_cannot_be_counted_is_let_through)
{
	char path[4096];
	int fd;

	ck_assert(does("/nonexistent", CLIENT_CALL, "192.0.2.1", NOW, 1));
	ck_assert(does("/nonexistent", CLIENT_CALL, "192.0.2.1", NOW, 1));
	/* What stands there is of another boot, or is nothing. */
	ck_assert_int_eq(admitted("192.0.2.1", NOW + 40 * DAY_MS, 9), 4);
	ck_assert_int_eq(admitted("192.0.2.1", NOW, 9), 4);
	snprintf(path, sizeof(path), "%s/clients", folder);
	fd = open(path, O_WRONLY | O_TRUNC);
	ck_assert(fd >= 0 && write(fd, "short", 5) == 5 && close(fd) == 0);
	ck_assert_int_eq(admitted("192.0.2.1", NOW, 9), 4);
	fd = open(path, O_WRONLY | O_TRUNC);
	for (int i = 0; i < 200000; i++)
		ck_assert(write(fd, "\xff", 1) == 1);
	ck_assert(close(fd) == 0);
	ck_assert_int_eq(admitted("192.0.2.1", NOW, 9), 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clients");
	TCase *tcase = tcase_create("clients");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, so_many_at_once_and_one_more_with_its_part_of_a_day);
	tcase_add_loop_test(tcase, whose_network_is_one, 0, sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(
	    tcase, who_is_inside_is_let_through, 0, sizeof(places) / sizeof(places[0]));
	tcase_add_loop_test(
	    tcase, what_is_no_address_is_let_through, 0, sizeof(others) / sizeof(others[0]));
	tcase_add_test(tcase, many_clients);
	tcase_add_test(tcase, at_the_same_time);
	tcase_add_test(tcase, what_cannot_be_counted_is_let_through);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
