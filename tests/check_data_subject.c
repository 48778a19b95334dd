/* SPDX-License-Identifier: MIT */
/* check_data_subject.c: everything that is kept of one person: found, read, kept from the couriers
 * and erased. It stands in for the clocks, which nanosleep() moves, at link time. */
#include "store/data_subject.h"
#include "asked.h"
#include "base/clock.h"
#include "files.h"
#include "store/deliveries.h"
#include "store/people.h"
#include "store/spool.h"

#include <inttypes.h>

#define ID "00000000-0000-0000-0000-000000000007"
#define OTHER_ID "00000000-0000-0000-0000-000000000008"
#define OURS "00000000-0000-0000-0000-000000000009"
#define THEIRS "00000000-0000-0000-0000-00000000000a"
#define BOOT_MS INT64_C(1000000)

static int64_t boot_ms;
static struct arena *arena;
static struct fail failure;

int64_t clock_boot_ms(void)
{
	return boot_ms;
}

int64_t clock_wall_ms(void)
{
	return 1796000000000 + boot_ms;
}

int64_t clock_wall_s(void)
{
	return clock_wall_ms() / 1000;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	boot_ms += time->tv_sec * 1000 + time->tv_nsec / 1000000;
	return 0;
}

static void set_up(void)
{
	store_begin();
	failure = (struct fail){0};
	arena = arena_new(4 << 20);
	ck_assert_ptr_nonnull(arena);
	boot_ms = BOOT_MS;
	make_folder();
}

static void tear_down(void)
{
	store_begin();
	arena_free(arena);
	remove_folder();
}

/* Another address may have the same hash, and rows may be by no program of ours. */
START_TEST(bookings_of_an_address)
{
	const struct uuid seven = id_of(7), eight = id_of(8), nine = id_of(9);
	struct data_subject_list list = {0};
	char expected[100];

	store.replies[0] = ID "\tJane@Example.com\n" OTHER_ID "\tjoe@example.com\n"
			      "no id\tjane@example.com\n" OURS "\tjane@example.com\n";
	ck_assert_int_eq(
	    data_subject_find(NULL, arena, "jane@EXAMPLE.com", &list, &failure), ERR_NONE);
	snprintf(
	    expected, sizeof(expected), "&param_hash=%" PRIu64, people_hash("jane@example.com"));
	ck_assert_str_eq(store.queries[0].parameters, expected);
	ck_assert(store.queries[0].is_whole);
	ck_assert_uint_eq(list.count, 2);
	ck_assert(data_subject_has(&list, &seven));
	ck_assert(data_subject_has(&list, &nine));
	ck_assert(!data_subject_has(&list, &eight));
	list.count = 0;
	ck_assert(!data_subject_has(&list, &seven));
}
END_TEST

static const char *const garbled_bookings[] = {
    ID "\n",
    ID "\tjane@example.com\tmore\n",
    ID "\tjane@example.com",
};

