/* SPDX-License-Identifier: MIT */
/* notify.c: tells systemd how a service is doing, sd_notify(3) */
#include "base/notify.h"
#include "base/num.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(address.sun_path) || !strchr("/@", path[0]))
		return;
	memcpy(address.sun_path, path, len);
	/* A socket without a file: its name begins with a NUL, and ends where its length says. */
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

int64_t notify_watchdog_ms(void)
{
	const char *limit = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t limit_us, watched;

	if (!limit || !num_i64(limit, 1, INT64_MAX, &limit_us))
		return 0;
	if (pid && (!num_i64(pid, 1, INT64_MAX, &watched) || watched != getpid()))
		return 0;
	return limit_us / 2000;
}
