/* SPDX-License-Identifier: MIT */
/* checkpoint.c: the replayed ledger, kept for the next start */
#include "store/checkpoint.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/notify.h"
#include "core/ledger_image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A head, a list of the image's parts, and the parts, each from a page on. The image's room is not
 * in the file, so that nothing of it can be missing when it is written to.
 */
#define PAGE 4096
#define MAGIC "slotguard ledger"
#define PARTS_MAX 4096
#define POLL_MS 20
#define NOTIFY_MS 1000

struct head {
	char magic[16];
	unsigned char hash[crypto_onetimeauth_BYTES]; /* over everything that follows it */
	uint64_t image_size, parts;
};
#define HASHED_FROM offsetof(struct head, image_size)

/*
 * It finds what was cut off or damaged, and nobody who forges: whoever may write the file may be
 * the program as well. So its key is no secret, and Poly1305 is the fastest that libsodium has.
 */
static const unsigned char hash_key[crypto_onetimeauth_KEYBYTES] =
    "the key of a ledger's checkpoint";

struct part {
	uint64_t at, len; /* in the image */
};

static size_t up(size_t len)
{
	return (len + PAGE - 1) / PAGE * PAGE;
}

static bool name_file(const char *dir, const char *end, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/ledger.%ld%s", dir, (long)geteuid(), end) < PATH_MAX;
}

/* ---- Writing ---- */

struct writing {
	int fd;
	bool is_fine;
	crypto_onetimeauth_state hash;
};

static void put(struct writing *writing, const void *data, size_t len)
{
	const char *at = data;

	crypto_onetimeauth_update(&writing->hash, data, len);
	while (writing->is_fine && len) {
		ssize_t done = write(writing->fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			writing->is_fine = false;
			return;
		}
		at += done;
		len -= (size_t)done;
	}
}

static void put_padding(struct writing *writing, size_t len)
{
	static const char zeros[PAGE];

	put(writing, zeros, up(len) - len);
}

static void put_image(struct writing *writing, const char *image, size_t size)
{
	struct head head = {.magic = MAGIC, .image_size = size};
	const void *data;
	size_t len;

	while (ledger_image_part(image, head.parts, &data, &len))
		head.parts++;
	/* The hash is filled in when it is known. */
	writing->is_fine =
	    head.parts <= PARTS_MAX && write(writing->fd, &head, HASHED_FROM) == HASHED_FROM;
	put(writing, (const char *)&head + HASHED_FROM, sizeof(head) - HASHED_FROM);
	for (size_t i = 0; ledger_image_part(image, i, &data, &len); i++)
		put(writing, &(struct part){(uint64_t)((const char *)data - image), len},
		    sizeof(struct part));
	put_padding(writing, sizeof(head) + head.parts * sizeof(struct part));
	for (size_t i = 0; ledger_image_part(image, i, &data, &len); i++) {
		put(writing, data, len);
		put_padding(writing, len);
	}
}

static bool write_file(int fd, const char *image, size_t size)
{
	struct writing writing = {.fd = fd, .is_fine = true};
	unsigned char hash[crypto_onetimeauth_BYTES];

	crypto_onetimeauth_init(&writing.hash, hash_key);
	put_image(&writing, image, size);
	crypto_onetimeauth_final(&writing.hash, hash);
	return writing.is_fine &&
	       pwrite(fd, hash, sizeof(hash), offsetof(struct head, hash)) == sizeof(hash);
}

enum err checkpoint_store(const char *dir, const struct ledger *ledger, struct fail *fail)
{
	size_t size = ledger_image_size(ledger);
	char path[PATH_MAX], beside[PATH_MAX];
	bool is_fine;
	char *image;
	int fd;

	if (!name_file(dir, "", path) || !name_file(dir, "~", beside))
		return fail_set(fail, ERR_SYSTEM, "checkpoint", "the path is too long");
	image = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (image == MAP_FAILED)
		return fail_set(fail, ERR_SYSTEM, "checkpoint", "no memory");
	/* What a process left that was killed goes; what another user puts there in the meantime
	 * is none of ours. */
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		munmap(image, size);
		return fail_set(fail, ERR_SYSTEM, "checkpoint", "%s: %s", beside, strerror(errno));
	}
	ledger_image_write(ledger, image);
	is_fine = write_file(fd, image, size);
	munmap(image, size);
	is_fine = close(fd) == 0 && is_fine && rename(beside, path) == 0;
	if (is_fine)
		return ERR_NONE;
	unlink(beside);
	return fail_set(fail, ERR_SYSTEM, "checkpoint", "%s cannot be written", path);
}

