/* SPDX-License-Identifier: MIT */
/* check_arena.c: the bounded memory of one request */
#include "base/arena.h"
#include "times.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX 4096

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(MAX);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static bool is_zero(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Random allocations until it is full: aligned, zeroed, apart from each other, within the bound. */
START_TEST(allocations)
{
	uint64_t random = (uint64_t)_i;

	for (int round = 0; round < 20; round++) {
		char *last_end = NULL;

		while (true) {
			size_t size = (size_t)random_between(&random, 0, 200);
			char *mem = random_bits(&random) & 1 ? arena_alloc(arena, size)
							     : arena_array(arena, size, 1);

			if (!mem)
				break;
			ck_assert_uint_eq((uintptr_t)mem % alignof(max_align_t), 0);
			ck_assert(mem >= last_end);
			ck_assert(is_zero(mem, size));
			memset(mem, 0xaa, size);
			last_end = mem + size;
			ck_assert_uint_le(arena_used(arena), MAX);
		}
		ck_assert(arena_overflowed(arena));
		ck_assert_uint_gt(arena_used(arena), MAX - 220);
		arena_reset(arena);
		ck_assert(!arena_overflowed(arena) && arena_used(arena) == 0);
	}
}
END_TEST

START_TEST(exactly_full)
{
	ck_assert_ptr_nonnull(arena_alloc(arena, MAX));
	ck_assert_uint_eq(arena_used(arena), MAX);
	ck_assert_ptr_nonnull(arena_alloc(arena, 0));
	ck_assert(!arena_overflowed(arena));
	ck_assert_ptr_null(arena_alloc(arena, 1));
	ck_assert(arena_overflowed(arena));
	arena_reset(arena);
	ck_assert_ptr_null(arena_alloc(arena, MAX + 1));
}
END_TEST

/* After an overflow nothing fits, however small. */
START_TEST(sticky_overflow)
{
	static const size_t huge[] = {MAX + 1, SIZE_MAX / 2, SIZE_MAX - 1, SIZE_MAX};

	ck_assert_ptr_null(arena_alloc(arena, huge[_i]));
	ck_assert(arena_overflowed(arena));
	ck_assert_ptr_null(arena_alloc(arena, 1));
	ck_assert_ptr_null(arena_room(arena, 1));
	ck_assert_ptr_null(arena_array(arena, 1, 1));
	ck_assert_ptr_null(arena_str(arena, ""));
	ck_assert_ptr_null(arena_strn(arena, "", 0));
	ck_assert_ptr_null(arena_printf(arena, "x"));
	ck_assert_uint_eq(arena_used(arena), 0);
}
END_TEST

static const struct {
	size_t count, size;
	bool fits;
} products[] = {{2, 2048, true}, {4096, 1, true}, {0, SIZE_MAX, true}, {SIZE_MAX, 0, true},
    {2, 2049, false}, {SIZE_MAX, 2, false}, {SIZE_MAX / 2 + 1, 2, false},
    {(size_t)1 << 33, (size_t)1 << 33, false}};

START_TEST(product)
{
	ck_assert_int_eq(
	    arena_array(arena, products[_i].count, products[_i].size) != NULL, products[_i].fits);
	ck_assert_int_eq(arena_overflowed(arena), !products[_i].fits);
}
END_TEST

START_TEST(reset_zeroes_again)
{
	memset(arena_alloc(arena, MAX), 0xff, MAX);
	arena_reset(arena);
	ck_assert(is_zero(arena_alloc(arena, MAX), MAX));
}
END_TEST

START_TEST(strings)
{
	char source[] = "abc", *copy = arena_str(arena, source);
	char long_text[MAX + 1];

	source[0] = 'x';
	ck_assert_str_eq(copy, "abc");
	ck_assert_str_eq(arena_str(arena, NULL), "");
	ck_assert_str_eq(arena_strn(arena, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_strn(arena, NULL, 0), "");
	ck_assert_int_eq(memcmp(arena_strn(arena, "a\0b", 3), "a\0b", 4), 0);
	ck_assert_str_eq(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
	ck_assert_str_eq(arena_printf(arena, "%s", ""), "");
	memset(long_text, 'x', MAX);
	long_text[MAX] = '\0';
	ck_assert_ptr_null(arena_printf(arena, "%s", long_text));
	ck_assert(arena_overflowed(arena));
	arena_reset(arena);
	/* The NUL needs its byte. */
	ck_assert_ptr_null(arena_str(arena, long_text));
	arena_reset(arena);
	ck_assert_str_eq(arena_str(arena, long_text + 1), long_text + 1);
	arena_reset(arena);
	ck_assert_str_eq(arena_printf(arena, "%s", long_text + 1), long_text + 1);
	arena_reset(arena);
	ck_assert_str_eq(arena_strn(arena, long_text, MAX - 1), long_text + 1);
}
END_TEST

/* _i: a text's length. It takes no more than its bytes, wherever in the arena, and fits if they do.
 */
static const size_t lengths[] = {0, 1, 15, 16, 254, 255, 256, 257, 1000};

START_TEST(printed)
{
	char wanted[1001];
	size_t len = lengths[_i], before = (MAX - len - 1) & ~(alignof(max_align_t) - 1);

	memset(wanted, 'x', len);
	wanted[len] = '\0';
	ck_assert_str_eq(arena_printf(arena, "%s", wanted), wanted);
	ck_assert_uint_eq(arena_used(arena), len + 1);
	arena_reset(arena);
	ck_assert_ptr_nonnull(arena_room(arena, before));
	ck_assert_str_eq(arena_printf(arena, "%s", wanted), wanted);
	ck_assert_uint_eq(arena_used(arena), before + len + 1);
	arena_reset(arena);
	ck_assert_ptr_nonnull(arena_room(arena, before + alignof(max_align_t)));
	ck_assert_ptr_null(arena_printf(arena, "%s", wanted));
	ck_assert(arena_overflowed(arena));
}
END_TEST

START_TEST(trimmed)
{
	char *first = arena_room(arena, 3000), *second;

	memcpy(first, "abc", 4);
	arena_trim(arena, first, 4);
	ck_assert_uint_eq(arena_used(arena), 4);
	second = arena_alloc(arena, 3000);
	ck_assert_ptr_nonnull(second);
	ck_assert(second >= first + 4 && is_zero(second, 3000));
	ck_assert_str_eq(first, "abc");
	/* A text that could not be had has no end to give back. */
	arena_trim(arena, NULL, 1);
	ck_assert_uint_gt(arena_used(arena), 3000);
	ck_assert_uint_lt(arena_used(arena), MAX);
	/* After an overflow there is nothing to give back, and it stays an overflow. */
	ck_assert_ptr_null(arena_room(arena, 3000));
	arena_trim(arena, NULL, 0);
	arena_trim(arena, second, 1);
	ck_assert(arena_overflowed(arena));
	ck_assert_ptr_null(arena_alloc(arena, 1));
	arena_free(NULL);
}
END_TEST

/* The system's madvise(), and what it was asked for last. */
static char *advised;
static size_t advised_len;
static int advice;

int madvise(void *at, size_t len, int how)
{
	advised = at;
	advised_len = len;
	advice = how;
	return (int)syscall(SYS_madvise, at, len, how);
}

/* Its memory is kept out of dumps, and is the system's again afterwards. */
START_TEST(memory)
{
	struct arena *other = arena_new(1 << 20);
	char *mem = arena_room(other, 1);

	ck_assert_ptr_nonnull(mem);
	ck_assert(advised <= mem && mem + (1 << 20) <= advised + advised_len);
	ck_assert_int_eq(advice, MADV_DONTDUMP);
	arena_free(other);
	ck_assert(msync(mem, 1, MS_ASYNC) < 0 && errno == ENOMEM);
	ck_assert_ptr_null(arena_new(SIZE_MAX));
}
END_TEST

#ifdef SANITIZED
/* _i: what is touched is behind a trimmed text, of before a reset, or never allocated. */
START_TEST(given_back)
{
	char *room = arena_room(arena, 100);
	volatile char *text = room;

	ck_assert_ptr_nonnull(room);
	if (_i == 0)
		arena_trim(arena, room, 20);
	else if (_i == 1)
		arena_reset(arena);
	text[_i == 2 ? 100 : 20] = 'x';
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("arena");
	TCase *all = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_loop_test(all, allocations, 0, 5);
	tcase_add_test(all, exactly_full);
	tcase_add_loop_test(all, sticky_overflow, 0, 4);
	tcase_add_loop_test(all, product, 0, (int)COUNT(products));
	tcase_add_test(all, reset_zeroes_again);
	tcase_add_test(all, strings);
	tcase_add_loop_test(all, printed, 0, (int)(sizeof(lengths) / sizeof(lengths[0])));
	tcase_add_test(all, trimmed);
#ifdef SANITIZED
	tcase_add_loop_exit_test(all, given_back, 1, 0, 3);
#endif
	tcase_add_test(all, memory);
	suite_add_tcase(suite, all);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
