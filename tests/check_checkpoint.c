/* SPDX-License-Identifier: MIT */
/* check_checkpoint.c: a kept state is the one that was kept, or is not opened */
#include "store/checkpoint.h"
#include "base/clock.h"
#include "base/file.h"
#include "files.h"
#include "ledgers.h"

#define FEW 300
#define MORE 12000 /* more than there is room for in an image of FEW */

static struct ledger *ledger;
static struct checkpoint kept;

/* The n-th command: mostly bookings, of two owners; some moves, cancels and repeats. */
static struct entry command(uint64_t n)
{
	int64_t start = (int64_t)(n * 7 % 40000) * 1800;
	struct entry entry = {
	    .number = n,
	    .id = id_of((int)n),
	    .kind = n == 1	 ? ENTRY_EPOCH
		    : n % 9 == 0 ? ENTRY_CANCEL
				 : ENTRY_BOOK,
	    .booking = id_of((int)(n % 9 == 0 || n % 10 == 0 ? n - 3 : n)),
	    .version = n % 9 == 0 || n % 10 == 0 ? n - 3 : 0,
	    .call = {start, start + 1800},
	    .taken = {start, start + 1800},
	};

	if (n == 1)
		entry.version = 0;
	if (n % 11 == 0)
		entry.id = id_of((int)n - 5);
	entry_set_owner(&entry, n % 3 ? "a" : "b");
	ck_assert(entry_set_meeting(&entry, n % 2 ? "intro" : ""));
	if (n % 5 == 0)
		ck_assert(entry_add_tag(&entry, n % 2 ? "odd" : "even"));
	return entry;
}

static void go_on(struct ledger *on, uint64_t upto, enum verdict *verdicts)
{
	for (uint64_t n = ledger_mark(on).count + 1; n <= upto; n++) {
		struct entry entry = command(n);

		verdicts[n] = apply(on, &entry);
	}
}

static void set_up(void)
{
	static enum verdict ignored[FEW + 1];

	make_folder();
	ledger = ledger_new();
	ck_assert_ptr_nonnull(ledger);
	go_on(ledger, FEW, ignored);
}

static void tear_down(void)
{
	checkpoint_close(&kept);
	ledger_free(ledger);
	remove_folder();
}

static void store(void)
{
	struct fail fail;

	if (checkpoint_store(folder, ledger, &fail))
		ck_abort_msg("%s", fail.detail);
}

static const char *path(void)
{
	static char name[400];

	snprintf(name, sizeof(name), "%s/ledger.%ld", folder, (long)geteuid());
	return name;
}

static bool is_same(const struct ledger *one, const struct ledger *other)
{
	struct ledger_mark left = ledger_mark(one), right = ledger_mark(other);
	struct ledger_booking a, b;
	size_t i = 0;

	for (; ledger_at(one, i, &a); i++)
		if (!ledger_at(other, i, &b) || !uuid_equal(&a.id, &b.id) ||
		    a.version != b.version || a.since_version != b.since_version ||
		    a.changes != b.changes || a.is_live != b.is_live ||
		    a.taken.start != b.taken.start || a.call.end != b.call.end ||
		    strcmp(a.owner, b.owner) != 0 || strcmp(a.meeting, b.meeting) != 0 ||
		    a.tag_count != b.tag_count)
			return false;
	return i && !ledger_at(other, i, &b) && left.count == right.count &&
	       left.number == right.number && left.sum == right.sum &&
	       uuid_equal(&left.id, &right.id) && uuid_equal(&left.epoch, &right.epoch);
}

