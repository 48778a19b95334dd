/* SPDX-License-Identifier: MIT */
/* fuzz_form.c: any bytes as a form; what is read is UTF-8, its names are unique, and written out
 * again it is the same; a brief of it is read or refused */
#include "base/text.h"
#include "core/brief.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void judge_brief(struct arena *arena, const struct form *form)
{
	struct brief brief;
	bool is_fine = brief_read(arena, form, &brief);

	for (int i = 0; i < BRIEF_FIELDS; i++) {
		const char *value = brief.values[i];
		size_t len = strlen(value);

		must(utf8_is_valid(value, len));
		must(!len || (!strchr(" \t\r\n", value[0]) && !strchr(" \t\r\n", value[len - 1])));
		must(!strchr(value, '\r'));
		must(!is_fine || i == BRIEF_TEXT || !strchr(value, '\n'));
		must(!is_fine || brief.faults[i] == BRIEF_FINE);
	}
	must(!is_fine || address_is_valid(brief.values[BRIEF_EMAIL]));
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
	if (form_parse(arena, bytes, size, NULL, &form, &fail)) {
		must(fail.code == ERR_INPUT);
		free(bytes);
		goto out;
	}
	free(bytes);
	text = text_new(arena, 400000);
	for (size_t i = 0; i < form.count; i++) {
		const char *name = form.fields[i].name, *value = form.fields[i].value;

		must(utf8_is_valid(name, strlen(name)) && utf8_is_valid(value, strlen(value)));
		must(form_value(&form, name) == value);
		text_str(&text, i ? "&" : "");
		text_url(&text, name);
		text_str(&text, "=");
		text_url(&text, value);
	}
	must(!form_parse(arena, text.data, text.len, NULL, &again, &fail) &&
	     again.count == form.count);
	for (size_t i = 0; i < form.count; i++)
		must(strcmp(again.fields[i].name, form.fields[i].name) == 0 &&
		     strcmp(again.fields[i].value, form.fields[i].value) == 0);
	judge_brief(arena, &form);
out:
	arena_free(arena);
	return 0;
}
