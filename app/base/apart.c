/* SPDX-License-Identifier: MIT */
/* apart.c: what strangers wrote is read by a program of its own */
#include "base/apart.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What comes before the bytes. */
struct answer {
	struct fail fail;
	size_t len;
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

bool apart_answer(int fd, const struct fail *fail, const void *bytes, size_t len)
{
	struct answer answer;

	memset(&answer, 0, sizeof(answer));
	answer.fail = *fail;
	answer.len = fail->code ? 0 : len;
	return write_all(fd, &answer, sizeof(answer)) && write_all(fd, bytes, answer.len);
}

/* False: it did not come whole in time. */
static bool read_all(int fd, void *bytes, size_t len, int64_t deadline)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	char *at = bytes;

	while (len) {
		int64_t left = deadline - clock_boot_ms();
		ssize_t got;

		if (left <= 0 || (poll(&waiting, 1, (int)left) < 0 && errno != EINTR))
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

/* A file in memory, so that the reader may take its time with it and we need not feed it. */
static int hold(const struct apart_wish *wish)
{
	int fd = memfd_create("slotguard-reader", MFD_CLOEXEC);

	if (fd >= 0 && write_all(fd, wish->text, wish->len) && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Nothing of ours but the text and the pipe is open there. The libraries complain of each line that
 * they do not like, to nobody's use. */
static int start(const char *path, const struct apart_wish *wish, int text, int end, pid_t *child)
{
	char *words[1 + APART_WORDS + 1] = {(char *)"slotguard-reader"}, *none[] = {NULL};
	posix_spawn_file_actions_t files;
	int why;

	for (size_t i = 0; i < APART_WORDS && wish->words[i]; i++)
		words[1 + i] = (char *)wish->words[i];
	if ((why = posix_spawn_file_actions_init(&files)))
		return why;
	if (!(why = posix_spawn_file_actions_adddup2(&files, text, STDIN_FILENO)) &&
	    !(why = posix_spawn_file_actions_adddup2(&files, end, STDOUT_FILENO)) &&
	    !(why = posix_spawn_file_actions_addopen(
		  &files, STDERR_FILENO, "/dev/null", O_WRONLY, 0)) &&
	    !(why = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1)))
		why = posix_spawn(child, path, &files, NULL, words, none);
	posix_spawn_file_actions_destroy(&files);
	return why;
}

static enum err hear(int fd, struct arena *arena, const struct apart_wish *wish, char **out,
    size_t *len, struct fail *fail)
{
	int64_t deadline = clock_boot_ms() + wish->limit_ms;
	struct answer answer;
	char *bytes;

	if (!read_all(fd, &answer, sizeof(answer), deadline) || answer.len > wish->answer_max)
		return fail_set(fail, ERR_GARBLED, wish->where,
		    clock_boot_ms() >= deadline ? "%s takes longer to read than any should"
						: "%s cannot be read: its reader died",
		    wish->what);
	if (answer.fail.code) {
		*fail = answer.fail;
		return answer.fail.code;
	}
	bytes = arena_room(arena, answer.len + 1);
	if (!bytes)
		return fail_set(fail, ERR_SYSTEM, wish->where, "no memory");
	if (!read_all(fd, bytes, answer.len, deadline))
		return fail_set(fail, ERR_GARBLED, wish->where,
		    "%s cannot be read: its reader died", wish->what);
	bytes[answer.len] = '\0';
	*out = bytes;
	*len = answer.len;
	return ERR_NONE;
}

/* Starts it and hears it. */
static enum err ask(struct arena *arena, const struct apart_wish *wish, int text, char **out,
    size_t *len, struct fail *fail)
{
	const char *given = secure_getenv("SLOTGUARD_READER"), *path = given ? given : READER;
	int ends[2], why;
	pid_t child;
	enum err err;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_set(fail, ERR_SYSTEM, wish->where, "pipe: %s", strerror(errno));
	why = start(path, wish, text, ends[1], &child);
	close(ends[1]);
	if (why) {
		close(ends[0]);
		return fail_set(fail, ERR_SYSTEM, wish->where, "%.160s cannot be started: %s", path,
		    strerror(why));
	}
	err = hear(ends[0], arena, wish, out, len, fail);
	close(ends[0]);
	/* It has said what there is to say, or is not waited for any longer. */
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}

enum err apart_ask(
    struct arena *arena, const struct apart_wish *wish, char **out, size_t *len, struct fail *fail)
{
	int text = hold(wish);
	enum err err;

	if (text < 0)
		return fail_set(fail, ERR_SYSTEM, wish->where, "no memory");
	err = ask(arena, wish, text, out, len, fail);
	close(text);
	return err;
}