START_TEST(goes_on)
{
	static enum verdict expected[MORE + 1], found[MORE + 1];

	ck_assert(!checkpoint_open(folder, &kept));
	store();
	ck_assert(checkpoint_open(folder, &kept));
	ck_assert(is_same(kept.ledger, ledger));
	/* Beyond its room. */
	go_on(ledger, MORE, expected);
	go_on(kept.ledger, MORE, found);
	ck_assert_mem_eq(expected, found, sizeof(found));
	ck_assert(is_same(kept.ledger, ledger));
	for (uint64_t n = FEW + 1; n <= MORE; n++)
		if (ledger_verdict(kept.ledger, n - 1) != expected[n])
			ck_abort_msg("the verdict of entry %d", (int)n);
	checkpoint_close(&kept);
	/* What one process made of it is none of the next one's. */
	ck_assert(checkpoint_open(folder, &kept));
	ck_assert_uint_eq(ledger_mark(kept.ledger).count, FEW);
	checkpoint_close(&kept);
	/* A newer one takes its place, and a state that lives in one can be kept. */
	store();
	ck_assert(checkpoint_open(folder, &kept));
	ck_assert(is_same(kept.ledger, ledger));
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

static void change_byte(long at)
{
	FILE *file = fopen(path(), "r+");
	int byte;

	ck_assert_ptr_nonnull(file);
	fseek(file, at, SEEK_SET);
	byte = fgetc(file);
	fseek(file, at, SEEK_SET);
	fputc(byte ^ 1, file);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(damage)
{
	struct stat st;

	store();
	ck_assert_int_eq(stat(path(), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	for (long at = 0; at < st.st_size; at += at < 600 ? 7 : 4001) {
		change_byte(at);
		if (checkpoint_open(folder, &kept))
			ck_abort_msg("a change of byte %ld is not seen", at);
		change_byte(at);
	}
	ck_assert(checkpoint_open(folder, &kept));
	checkpoint_close(&kept);
	ck_assert_int_eq(truncate(path(), st.st_size + 1), 0);
	ck_assert(!checkpoint_open(folder, &kept));
	for (off_t len = st.st_size - 1; len >= 0; len -= 8191) {
		ck_assert_int_eq(truncate(path(), len), 0);
		ck_assert(!checkpoint_open(folder, &kept));
	}
}
END_TEST

/* Whoever may write it says how every booking stands. */
START_TEST(others)
{
	char elsewhere[420];

	store();
	ck_assert_int_eq(chmod(path(), 0620), 0);
	ck_assert(!checkpoint_open(folder, &kept));
	ck_assert_int_eq(chmod(path(), 0602), 0);
	ck_assert(!checkpoint_open(folder, &kept));
	ck_assert_int_eq(chmod(path(), 0600), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(path(), 1, (gid_t)-1), 0);
		ck_assert(!checkpoint_open(folder, &kept));
		ck_assert_int_eq(chown(path(), 0, (gid_t)-1), 0);
	}
	ck_assert(checkpoint_open(folder, &kept));
	checkpoint_close(&kept);
	snprintf(elsewhere, sizeof(elsewhere), "%s.elsewhere", path());
	ck_assert_int_eq(rename(path(), elsewhere), 0);
	ck_assert_int_eq(symlink(elsewhere, path()), 0);
	ck_assert(!checkpoint_open(folder, &kept));
}
END_TEST

START_TEST(one_at_a_time)
{
	int64_t began = clock_boot_ms();
	int lock = checkpoint_lock(folder, 0);

	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(checkpoint_lock(folder, 50), -1);
	ck_assert_int_ge(clock_boot_ms() - began, 50);
	file_unlock(lock);
	lock = checkpoint_lock(folder, 0);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
	file_unlock(-1);
	ck_assert_int_eq(checkpoint_lock("/nowhere", 50), -1);
}
END_TEST

START_TEST(nowhere_to_keep_it)
{
	struct fail fail = {0};

	ck_assert_int_eq(checkpoint_store("/nowhere", ledger, &fail), ERR_SYSTEM);
	ck_assert(!checkpoint_open("/nowhere", &kept));
	checkpoint_close(&kept);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("checkpoint");
	TCase *tcase = tcase_create("checkpoint");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, goes_on);
	tcase_add_test(tcase, damage);
	tcase_add_test(tcase, others);
	tcase_add_test(tcase, one_at_a_time);
	tcase_add_test(tcase, nowhere_to_keep_it);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
