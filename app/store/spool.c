/* SPDX-License-Identifier: MIT */
/* spool.c: briefs that came while ClickHouse was down */
#include "store/spool.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (256 * 1024)
#define BRIEF ".json"
#define DAMAGED ".damaged"
/* How often a lock is tried that is waited for. */
#define PAUSE_MS 500

/* Without these nobody could be served; what an older program did not write yet is empty. */
static bool is_needed(const char *column)
{
	return strcmp(column, "name") == 0 || strcmp(column, "email") == 0 ||
	       strcmp(column, "brief") == 0;
}

static bool read_texts(struct json_object *object, struct arena *arena, struct lead *lead)
{
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		const char *column = lead_texts[i].column, *text = json_text(object, column);

		if (!text && (is_needed(column) || json_member(object, column)))
			return false;
		*lead_text(lead, i) = arena_str(arena, text ? text : "");
	}
	return true;
}

/* One without its form settles with no other. */
static bool read_form(struct json_object *object, struct uuid *out)
{
	const char *form = json_text(object, "form");

	return form ? uuid_parse(form, out) : !json_member(object, "form");
}

enum err spool_read(const char *path, struct arena *arena, struct lead *out, struct fail *fail)
{
	struct lead lead = {.status = LEAD_AWAITING_SLOT};
	struct json_object *object;
	const char *booking;
	bool is_sane;
	size_t len;
	char *bytes;
	enum err err;

	err = file_read(path, FILE_MAX, arena, &bytes, &len, fail);
	if (err == ERR_TOO_LARGE)
		return fail_set(fail, ERR_GARBLED, "spool", "a file of the spool is too large");
	if (err)
		return err;
	object = json_read(bytes, len);
	booking = json_text(object, "booking_id");
	is_sane = booking && uuid_parse(booking, &lead.booking) &&
		  json_integer(object, "created_ms", &lead.created_ms) && lead.created_ms > 0 &&
		  read_form(object, &lead.form) && read_texts(object, arena, &lead);
	json_give_back(object);
	if (!is_sane)
		return fail_set(
		    fail, ERR_GARBLED, "spool", "a file of the spool is no whole brief");
	if (arena_overflowed(arena))
		return fail_set(fail, ERR_SYSTEM, "spool", "no memory");
	*out = lead;
	return ERR_NONE;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), skip = strlen(end);

	return len > skip && strcmp(name + len - skip, end) == 0;
}

static enum spool_kind kind_of(const char *name)
{
	/* A hidden file is nobody's brief. */
	return name[0] == '.'				       ? SPOOL_OTHER
	       : ends_in(name, BRIEF)			       ? SPOOL_BRIEF
	       : ends_in(name, DAMAGED)			       ? SPOOL_DAMAGED
	       : ends_in(name, "~") && strstr(name, BRIEF ".") ? SPOOL_UNFINISHED
							       : SPOOL_OTHER;
}

static bool booking_of(const char *name, struct uuid *out)
{
	size_t digits = strspn(name, "0123456789");
	char id[UUID_TEXT];

	if (!digits || name[digits] != '-')
		return false;
	snprintf(id, sizeof(id), "%s", name + digits + 1);
	return uuid_parse(id, out);
}

/* Called with each file, but for its path. False: no memory. */
typedef bool spool_visit(void *context, const struct spool_file *file);

