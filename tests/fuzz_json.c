/* SPDX-License-Identifier: MIT */
/* fuzz_json.c: any bytes as a JSON body; what is read is UTF-8, and written out again as an object
 * of texts it is the same */
#include "base/text.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	struct form form, again;
	struct text text;
	struct fail fail;
	char *bytes;

	if (!arena || size > 65536)
		goto out;
	/* A block of exactly its size, so that reading beyond its end is seen. */
	bytes = malloc(size);
	if (!bytes && size)
		abort();
	if (size)
		memcpy(bytes, data, size);
	if (json_form(arena, bytes, size, NULL, &form, &fail)) {
		must(fail.code == ERR_INPUT);
		free(bytes);
		goto out;
	}
	free(bytes);
	text = text_new(arena, 800000);
	text_str(&text, "{");
	for (size_t i = 0; i < form.count; i++) {
		const char *name = form.fields[i].name, *value = form.fields[i].value;

		must(utf8_is_valid(name, strlen(name)) && utf8_is_valid(value, strlen(value)));
		must(form_value(&form, name) == value);
		text_str(&text, i ? ",\"" : "\"");
		text_json(&text, name);
		text_str(&text, "\":\"");
		text_json(&text, value);
		text_str(&text, "\"");
	}
	text_str(&text, "}");
	must(!json_form(arena, text.data, text.len, NULL, &again, &fail) &&
	     again.count == form.count);
	for (size_t i = 0; i < form.count; i++)
		must(strcmp(again.fields[i].name, form.fields[i].name) == 0 &&
		     strcmp(again.fields[i].value, form.fields[i].value) == 0);
out:
	arena_free(arena);
	return 0;
}
