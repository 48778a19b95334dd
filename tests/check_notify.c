/* SPDX-License-Identifier: MIT */
/* check_notify.c: what systemd is told, and how often it wants to hear */
#include "base/notify.h"
#include "times.h"

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

START_TEST(watched)
{
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
	setenv("WATCHDOG_USEC", "soon", 1);
	ck_assert_int_eq(notify_watchdog_ms(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("notify");
	TCase *manager = tcase_create("manager");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(manager, notified, 0, (int)COUNT(manager_names));
	tcase_add_test(manager, watched);
	suite_add_tcase(suite, manager);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