static enum err walk(const char *dir, spool_visit *visit, void *context, struct fail *fail)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	bool is_well = true;

	if (!folder)
		return fail_set(fail, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "spool",
		    "%s cannot be read: %s", dir, strerror(errno));
	while (is_well && (entry = readdir(folder))) {
		struct spool_file file = {.name = entry->d_name, .kind = kind_of(entry->d_name)};
		struct stat found;

		if (strcmp(file.name, ".") == 0 || strcmp(file.name, "..") == 0 ||
		    fstatat(dirfd(folder), file.name, &found, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		file.bytes = found.st_size;
		file.written_s = found.st_mtime;
		file.has_booking = booking_of(file.name, &file.booking);
		is_well = visit(context, &file);
	}
	closedir(folder);
	return is_well ? ERR_NONE : fail_set(fail, ERR_SYSTEM, "spool", "no memory");
}

static bool add_to_count(void *context, const struct spool_file *file)
{
	struct spool_count *count = context;

	count->files++;
	count->kinds[file->kind]++;
	count->bytes += file->bytes;
	return true;
}

enum err spool_count(const char *dir, struct spool_count *out, struct fail *fail)
{
	struct spool_count count = {0};
	enum err err = walk(dir, add_to_count, &count, fail);

	count.is_full = count.files >= SPOOL_FILES_MAX || count.bytes >= SPOOL_BYTES_MAX;
	if (!err)
		*out = count;
	return err;
}

struct listing {
	const char *dir;
	struct arena *arena;
	struct spool_files files;
	size_t room;
};

static bool add_to_list(void *context, const struct spool_file *file)
{
	struct listing *listing = context;
	struct spool_files *files = &listing->files;
	size_t room = listing->room ? listing->room * 2 : 64, skip = strlen(listing->dir) + 1;
	struct spool_file *added;

	if (files->count == listing->room) {
		added = arena_array(listing->arena, room, sizeof(*added));
		if (!added)
			return false;
		if (files->count)
			memcpy(added, files->list, files->count * sizeof(*added));
		files->list = added;
		listing->room = room;
	}
	added = &files->list[files->count++];
	*added = *file;
	added->path = arena_printf(listing->arena, "%s/%s", listing->dir, file->name);
	added->name = added->path ? added->path + skip : NULL;
	return added->path;
}

static int by_name(const void *a, const void *b)
{
	const struct spool_file *left = a, *right = b;

	return strcmp(left->name, right->name);
}

enum err spool_list(
    const char *dir, struct arena *arena, struct spool_files *out, struct fail *fail)
{
	struct listing listing = {.dir = dir, .arena = arena};
	enum err err = walk(dir, add_to_list, &listing, fail);

	if (err)
		return err;
	if (listing.files.count)
		qsort(
		    listing.files.list, listing.files.count, sizeof(*listing.files.list), by_name);
	*out = listing.files;
	return ERR_NONE;
}

enum err spool_try(const char *dir, struct fail *fail)
{
	enum err err = file_try_folder(dir, fail);

	return err == ERR_SYSTEM ? ERR_NONE : err;
}

enum err spool_put(const char *dir, struct arena *arena, const struct lead *lead, struct fail *fail)
{
	struct json_object *object;
	char booking[UUID_TEXT], form[UUID_TEXT], *body;
	struct spool_count count;
	const char *path;

	/* Why it cannot be counted is told by the file that is written into it. */
	if (!spool_count(dir, &count, fail) && count.is_full)
		return fail_set(fail, ERR_TOO_LARGE, "spool",
		    "%s is full: %zu files, %" PRId64 " bytes", dir, count.files, count.bytes);
	uuid_format(&lead->booking, booking);
	object = json_new();
	json_add_text(object, "booking_id", booking);
	json_add_integer(object, "created_ms", lead->created_ms);
	if (!uuid_is_nil(&lead->form))
		json_add_text(object, "form", uuid_format(&lead->form, form));
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		json_add_text(object, lead_texts[i].column, lead_text_value(lead, i));
	body = json_write(arena, object);
	path = arena_printf(arena, "%s/%" PRId64 "-%s" BRIEF, dir, lead->created_ms, booking);
	if (!body || !path)
		return fail_set(fail, ERR_SYSTEM, "spool", "no memory");
	return file_replace(path, body, strlen(body), true, fail);
}

int spool_lock(const char *dir, int64_t wait_ms)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0 && !file_lock(folder, clock_boot_ms() + wait_ms, PAUSE_MS)) {
		close(folder);
		return -1;
	}
	return folder;
}

static enum err rename_to(const char *path, const char *name, struct fail *fail)
{
	if (!name || rename(path, name) < 0)
		return fail_set(fail, ERR_SYSTEM, "spool", "a file cannot be given its name");
	return ERR_NONE;
}

enum err spool_set_aside(const char *path, struct arena *arena, struct fail *fail)
{
	return rename_to(path, arena_printf(arena, "%s" DAMAGED, path), fail);
}

enum err spool_finish(const char *path, struct arena *arena, struct fail *fail)
{
	/* Without ".PID~". */
	return rename_to(path, arena_strn(arena, path, (size_t)(strrchr(path, '.') - path)), fail);
}
