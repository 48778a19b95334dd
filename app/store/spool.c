/* SPDX-License-Identifier: MIT */
/* spool.c: briefs that came while ClickHouse was down */
#include "store/spool.h"
#include "base/file.h"
#include "net/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX (256 * 1024)
#define BRIEF ".json"
#define DAMAGED ".damaged"

enum err spool_put(const char *dir, struct arena *arena, const struct lead *lead, struct fail *fail)
{
	struct json_object *object = json_new();
	char booking[UUID_TEXT], *body;
	const char *path;

	uuid_format(&lead->booking, booking);
	json_add_text(object, "booking_id", booking);
	json_add_integer(object, "created_ms", lead->created_ms);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		json_add_text(object, lead_texts[i].column, lead_text_value(lead, i));
	body = json_write(arena, object);
	path = arena_printf(arena, "%s/%" PRId64 "-%s" BRIEF, dir, lead->created_ms, booking);
	if (!body || !path)
		return fail_set(fail, ERR_SYSTEM, "spool", "no memory");
	return file_replace(path, body, strlen(body), true, fail);
}

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
		  read_texts(object, arena, &lead);
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

enum spool_kind spool_kind(const char *name)
{
	/* A hidden file is nobody's brief. */
	return name[0] == '.'				       ? SPOOL_OTHER
	       : ends_in(name, BRIEF)			       ? SPOOL_BRIEF
	       : ends_in(name, DAMAGED)			       ? SPOOL_DAMAGED
	       : ends_in(name, "~") && strstr(name, BRIEF ".") ? SPOOL_UNFINISHED
							       : SPOOL_OTHER;
}

bool spool_booking(const char *name, struct uuid *out)
{
	size_t digits = strspn(name, "0123456789");
	char id[UUID_TEXT] = "";

	if (!digits || name[digits] != '-' || strlen(name + digits + 1) < UUID_TEXT - 1)
		return false;
	memcpy(id, name + digits + 1, UUID_TEXT - 1);
	return uuid_parse(id, out);
}

enum err spool_set_aside(const char *path, struct arena *arena, struct fail *fail)
{
	const char *aside = arena_printf(arena, "%s" DAMAGED, path);

	if (!aside || rename(path, aside) < 0)
		return fail_set(fail, ERR_SYSTEM, "spool", "a damaged file cannot be set aside");
	return ERR_NONE;
}
