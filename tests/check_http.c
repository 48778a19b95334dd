/* SPDX-License-Identifier: MIT */
/* check_http.c: a transfer ends at its deadline, also when the name's look-up does not */
#include "base/clock.h"
#include "net/http.h"

#include <check.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

/* How long a look-up goes on unless the test ends it. */
#define LOOKUP_S 3

static sem_t begun, end, ended;

/* The system's resolver, for libcurl: one whose server never answers. */
int getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	struct timespec until;

	(void)node;
	(void)service;
	(void)hints;
	*result = NULL;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOOKUP_S;
	sem_post(&begun);
	sem_timedwait(&end, &until);
	sem_post(&ended);
	return EAI_AGAIN;
}

static bool is_set(sem_t *semaphore)
{
	int value = 0;

	ck_assert_int_eq(sem_getvalue(semaphore, &value), 0);
	return value > 0;
}

START_TEST(name_not_found_in_time)
{
	struct arena *arena = arena_new(1 << 20);
	struct http *http = http_new(NULL);
	struct http_request request = {
	    .method = "GET",
	    .url = "http://calendar.example/",
	    .reply_max = 100,
	    .deadline = clock_boot_ms() + 500,
	};
	struct http_reply reply;

	ck_assert(arena && http);
	sem_init(&begun, 0, 0);
	sem_init(&end, 0, 0);
	sem_init(&ended, 0, 0);
	http_once(http, arena, &request, &reply);
	ck_assert(is_set(&begun) && !is_set(&ended));
	ck_assert_int_eq(reply.err, ERR_UNREACHABLE);
	/* Its thread is nobody's any more, and may end later. */
	http_free(http);
	arena_free(arena);
	ck_assert(!is_set(&ended));
	sem_post(&end);
	sem_wait(&ended);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("http");
	TCase *deadlines = tcase_create("deadlines");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(deadlines, name_not_found_in_time);
	suite_add_tcase(suite, deadlines);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