START_TEST(bookings_that_cannot_be_understood)
{
	struct data_subject_list list = {NULL, 77};

	store.replies[0] = garbled_bookings[_i];
	ck_assert_int_eq(
	    data_subject_find(NULL, arena, "jane@example.com", &list, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "data_subject");
	ck_assert_uint_eq(list.count, 77);
}
END_TEST

START_TEST(records)
{
	const struct uuid booking = id_of(7);
	struct data_subject_deliveries found;

	store.replies[0] =
	    "1796000000123\tmail\t12\tdone\t3\t1796000009000\tits detail\t{\"to\":1}\n"
	    "-5\tevent\t18446744073709551615\tfailed\t65535\t-1\t\t\n";
	ck_assert_int_eq(
	    data_subject_deliveries(NULL, arena, &booking, &found, &failure), ERR_NONE);
	ck_assert_str_eq(store.queries[0].parameters, "&param_booking=" ID);
	ck_assert(store.queries[0].is_whole);
	ck_assert_uint_eq(found.count, 2);
	ck_assert_int_eq(found.list[0].at_ms, 1796000000123);
	ck_assert_int_eq(found.list[0].until_ms, 1796000009000);
	ck_assert_uint_eq(found.list[0].version, 12);
	ck_assert_uint_eq(found.list[0].attempt, 3);
	ck_assert_str_eq(found.list[0].duty, "mail");
	ck_assert_str_eq(found.list[0].state, "done");
	ck_assert_str_eq(found.list[0].detail, "its detail");
	ck_assert_str_eq(found.list[0].payload, "{\"to\":1}");
	ck_assert_int_eq(found.list[1].at_ms, -5);
	ck_assert_uint_eq(found.list[1].version, UINT64_MAX);
	ck_assert_uint_eq(found.list[1].attempt, 65535);
}
END_TEST

static const char *const garbled_records[] = {
    "soon\tmail\t12\tdone\t3\t0\t\t\n",
    "0\tmail\t-1\tdone\t3\t0\t\t\n",
    "0\tmail\t12\tdone\t65536\t0\t\t\n",
    "0\tmail\t12\tdone\t3\tlater\t\t\n",
    "0\tmail\t12\tdone\t3\t0\t\n",
    "0\tmail\t12\tdone\t3\t0\t\t",
};

START_TEST(records_that_cannot_be_understood)
{
	const struct uuid booking = id_of(7);
	struct data_subject_deliveries found = {NULL, 77};

	store.replies[0] = garbled_records[_i];
	ck_assert_int_eq(
	    data_subject_deliveries(NULL, arena, &booking, &found, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "data_subject");
	ck_assert_uint_eq(found.count, 77);
}
END_TEST

/* ---- Files of the spool: a brief of each of two bookings, one of another address, one that is
 * damaged and whose name says whose it is, and one of which nothing is known. */

static void put_brief(int booking, const char *email)
{
	struct lead lead;

	lead_clear(&lead);
	lead.booking = id_of(booking);
	lead.created_ms = 1796000000000 + booking;
	lead.name = "Somebody";
	lead.email = email;
	lead.brief = "Words";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
}

static void fill_spool(void)
{
	put_brief(7, "jane@example.com");
	put_brief(8, "joe@example.com");
	put_brief(10, "JANE@example.com");
	write_file("1796000000999-" OURS ".json.damaged", "{");
	write_file("nobody.json.damaged", "{");
}

/* Which of the bookings have a file among those, as bits; the names in any order. */
static unsigned bookings_of(const struct data_subject_files *files)
{
	unsigned bits = 0;

	for (const struct data_subject_file *file = files->list; file; file = file->next) {
		bits |= 1U << file->lead.booking.bytes[15];
		ck_assert_int_eq(file->is_readable, file->lead.booking.bytes[15] != 9);
		ck_assert_ptr_nonnull(strstr(file->path, file->name));
	}
	return bits;
}

/* By their bookings, by their address, or by both; a file that cannot be read counts where it may
 * be theirs. */
static const struct {
	int bookings[2];
	size_t count;
	const char *email;
	unsigned found, unread;
} searches[] = {
    {{7}, 1, NULL, 1U << 7, 1},
    {{7, 9}, 2, NULL, 1U << 7 | 1U << 9, 1},
    {{7}, 1, "Jane@Example.com", 1U << 7 | 1U << 10, 2},
    {{9}, 1, "jane@example.com", 1U << 7 | 1U << 9 | 1U << 10, 1},
    {{0}, 0, "nobody@example.com", 0, 2},
    {{0}, 0, NULL, 0, 1},
};

START_TEST(files)
{
	struct uuid ids[2];
	const struct data_subject_list list = {ids, searches[_i].count};
	struct data_subject_files found;

	ids[0] = id_of(searches[_i].bookings[0]);
	ids[1] = id_of(searches[_i].bookings[1]);
	fill_spool();
	ck_assert_int_eq(
	    data_subject_spool(folder, arena, &list, searches[_i].email, &found, &failure),
	    ERR_NONE);
	ck_assert_uint_eq(bookings_of(&found), searches[_i].found);
	ck_assert_uint_eq(found.unread, searches[_i].unread);
}
END_TEST

START_TEST(no_spool)
{
	const struct data_subject_list none = {NULL, 0};
	struct data_subject_files found = {NULL, 77};

	ck_assert_int_eq(
	    data_subject_spool(path_of("absent"), arena, &none, "a@example.com", &found, &failure),
	    ERR_NONE);
	ck_assert_ptr_null(found.list);
	ck_assert_uint_eq(found.unread, 0);
	write_file("file", "");
	ck_assert_int_eq(
	    data_subject_spool(path_of("file"), arena, &none, "a@example.com", &found, &failure),
	    ERR_SYSTEM);
}
END_TEST

/* ---- What stands under another spelling of the address, and is not erased with it */

START_TEST(beside)
{
	struct uuid booking;
	struct data_subject_list known = {&booking, 1}, list = {NULL, 99};

	ck_assert(uuid_parse(ID, &booking));
	store.replies[0] = ID "\n" OTHER_ID "\nno id\n" OURS "\n";
	ck_assert_int_eq(
	    data_subject_beside(NULL, arena, "Ada+1@Example.com", &known, &list, &failure),
	    ERR_NONE);
	ck_assert_uint_eq(list.count, 2);
	ck_assert_int_eq(list.bookings[0].bytes[15], 8);
	ck_assert_int_eq(list.bookings[1].bytes[15], 9);
	ck_assert_str_eq(store.queries[0].parameters,
	    arena_printf(arena, "&param_person=%" PRIu64 "&param_hash=%" PRIu64,
		people_hash("ada@example.com"), people_hash("ada+1@example.com")));
	ck_assert(store.queries[0].is_whole);
	ck_assert_int_gt(store.queries[0].deadline, boot_ms);
	store.replies[1] = ID "\n" OTHER_ID;
	ck_assert_int_eq(
	    data_subject_beside(NULL, arena, "ada@example.com", &known, &list, &failure),
	    ERR_GARBLED);
	ck_assert_str_eq(failure.where, "data_subject");
	store.errs[2] = ERR_BUSY;
	ck_assert_int_eq(
	    data_subject_beside(NULL, arena, "ada@example.com", &known, &list, &failure), ERR_BUSY);
	ck_assert_uint_eq(list.count, 2);
	/* For most people there is none. */
	ck_assert_int_eq(
	    data_subject_beside(NULL, arena, "ada@example.com", &known, &list, &failure), ERR_NONE);
	ck_assert_uint_eq(list.count, 0);
}
END_TEST

/* ---- The lease: a row is written, and the log says whose it is. */

#define LEASE(number, owner, at) number "\t" ID "\t0\tlease\tnone\t0\t" owner "\t0\t" at "\n"
#define FREE LEASE("1", OURS, "5000")
#define TAKEN LEASE("1", THEIRS, "5000") LEASE("2", OURS, "5001")

START_TEST(lease_at_once)
{
	const struct uuid booking = id_of(7), owner = id_of(9);

	store.replies[1] = FREE;
	ck_assert_int_eq(data_subject_lease(NULL, arena, &booking, &owner, &failure), ERR_NONE);
	ck_assert_int_eq(store.count, 2);
	ck_assert_ptr_nonnull(strstr(store.queries[0].data, ID "\t0\tlease\tnone\t0\t" OURS));
	ck_assert_int_eq(boot_ms, BOOT_MS);
}
END_TEST

START_TEST(lease_after_a_courier)
{
	const struct uuid booking = id_of(7), owner = id_of(9);

	store.replies[1] = TAKEN;
	store.replies[3] = TAKEN;
	store.replies[5] = FREE;
	ck_assert_int_eq(data_subject_lease(NULL, arena, &booking, &owner, &failure), ERR_NONE);
	ck_assert_int_eq(store.count, 6);
	ck_assert_int_gt(boot_ms, BOOT_MS);
}
END_TEST

/* It is asked for as long as two leases are long. */
START_TEST(lease_that_is_kept)
{
	const struct uuid booking = id_of(7), owner = id_of(9);

	for (int i = 1; i < ASKED_MAX; i += 2)
		store.replies[i] = TAKEN;
	ck_assert_int_eq(data_subject_lease(NULL, arena, &booking, &owner, &failure), ERR_BUSY);
	ck_assert_int_gt(boot_ms, BOOT_MS + 2 * LEASE_MS);
	ck_assert_int_le(boot_ms, BOOT_MS + 2 * LEASE_MS + 1000);
}
END_TEST

START_TEST(lease_that_cannot_be_had)
{
	const struct uuid booking = id_of(7), owner = id_of(9);

	store.errs[0] = ERR_UNSURE;
	ck_assert_int_eq(data_subject_lease(NULL, arena, &booking, &owner, &failure), ERR_UNSURE);
	ck_assert_int_eq(store.count, 1);
	store_begin();
	store.errs[1] = ERR_UNREACHABLE;
	ck_assert_int_eq(
	    data_subject_lease(NULL, arena, &booking, &owner, &failure), ERR_UNREACHABLE);
	ck_assert_int_eq(boot_ms, BOOT_MS);
}
END_TEST

/* ---- The purge: both tables, with time for it, and then what is left. */

START_TEST(purge)
{
	const struct uuid booking = id_of(7);
	uint64_t left = 77;

	store.replies[2] = "3\n";
	ck_assert_int_eq(data_subject_purge(NULL, arena, &booking, 12, &left, &failure), ERR_NONE);
	ck_assert_uint_eq(left, 3);
	ck_assert_int_eq(store.count, 3);
	ck_assert_ptr_nonnull(strstr(store.queries[0].sql, "consulting_bookings DELETE"));
	ck_assert_ptr_nonnull(strstr(store.queries[1].sql, "deliveries DELETE"));
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(
		    store.queries[i].parameters, "&param_booking=" ID "&param_version=12");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(store.queries[i].deadline, BOOT_MS + 600000);
		/* It is gone when this returns. */
		ck_assert_ptr_nonnull(strstr(store.queries[i].sql, "mutations_sync = 2"));
	}
	ck_assert_ptr_nonnull(strstr(store.queries[0].sql, "version < {version:UInt64}"));
	ck_assert_ptr_nonnull(strstr(store.queries[1].sql, "version != {version:UInt64}"));
	/* What is left is looked at in both. */
	ck_assert_int_eq(strncmp(store.queries[2].sql, "SELECT ", 7), 0);
	ck_assert_ptr_nonnull(strstr(store.queries[2].sql, " FROM consulting_bookings "));
	ck_assert_ptr_nonnull(strstr(store.queries[2].sql, " FROM deliveries "));
	ck_assert_int_eq(store.queries[2].deadline, 0);
}
END_TEST

START_TEST(purge_that_fails)
{
	const struct uuid booking = id_of(7);
	uint64_t left = 77;

	for (int i = 0; i < 3; i++) {
		store_begin();
		store.errs[i] = ERR_BUSY;
		ck_assert_int_eq(
		    data_subject_purge(NULL, arena, &booking, 12, &left, &failure), ERR_BUSY);
		ck_assert_int_eq(store.count, i + 1);
	}
	store_begin();
	store.replies[2] = "many\n";
	ck_assert_int_eq(
	    data_subject_purge(NULL, arena, &booking, 12, &left, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "data_subject");
	store_begin();
	ck_assert_int_eq(
	    data_subject_purge(NULL, arena, &booking, 12, &left, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "data_subject");
}
END_TEST

START_TEST(store_that_fails)
{
	const struct uuid booking = id_of(7);
	struct data_subject_deliveries deliveries;
	struct data_subject_list list;

	store.err = ERR_AUTH;
	ck_assert_int_eq(
	    data_subject_find(NULL, arena, "a@example.com", &list, &failure), ERR_AUTH);
	ck_assert_int_eq(
	    data_subject_deliveries(NULL, arena, &booking, &deliveries, &failure), ERR_AUTH);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("data_subject");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, bookings_of_an_address);
	tcase_add_loop_test(
	    all, bookings_that_cannot_be_understood, 0, (int)COUNT(garbled_bookings));
	tcase_add_test(all, records);
	tcase_add_loop_test(all, records_that_cannot_be_understood, 0, (int)COUNT(garbled_records));
	tcase_add_loop_test(all, files, 0, (int)COUNT(searches));
	tcase_add_test(all, no_spool);
	tcase_add_test(all, beside);
	tcase_add_test(all, lease_at_once);
	tcase_add_test(all, lease_after_a_courier);
	tcase_add_test(all, lease_that_is_kept);
	tcase_add_test(all, lease_that_cannot_be_had);
	tcase_add_test(all, purge);
	tcase_add_test(all, purge_that_fails);
	tcase_add_test(all, store_that_fails);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