/* ---- Reading ---- */

/* Not through the mapping, so that what is only hashed stays out of this process's memory. */
static bool is_whole(int fd, const struct head *head, size_t size)
{
	static const size_t most = 256 * 1024;
	crypto_onetimeauth_state state;
	unsigned char hash[crypto_onetimeauth_BYTES];
	size_t at = HASHED_FROM;
	char *bytes = malloc(most);

	crypto_onetimeauth_init(&state, hash_key);
	while (bytes && at < size) {
		ssize_t got = pread(fd, bytes, most, (off_t)at);

		if (got <= 0)
			break;
		crypto_onetimeauth_update(&state, (unsigned char *)bytes, (size_t)got);
		at += (size_t)got;
	}
	free(bytes);
	crypto_onetimeauth_final(&state, hash);
	return at == size && sodium_memcmp(hash, head->hash, sizeof(hash)) == 0;
}

static bool map_part(int fd, char *image, size_t image_size, const struct part *part, size_t *at)
{
	size_t len = up(part->len), from = *at;

	if (part->at % PAGE || part->at > image_size || part->len > image_size - part->at)
		return false;
	*at += len;
	return !len || mmap(image + part->at, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
			   fd, (off_t)from) != MAP_FAILED;
}

static bool map_parts(int fd, const struct head *head, size_t size, char *image)
{
	size_t list = head->parts * sizeof(struct part), at = up(sizeof(*head) + list);
	struct part *parts = malloc(list);
	bool is_fine = parts && pread(fd, parts, list, sizeof(*head)) == (ssize_t)list;

	for (size_t i = 0; is_fine && i < head->parts; i++)
		is_fine = map_part(fd, image, head->image_size, &parts[i], &at) && at <= size;
	free(parts);
	return is_fine;
}

static bool open_file(int fd, struct checkpoint *out)
{
	struct head head;
	struct stat st;
	char *image;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.magic, MAGIC, sizeof(head.magic)) != 0 || head.parts > PARTS_MAX ||
	    head.image_size > SSIZE_MAX || head.image_size % PAGE ||
	    !is_whole(fd, &head, (size_t)st.st_size))
		return false;
	image =
	    mmap(NULL, head.image_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (image == MAP_FAILED)
		return false;
	*out = (struct checkpoint){NULL, image, head.image_size};
	if (map_parts(fd, &head, (size_t)st.st_size, image))
		out->ledger = ledger_image_open(image, head.image_size);
	return out->ledger;
}

bool checkpoint_open(const char *dir, struct checkpoint *out)
{
	char path[PATH_MAX];
	bool is_fine;
	int fd = -1;

	*out = (struct checkpoint){0};
	if (name_file(dir, "", path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	is_fine = open_file(fd, out);
	close(fd);
	if (!is_fine)
		checkpoint_close(out);
	return is_fine;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
	ledger_free(checkpoint->ledger);
	if (checkpoint->mapped)
		munmap(checkpoint->mapped, checkpoint->size);
	*checkpoint = (struct checkpoint){0};
}

void checkpoint_remove(const char *dir)
{
	char path[PATH_MAX];

	if (name_file(dir, "", path))
		unlink(path);
}

/* ---- One at a time ---- */

int checkpoint_lock(const char *dir, int64_t wait_ms)
{
	int64_t until = clock_boot_ms() + wait_ms;
	char path[PATH_MAX];
	int lock = -1;

	if (name_file(dir, ".lock", path))
		lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (lock >= 0) {
		int64_t turn = clock_boot_ms() + NOTIFY_MS;

		if (file_lock(lock, turn < until ? turn : until, POLL_MS))
			break;
		if (errno != EWOULDBLOCK || clock_boot_ms() >= until) {
			close(lock);
			return -1;
		}
		notify_send("WATCHDOG=1");
	}
	return lock;
}
