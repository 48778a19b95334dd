/* SPDX-License-Identifier: MIT */
/* ids.c: a query about many bookings at once */
#include "store/ids.h"
#include "base/text.h"

#include <string.h>

const char *ids_sql(
    struct arena *arena, const char *before, const struct ids *ids, const char *after)
{
	size_t room = strlen(before) + strlen(after) + ids->count * (UUID_TEXT + 2) + 3;
	struct text text = text_new(arena, room);
	char id[UUID_TEXT];

	text_str(&text, before);
	for (size_t i = 0; i < ids->count; i++)
		text_printf(&text, "%s'%s'", i ? "," : "(", uuid_format(&ids->list[i], id));
	text_str(&text, ")");
	text_str(&text, after);
	return text_overflowed(&text) ? NULL : text.data;
}
