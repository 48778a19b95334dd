/* SPDX-License-Identifier: MIT */
/* spool.c: briefs that came while ClickHouse was down */
#include "net/spool.h"
#include "base/file.h"
#include "net/json.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

enum err spool_put(const char *dir, struct arena *arena, const struct lead *lead, struct fail *fail)
{
	const struct {
		const char *name, *value;
	} texts[] = {
	    {"name", lead->name},
	    {"email", lead->email},
	    {"company", lead->company},
	    {"brief", lead->brief},
	    {"timezone", lead->timezone},
	    {"host", lead->host},
	};
	struct json_object *object = json_object_new_object();
	char booking[UUID_TEXT], *body;
	const char *path;

	uuid_format(&lead->booking, booking);
	json_object_object_add(object, "booking_id", json_object_new_string(booking));
	json_object_object_add(object, "created_ms", json_object_new_int64(lead->created_ms));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_object_object_add(
		    object, texts[i].name, json_object_new_string(texts[i].value));
	body = json_write(arena, object);
	path = arena_printf(arena, "%s/%" PRId64 "-%s.json", dir, lead->created_ms, booking);
	if (!body || !path)
		return fail_set(fail, ERR_SYSTEM, "spool", "no memory");
	return file_replace(path, body, strlen(body), true, fail);
}
