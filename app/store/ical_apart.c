/* SPDX-License-Identifier: MIT */
/* ical_apart.c: a calendar's file is read in a process of its own */
#include "store/ical_apart.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says, before that many intervals. */
struct answer {
	enum err err;
	struct fail fail;
	size_t count;
};

static bool write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t done = write(fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		len -= (size_t)done;
	}
	return true;
}

static _Noreturn void answer(
    int fd, struct arena *arena, char *text, const struct ical_question *question)
{
	struct busy_list busy = {NULL, 0};
	struct answer answer = {.err = ERR_NONE};
	bool is_said;

	/* libical complains of each line that it does not like, to nobody's use. */
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
	/* The parent ends it when it takes too long, and nobody else has to. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	answer.err = ical_busy_read(arena, text, strlen(text), question, &busy, &answer.fail);
	answer.count = answer.err ? 0 : busy.count;
	is_said = write_all(fd, &answer, sizeof(answer)) &&
		  write_all(fd, busy.list, answer.count * sizeof(*busy.list));
	_exit(is_said ? 0 : 1);
}

/* False: it did not come whole in time. */
static bool read_all(int fd, void *bytes, size_t len, int64_t deadline)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	char *at = bytes;

	while (len) {
		int64_t left = deadline - clock_boot_ms();
		ssize_t got;

		if (left <= 0)
			return false;
		if (poll(&waiting, 1, (int)left) < 0 && errno != EINTR)
			return false;
		if (!(waiting.revents & (POLLIN | POLLHUP)))
			continue;
		got = read(fd, at, len);
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

static enum err hear(
    int fd, struct arena *arena, int64_t deadline, struct busy_list *out, struct fail *fail)
{
	struct interval *list;
	struct answer answer;

	if (!read_all(fd, &answer, sizeof(answer), deadline) || answer.count > ICAL_BUSY_MAX)
		return fail_set(fail, ERR_GARBLED, "ical",
		    clock_boot_ms() >= deadline
			? "the calendar takes longer to read than any should"
			: "the calendar cannot be read: its reader died");
	if (answer.err) {
		*fail = answer.fail;
		return answer.err;
	}
	list = arena_array(arena, answer.count + 1, sizeof(*list));
	if (!list)
		return fail_set(fail, ERR_SYSTEM, "ical", "no memory");
	if (!read_all(fd, list, answer.count * sizeof(*list), deadline))
		return fail_set(fail, ERR_GARBLED, "ical", "the calendar's reader died");
	*out = (struct busy_list){list, answer.count};
	return ERR_NONE;
}

enum err ical_busy_read_apart(struct arena *arena, char *text, const struct ical_question *question,
    int64_t limit_ms, struct busy_list *out, struct fail *fail)
{
	int64_t deadline = clock_boot_ms() + limit_ms;
	int ends[2];
	enum err err;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_set(fail, ERR_SYSTEM, "ical", "pipe: %s", strerror(errno));
	child = fork();
	if (child == 0)
		answer(ends[1], arena, text, question);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return fail_set(fail, ERR_SYSTEM, "ical", "fork: %s", strerror(errno));
	}
	err = hear(ends[0], arena, deadline, out, fail);
	close(ends[0]);
	/* It has said what there is to say, or is not waited for any longer. */
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}
