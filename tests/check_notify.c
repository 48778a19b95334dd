/* SPDX-License-Identifier: MIT */
/* check_notify.c: what systemd is told, and how often it wants to hear */
#include "base/notify.h"
#include "descriptors.h"
#include "times.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const manager_names[] = {"", "@slotguard-check-notify"};

START_TEST(notified)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[80], got[64] = "";
	socklen_t len;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(name, sizeof(name), "%s%d",
	    _i ? manager_names[_i] : "/tmp/slotguard-check-notify.", (int)getpid());
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("READY=1");
	if (!_i)
		unlink(name);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), 7);
	ck_assert_str_eq(got, "READY=1");
	close(fd);
	/* Nobody listens, or nobody asked: that is no failure. */
	notify_send("READY=1");
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
}
END_TEST

/* As long as an address may be, one byte longer, and what is no address at all. */
START_TEST(address_of_any_length)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[sizeof(address.sun_path) + 1], got[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	size_t len = sizeof(address.sun_path) - (_i == 0);

	snprintf(name, sizeof(name), "@%0*d", (int)len - 1, (int)getpid());
	ck_assert_uint_eq(strlen(name), len);
	memcpy(address.sun_path, name, len);
	address.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	    0);
	if (_i == 2)
		name[0] = 'x';
	setenv("NOTIFY_SOCKET", _i == 3 ? "" : name, 1);
	notify_send("READY=1");
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), _i == 0 ? 7 : -1);
	close(fd);
}
END_TEST

/* A path has to be absolute. */
START_TEST(relative_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[40], got[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(chdir("/tmp"), 0);
	snprintf(name, sizeof(name), "slotguard-check-notify.%d", (int)getpid());
	memcpy(address.sun_path, name, strlen(name));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("READY=1");
	unlink(name);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), -1);
	close(fd);
}
END_TEST

/* It is told every few seconds for months. */
START_TEST(closed)
{
	int before = count_open(0);

	setenv("NOTIFY_SOCKET", "@slotguard-check-nobody", 1);
	notify_send("WATCHDOG=1");
	ck_assert_int_eq(count_open(0), before);
}
END_TEST

START_TEST(watched)
{
	static const struct {
		const char *us;
		int64_t ms;
	} limits[] = {{"soon", 0}, {"0", 0}, {"-1", 0}, {"", 0}, {"1999", 0}, {"2000", 1},
	    {"5999", 2}, {"9223372036854775807", INT64_MAX / 2000}};
	char pid[24];

	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	ck_assert_int_eq(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "3000000", 1);
	ck_assert_int_eq(notify_watchdog_ms(), 1500);
	setenv("WATCHDOG_PID", "1", 1);
	ck_assert_int_eq(notify_watchdog_ms(), 0);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	ck_assert_int_eq(notify_watchdog_ms(), 1500);
	setenv("WATCHDOG_PID", "me", 1);
	ck_assert_int_eq(notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	for (size_t i = 0; i < COUNT(limits); i++) {
		setenv("WATCHDOG_USEC", limits[i].us, 1);
		ck_assert_int_eq(notify_watchdog_ms(), limits[i].ms);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("notify");
	TCase *manager = tcase_create("manager");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(manager, notified, 0, (int)COUNT(manager_names));
	tcase_add_loop_test(manager, address_of_any_length, 0, 4);
	tcase_add_test(manager, relative_address);
	tcase_add_test(manager, closed);
	tcase_add_test(manager, watched);
	suite_add_tcase(suite, manager);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
