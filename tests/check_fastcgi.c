/* SPDX-License-Identifier: MIT */
/* check_fastcgi.c: the question to a pool of workers, byte by byte, and every answer to it */
#include "net/fastcgi.h"
#include "base/clock.h"
#include "descriptors.h"
#include "files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/slotguard-fastcgi.XXXXXX", path[sizeof(folder) + 8];
static int listening = -1;
static struct fail fail;

/* One connection of the pool: what it sends, in two pieces, after it has read what was sent. */
static struct {
	const char *bytes;
	size_t len, first;
	bool stays; /* open, with no further byte */
	unsigned char question[2000];
	size_t question_len;
} pool;

static void *serve(void *unused)
{
	int fd = accept(listening, NULL, NULL);
	ssize_t got = read(fd, pool.question, sizeof(pool.question));
	char byte;

	(void)unused;
	pool.question_len = got > 0 ? (size_t)got : 0;
	if (pool.first && send(fd, pool.bytes, pool.first, MSG_NOSIGNAL) > 0)
		usleep(20000);
	if (pool.len > pool.first &&
	    send(fd, pool.bytes + pool.first, pool.len - pool.first, MSG_NOSIGNAL) < 0)
		return NULL;
	if (pool.stays)
		while (read(fd, &byte, 1) > 0)
			;
	close(fd);
	return NULL;
}

static void begin(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pool", folder);
	strcpy(address.sun_path, path);
	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listening, 5), 0);
	memset(&pool, 0, sizeof(pool));
	fail = (struct fail){0};
}

static void end(void)
{
	close(listening);
	unlink(path);
	rmdir(folder);
}

/* What comes of a GET whose answer is these bytes. */
static enum err get(const char *bytes, size_t len, size_t first, bool stays, int *status)
{
	pthread_t thread;
	enum err err;

	pool.bytes = bytes;
	pool.len = len;
	pool.first = first;
	pool.stays = stays;
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	err = fastcgi_get(path, "/healthz", clock_boot_ms() + (stays ? 300 : 20000), status, &fail);
	pthread_join(thread, NULL);
	return err;
}

#define STDOUT_OF(len, padding) "\1\6\0\1\0" len padding "\0"
#define WHOLE STDOUT_OF("\x13", "\5") "Status: 204 None\r\n\r12345"

START_TEST(whole)
{
	int status = 0;

	ck_assert_int_eq(get(WHOLE, sizeof(WHOLE) - 1, (size_t)_i, false, &status), ERR_NONE);
	ck_assert_int_eq(status, 204);
	ck_assert_uint_eq(pool.question_len, 16 + 8 + 40 + 8 + 8);
	/* Begin, as a responder, and close afterwards; parameters; their end; no body. */
	ck_assert_mem_eq(pool.question, "\1\1\0\1\0\x08\0\0\0\1\0\0\0\0\0\0", 16);
	ck_assert_mem_eq(pool.question + 16, "\1\4\0\1\0\x28\0\0", 8);
	ck_assert_mem_eq(
	    pool.question + 24, "\x0e\3REQUEST_METHODGET\x0b\x08REQUEST_URI/healthz", 40);
	ck_assert_mem_eq(pool.question + 64, "\1\4\0\1\0\0\0\0\1\5\0\1\0\0\0\0", 16);
}
END_TEST

/* A pool that listens on an address. */
START_TEST(pool_on_an_address)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);
	int status = 0, open_before;

	close(listening);
	unlink(path);
	listening = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listening, 5), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &len), 0);
	snprintf(path, sizeof(path), "127.0.0.1:%d", ntohs(at.sin_port));
	ck_assert_int_eq(get(WHOLE, sizeof(WHOLE) - 1, 0, false, &status), ERR_NONE);
	ck_assert_int_eq(status, 204);
	close(listening);
	open_before = count_open(0);
	ck_assert_int_eq(fastcgi_ping(path, clock_boot_ms() + 20000, &fail), ERR_UNREACHABLE);
	ck_assert_ptr_nonnull(strstr(fail.detail, path));
	ck_assert_int_eq(
	    fastcgi_ping("nobody:9000", clock_boot_ms() + 20000, &fail), ERR_UNREACHABLE);
	/* One whose socket is there, and which cannot be reached. */
	ck_assert_int_eq(
	    fastcgi_ping("255.255.255.255:9000", clock_boot_ms() + 20000, &fail), ERR_UNREACHABLE);
	ck_assert_int_eq(fastcgi_ping("[::1]:1", clock_boot_ms() + 20000, &fail), ERR_UNREACHABLE);
	ck_assert_ptr_null(strstr(fail.detail, strerror(EINVAL)));
	/* Nothing of it stays open. */
	ck_assert_int_eq(count_open(0), open_before);
}
END_TEST

