/* SPDX-License-Identifier: MIT */
/* check_checkpoint.c: a kept state is the one that was kept, or is not opened */
#include "store/checkpoint.h"
#include "base/clock.h"
#include "base/file.h"
#include "core/ledger_image.h"
#include "files.h"
#include "ledgers.h"

#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

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

/* How many files of this folder are in the memory of this process. */
static int mapped(void)
{
	char line[PATH_MAX + 200];
	FILE *maps = fopen("/proc/self/maps", "r");
	int count = 0;

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps))
		count += strstr(line, folder) != NULL;
	fclose(maps);
	return count;
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
	ck_assert_int_ne(mapped(), 0);
	checkpoint_close(&kept);
	ck_assert_int_eq(mapped(), 0);
}
END_TEST

/* Whichever part of it ends at a page's end, or a byte behind it. */
START_TEST(any_length)
{
	static enum verdict verdicts[4099];

	for (uint64_t n = 4095; n < 4099; n++) {
		go_on(ledger, n, verdicts);
		store();
		ck_assert(checkpoint_open(folder, &kept));
		ck_assert(is_same(kept.ledger, ledger));
		for (uint64_t i = FEW + 1; i <= n; i++)
			ck_assert_int_eq(ledger_verdict(kept.ledger, i - 1), verdicts[i]);
		checkpoint_close(&kept);
	}
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
	struct stat st;

	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(fstat(lock, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
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

/* Whoever waits takes it from a process that ends, and has the service manager know meanwhile that
 * it lives. */
START_TEST(one_after_the_other)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int lock = checkpoint_lock(folder, 0), manager, ends[2];
	char said[40];
	ssize_t len;
	pid_t other;

	ck_assert_int_ge(lock, 0);
	ck_assert_uint_lt(strlen(path_of("notify")), sizeof(address.sun_path));
	strcpy(address.sun_path, path_of("notify"));
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(manager, 0);
	ck_assert_int_eq(bind(manager, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
	ck_assert_int_eq(checkpoint_lock(folder, 50), -1);
	ck_assert_int_eq(recv(manager, said, sizeof(said), 0), -1);
	ck_assert_int_eq(checkpoint_lock(folder, 1100), -1);
	len = recv(manager, said, sizeof(said), 0);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(strncmp(said, "WATCHDOG=1", (size_t)len), 0);
	close(manager);
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);

	ck_assert_int_eq(pipe(ends), 0);
	other = fork();
	ck_assert_int_ge(other, 0);
	if (other == 0) {
		/* It ends when the pipe does, and the lock with it. */
		close(ends[1]);
		_exit(read(ends[0], said, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	close(lock);
	ck_assert_int_eq(checkpoint_lock(folder, 0), -1);
	close(ends[1]);
	lock = checkpoint_lock(folder, 60000);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
}
END_TEST

static char long_name[2 * PATH_MAX];

/* The folder in a path of so many letters. */
static const char *folder_in(size_t len)
{
	snprintf(long_name, sizeof(long_name), "%s", folder);
	ck_assert_uint_lt(strlen(folder), len);
	memset(long_name + strlen(folder), '/', len - strlen(folder));
	long_name[len] = '\0';
	return long_name;
}

START_TEST(nowhere_to_keep_it)
{
	size_t own = strlen(path()) - strlen(folder), most = PATH_MAX - 1 - own;
	struct fail fail = {0};
	int lock;

	ck_assert_int_eq(checkpoint_store("/nowhere", ledger, &fail), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(fail.detail, "No such file"));
	ck_assert(!checkpoint_open("/nowhere", &kept));
	checkpoint_close(&kept);
	checkpoint_remove("/nowhere");
	/* The name beside it, and that of the lock, are longer. */
	ck_assert_int_eq(checkpoint_store(folder_in(most - 1), ledger, &fail), ERR_NONE);
	ck_assert_int_eq(checkpoint_store(folder_in(most), ledger, &fail), ERR_SYSTEM);
	ck_assert_str_eq(fail.detail, "the path is too long");
	ck_assert_int_eq(checkpoint_store(folder_in(most + 1), ledger, &fail), ERR_SYSTEM);
	ck_assert_str_eq(fail.detail, "the path is too long");
	ck_assert(checkpoint_open(folder_in(most), &kept));
	checkpoint_close(&kept);
	ck_assert(!checkpoint_open(folder_in(most + 1), &kept));
	lock = checkpoint_lock(folder_in(most - strlen(".lock")), 0);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
	ck_assert_int_eq(checkpoint_lock(folder_in(most), 0), -1);
	checkpoint_remove(folder_in(most + 1));
	ck_assert(checkpoint_open(folder, &kept));
	checkpoint_close(&kept);
	checkpoint_remove(folder_in(most));
	ck_assert(!checkpoint_open(folder, &kept));
}
END_TEST

/* A disk that is full, after so many bytes, leaves what was kept before and nothing beside it. */
static const rlim_t rooms[] = {0, 10, 32, 44, 48, 100, 4000, 4096, 5000, 60000};

START_TEST(full_disk)
{
	static enum verdict ignored[MORE + 1];
	struct rlimit room;
	struct fail fail = {0};
	rlim_t before;
	enum err err;

	store();
	go_on(ledger, MORE, ignored);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &room), 0);
	before = room.rlim_cur;
	room.rlim_cur = rooms[_i];
	/* Nothing is asserted meanwhile: that writes, too. */
	setrlimit(RLIMIT_FSIZE, &room);
	err = checkpoint_store(folder, ledger, &fail);
	room.rlim_cur = before;
	setrlimit(RLIMIT_FSIZE, &room);
	ck_assert_int_eq(err, ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(fail.detail, "cannot be written"));
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert(checkpoint_open(folder, &kept));
	ck_assert_uint_eq(ledger_mark(kept.ledger).count, FEW);
}
END_TEST

/* What stands where a state is written: left by a process that was killed, or put there by
 * somebody, who is not followed. */
START_TEST(beside_it)
{
	char beside[420], elsewhere[420];
	struct fail fail = {0};

	snprintf(beside, sizeof(beside), "%s~", path());
	snprintf(elsewhere, sizeof(elsewhere), "%s.elsewhere", path());
	ck_assert_int_eq(symlink(elsewhere, beside), 0);
	store();
	ck_assert_int_eq(access(elsewhere, F_OK), -1);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(mkdir(beside, 0700), 0);
	ck_assert_int_eq(checkpoint_store(folder, ledger, &fail), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(fail.detail, "File exists"));
	ck_assert_ptr_nonnull(strstr(fail.detail, beside));
	ck_assert(checkpoint_open(folder, &kept));
	checkpoint_close(&kept);
	ck_assert_int_eq(rmdir(beside), 0);
	/* Neither a folder nor a pipe is one; nobody waits for what writes into it. */
	ck_assert_int_eq(unlink(path()), 0);
	ck_assert_int_eq(mkfifo(path(), 0600), 0);
	ck_assert(!checkpoint_open(folder, &kept));
	ck_assert_int_eq(unlink(path()), 0);
	ck_assert_int_eq(mkdir(path(), 0700), 0);
	ck_assert(!checkpoint_open(folder, &kept));
	ck_assert_int_eq(checkpoint_store(folder, ledger, &fail), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(fail.detail, "cannot be written"));
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

/* ---- What another program would make of the same bytes ---- */

static uint64_t number_at(const char *bytes, size_t at)
{
	uint64_t number;

	memcpy(&number, bytes + at, sizeof(number));
	return number;
}

static void put_number(char *bytes, size_t at, uint64_t number)
{
	memcpy(bytes + at, &number, sizeof(number));
}

/* Of a file: sixteen letters, the hash over all that follows it, the image's size, how many parts,
 * and where in the image each of them begins and how long it is. */
#define HASH 16
#define HASHED 32
#define IMAGE_SIZE 32
#define PARTS 40
#define PART(i) (48 + 16 * (i))
#define KEY "the key of a ledger's checkpoint"

static char *read_file(size_t *len)
{
	FILE *file = fopen(path(), "r");
	struct stat st;
	char *bytes;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fstat(fileno(file), &st), 0);
	*len = (size_t)st.st_size;
	bytes = malloc(*len);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_uint_eq(fread(bytes, 1, *len, file), *len);
	fclose(file);
	return bytes;
}

/* Writes the file with one number changed, and a hash that fits. */
static void write_file_with(const char *bytes, size_t len, size_t at, uint64_t number)
{
	char *changed = malloc(len);
	FILE *file = fopen(path(), "r+");

	ck_assert(changed && file);
	memcpy(changed, bytes, len);
	put_number(changed, at, number);
	crypto_onetimeauth((unsigned char *)changed + HASH, (unsigned char *)changed + HASHED,
	    len - HASHED, (const unsigned char *)KEY);
	ck_assert_uint_eq(fwrite(changed, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
	free(changed);
}

/* Whole, and yet no state of this program: nothing is mapped where it does not belong. */
START_TEST(parts_that_do_not_fit)
{
	uint64_t size, parts;
	char *bytes;
	size_t len;

	store();
	bytes = read_file(&len);
	size = number_at(bytes, IMAGE_SIZE);
	parts = number_at(bytes, PARTS);
	{
		const struct {
			size_t at;
			uint64_t number;
		} wrongs[] = {
		    {IMAGE_SIZE, 0},
		    {IMAGE_SIZE, size + 1},
		    {IMAGE_SIZE, size - 4096},
		    {IMAGE_SIZE, size + 4096},
		    {IMAGE_SIZE, UINT64_C(1) << 63},
		    {PARTS, 4097},
		    {PARTS, UINT64_MAX},
		    {PART(1), number_at(bytes, PART(1)) + 1},
		    {PART(1), size},
		    {PART(1), size + 4096},
		    {PART(1), UINT64_MAX - 4095},
		    {PART(1) + 8, size},
		    {PART(1) + 8, size - number_at(bytes, PART(1)) + 1},
		    {PART(parts - 1) + 8, size - number_at(bytes, PART(parts - 1))},
		    {PART(1) + 8, UINT64_MAX - 4096},
		};

		write_file_with(bytes, len, IMAGE_SIZE, size);
		ck_assert(checkpoint_open(folder, &kept));
		checkpoint_close(&kept);
		for (size_t i = 0; i < COUNT(wrongs); i++) {
			write_file_with(bytes, len, wrongs[i].at, wrongs[i].number);
			ck_assert_msg(!checkpoint_open(folder, &kept), "wrong %zu", i);
			ck_assert(!kept.ledger && !kept.mapped);
		}
	}
	free(bytes);
}
END_TEST

/* A state grows into the room that its image has for it, to the last byte, and harms nothing. */
START_TEST(image_that_is_filled)
{
	struct ledger *first = ledger_new(), *opened;
	struct entry entry = {.number = 1, .id = id_of(1)};
	struct ledger_booking found;
	char *image;

	ck_assert_ptr_nonnull(first);
	ck_assert_int_eq(apply(first, &entry), VERDICT_ACCEPTED);
	image = aligned_alloc(4096, ledger_image_size(first));
	ck_assert_ptr_nonnull(image);
	memset(image, 0, ledger_image_size(first));
	ledger_image_write(first, image);
	opened = ledger_image_open(image, ledger_image_size(first));
	ck_assert_ptr_nonnull(opened);
	for (int n = 2; n < 5000; n++) {
		entry = (struct entry){.number = (uint64_t)n,
		    .id = id_of(n),
		    .kind = n == 2 ? ENTRY_BOOK : ENTRY_UNBLOCK,
		    .booking = id_of(2),
		    .call = {1800, 3600},
		    .taken = {1800, 3600}};
		entry_set_owner(&entry, "a");
		ck_assert_int_eq(
		    apply(opened, &entry), n == 2 ? VERDICT_ACCEPTED : VERDICT_MALFORMED);
	}
	ck_assert(ledger_find(opened, &entry.booking, &found) && found.is_live);
	ck_assert_str_eq(found.owner, "a");
	ledger_free(opened);
	ledger_free(first);
	free(image);
}
END_TEST

/* Of an image: what it is, its size, four sizes of structs, and of ten parts where each begins, how
 * much of it is in use, and for how much there is room. */
#define IMAGE_PART(i) (48 + 24 * (i))
#define IMAGE_PARTS 10
#define IMAGE_OWNERS 8
#define OWNER_SIZE 32 /* where that of an owner stands, whose list's count and room are its end */

START_TEST(image_that_is_none)
{
	size_t size = ledger_image_size(ledger);
	char *image = aligned_alloc(4096, size), *changed = aligned_alloc(4096, size + 4096);
	struct ledger *opened;

	ck_assert(image && changed);
	memset(image, 0, size);
	ledger_image_write(ledger, image);
	memcpy(changed, image, size);
	opened = ledger_image_open(changed, size);
	ck_assert(opened && is_same(opened, ledger));
	ledger_free(opened);
	ck_assert_ptr_null(ledger_image_open(changed, 100));
	ck_assert_ptr_null(ledger_image_open(changed, size - 4096));
	ck_assert_ptr_null(ledger_image_open(changed, size + 4096));
	for (size_t at = 0; at < IMAGE_PART(0); at += 8) {
		put_number(changed, at, number_at(image, at) + 1);
		ck_assert_ptr_null(ledger_image_open(changed, size));
		put_number(changed, at, number_at(image, at));
	}
	for (size_t i = 0; i < IMAGE_PARTS; i++) {
		size_t at = IMAGE_PART(i);
		uint64_t begins = number_at(image, at), used = number_at(image, at + 8),
			 room = number_at(image, at + 16);
		const uint64_t wrongs[][3] = {{begins + 8, used, room}, {begins, room + 1, room},
		    {size + 4096, used, room}, {size + 4096, 0, 0},
		    {begins, used, size - begins + 1}, {begins, used, UINT64_MAX}};

		for (size_t j = 0; j < COUNT(wrongs); j++) {
			for (size_t k = 0; k < 3; k++)
				put_number(changed, at + 8 * k, wrongs[j][k]);
			ck_assert_msg(!ledger_image_open(changed, size), "part %zu, %zu", i, j);
		}
		memcpy(changed, image, size);
	}
	for (size_t i = 0; ledger_owner(ledger, i); i++) {
		size_t end = number_at(image, IMAGE_PART(IMAGE_OWNERS)) +
			     (i + 1) * number_at(image, OWNER_SIZE);
		uint64_t room = number_at(image, end - 8);

		put_number(changed, end - 16, room + 1);
		ck_assert_ptr_null(ledger_image_open(changed, size));
		put_number(changed, end - 16, room);
		put_number(changed, end - 8, size);
		ck_assert_ptr_null(ledger_image_open(changed, size));
		put_number(changed, end - 8, UINT64_MAX);
		ck_assert_ptr_null(ledger_image_open(changed, size));
		put_number(changed, end - 8, room);
	}
	/* Lists that are full are sound. */
	opened = ledger_image_open(changed, size);
	ck_assert_ptr_nonnull(opened);
	ledger_free(opened);
	free(changed);
	free(image);
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
	tcase_add_test(tcase, any_length);
	tcase_add_test(tcase, damage);
	tcase_add_test(tcase, others);
	tcase_add_test(tcase, one_at_a_time);
	tcase_add_test(tcase, one_after_the_other);
	tcase_add_test(tcase, nowhere_to_keep_it);
	tcase_add_loop_test(tcase, full_disk, 0, (int)COUNT(rooms));
	tcase_add_test(tcase, beside_it);
	tcase_add_test(tcase, parts_that_do_not_fit);
	tcase_add_test(tcase, image_that_is_filled);
	tcase_add_test(tcase, image_that_is_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
