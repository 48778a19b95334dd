/* SPDX-License-Identifier: MIT */
/* fuzz_template.c: any bytes as a template; in HTML, no value may change the markup around it */
#include "base/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names are short, so that the fuzzer finds them. */
static struct view *fill(struct arena *arena, const char *value)
{
	struct view *view = view_new(arena), *item;

	view_text(view, "a", value);
	view_text(view, "e", "");
	view_flag(view, "f", true);
	for (int i = 0; i < 2; i++) {
		item = view_item(view, "l");
		view_text(item, "b", value);
		view_text(view_item(item, "m"), "a", value);
	}
	return view;
}

static size_t count_of(const struct text *text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text->len; i++)
		count += text->data[i] == c;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"t.html", "t.json", "t.txt"};
	static const char markup[] = "<>\"'";
	const struct template *tpl = NULL;
	struct text harmless, angry;
	struct arena *arena;
	struct fail fail;
	size_t kind;
	char *source;

	if (size == 0)
		return 0;
	kind = *data % 3;
	arena = arena_new(1 << 20);
	/* A block of exactly its size, so that reading beyond its end is seen. */
	source = malloc(size - 1);
	if (!arena || (!source && size > 1))
		abort();
	memcpy(source, data + 1, size - 1);
	if (template_compile(arena, names[kind], source, size - 1, &tpl, &fail)) {
		if (fail.code != ERR_CONFIG || strncmp(fail.detail, names[kind], 5) != 0)
			abort();
		goto out;
	}
	harmless = text_new(arena, 100000);
	angry = text_new(arena, 100000);
	template_render(tpl, fill(arena, "x"), &harmless);
	template_render(tpl, fill(arena, "&<>\"' onclick=\n\x01{{a}}"), &angry);
	if (kind == 0 && !text_overflowed(&harmless) && !text_overflowed(&angry))
		for (size_t i = 0; i < sizeof(markup) - 1; i++)
			if (count_of(&harmless, markup[i]) != count_of(&angry, markup[i]))
				abort();
out:
	free(source);
	arena_free(arena);
	return 0;
}