/* The status stands in the first bytes; all the others are read, too. */
START_TEST(long_answer)
{
	char *bytes = malloc(8 + 0x1234 + 4);
	int status = 0;

	memcpy(bytes, "\1\6\0\1\x12\x34\4\0", 8);
	memset(bytes + 8, 'x', 0x1234 + 4);
	memcpy(bytes + 8, "Status: 503 No\r\n", 16);
	ck_assert_int_eq(get(bytes, 8 + 0x1234 + 4, 100, false, &status), ERR_NONE);
	ck_assert_int_eq(status, 503);
	/* One byte short of it is no answer. */
	ck_assert_int_eq(get(bytes, 8 + 0x1234 + 3, 100, false, &status), ERR_BUSY);
	free(bytes);
}
END_TEST

/* As long as a record can be. */
START_TEST(longest_answer)
{
	const size_t len = 8 + 65535 + 255;
	char *bytes = malloc(len);
	int status = 0;

	memset(bytes, 'x', len);
	memcpy(bytes, "\1\6\0\1\xff\xff\xff\0Status: 204 None\r\n", 26);
	ck_assert_int_eq(get(bytes, len, 0, false, &status), ERR_NONE);
	ck_assert_int_eq(status, 204);
	free(bytes);
}
END_TEST

START_TEST(no_answer)
{
	int status = 7;

	ck_assert_int_eq(get("", 0, 0, false, &status), ERR_BUSY);
	ck_assert_int_eq(get("", 0, 0, true, &status), ERR_BUSY);
	ck_assert_int_eq(get(WHOLE, 7, 0, false, &status), ERR_BUSY);
	ck_assert_int_eq(get(WHOLE, 8, 0, true, &status), ERR_BUSY);
	ck_assert_int_eq(get(WHOLE, 20, 3, true, &status), ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(fail.detail, "no worker answers"));
	ck_assert_int_eq(status, 7);
}
END_TEST

START_TEST(strange_answer)
{
	int status = 7;

	/* Of another kind, and without a status. */
	ck_assert_int_eq(get("\1\3\0\1\0\x08\0\0Status: ", 16, 0, false, &status), ERR_GARBLED);
	ck_assert_int_eq(
	    get(STDOUT_OF("\x08", "\0") "Content-", 16, 0, false, &status), ERR_GARBLED);
	ck_assert_ptr_nonnull(strstr(fail.detail, "a strange answer"));
	ck_assert_int_eq(status, 7);
}
END_TEST

START_TEST(ping)
{
	pthread_t thread;

	pool.bytes = "\1\x0a\0\0\0\x12\6\0\x0f\1FCGI_MPXS_CONNS0\0\0\0\0\0\0";
	pool.len = 8 + 24;
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	ck_assert_int_eq(fastcgi_ping(path, clock_boot_ms() + 20000, &fail), ERR_NONE);
	pthread_join(thread, NULL);
	/* libfcgi waits for a byte behind the record, which the padding is. */
	ck_assert_uint_eq(pool.question_len, 8 + 24);
	ck_assert_mem_eq(
	    pool.question, "\1\x09\0\0\0\x11\7\0\x0f\0FCGI_MPXS_CONNS\0\0\0\0\0\0\0", 32);
}
END_TEST

START_TEST(nobody)
{
	char long_path[200];
	int fds[8], status = 7, count = 0;
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	/* A backlog that is full. */
	strcpy(address.sun_path, path);
	do {
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (
	    connect(fds[count++], (struct sockaddr *)&address, sizeof(address)) == 0 && count < 8);
	ck_assert_int_eq(fastcgi_ping(path, clock_boot_ms() + 20000, &fail), ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(fail.detail, "backlog is full"));
	while (count--)
		close(fds[count]);
	/* Nobody listens, nothing is there, and nothing can be. */
	close(listening);
	ck_assert_int_eq(
	    fastcgi_get(path, "/", clock_boot_ms() + 20000, &status, &fail), ERR_UNREACHABLE);
	unlink(path);
	ck_assert_int_eq(
	    fastcgi_get(path, "/", clock_boot_ms() + 20000, &status, &fail), ERR_NOT_FOUND);
	for (size_t len = sizeof(address.sun_path) - 1; len <= sizeof(address.sun_path); len++) {
		bool has_room = len < sizeof(address.sun_path);

		memset(long_path, 'x', len);
		long_path[len] = '\0';
		ck_assert_int_eq(fastcgi_ping(long_path, clock_boot_ms() + 20000, &fail),
		    has_room ? ERR_NOT_FOUND : ERR_UNREACHABLE);
		ck_assert_int_eq(!strstr(fail.detail, "too long"), has_room);
	}
	ck_assert_int_eq(status, 7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fastcgi");
	TCase *asking = tcase_create("ask");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(asking, begin, end);
	tcase_add_loop_test(asking, whole, 0, 12);
	tcase_add_test(asking, pool_on_an_address);
	tcase_add_test(asking, long_answer);
	tcase_add_test(asking, longest_answer);
	tcase_add_test(asking, no_answer);
	tcase_add_test(asking, strange_answer);
	tcase_add_test(asking, ping);
	tcase_add_test(asking, nobody);
	suite_add_tcase(suite, asking);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
