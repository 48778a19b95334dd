/* SPDX-License-Identifier: MIT */
/* fuzz_ics.c: any texts in an invitation; its lines end in CRLF after 75 octets at most, are UTF-8
 * where the texts are, and none of them begins with what is not ours */
#include "base/arena.h"
#include "core/ics.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

#define TEXTS 9

static void judge_line(const char *line, size_t len, bool is_utf8)
{
	static const char *const names[] = {"BEGIN:", "VERSION:", "PRODID:", "METHOD:", "UID:",
	    "SEQUENCE:", "DTSTAMP:", "DTSTART:", "DTEND:", "STATUS:", "SUMMARY:", "DESCRIPTION:",
	    "LOCATION:", "URL:", "ORGANIZER", "ATTENDEE;ROLE=", "END:", " "};
	bool is_ours = false;

	must(len <= 75 && !memchr(line, '\r', len) && !memchr(line, '\n', len));
	must(!is_utf8 || utf8_is_valid(line, len));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		is_ours = is_ours || strncmp(line, names[i], strlen(names[i])) == 0;
	must(is_ours);
	for (size_t i = 0; i < len; i++)
		must((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
}

/* The texts stand one after the other, each with its NUL. */
static void write_texts(char *text, size_t size, struct arena *arena, uint8_t kind)
{
	const char *texts[TEXTS];
	char *at = text, *end = text + size, *next;
	struct text out = text_new(arena, 1 << 20);
	bool is_utf8 = true;
	struct ics ics = {
	    .sequence = kind,
	    .is_cancelled = kind & 1,
	    .is_published = kind & 2,
	    .call = {1796133600, 1796135400},
	    .stamp = 1796000000,
	};

	for (int i = 0; i < TEXTS; i++) {
		texts[i] = at < end ? at : "";
		is_utf8 = is_utf8 && utf8_is_valid(texts[i], strlen(texts[i]));
		at = at < end ? at + strlen(at) + 1 : end;
	}
	ics.domain = "book.example.com";
	ics.organizer = texts[0];
	ics.organizer_name = texts[1];
	ics.attendee = texts[2];
	ics.attendee_name = texts[3];
	ics.summary = texts[4];
	ics.description = texts[5];
	ics.url = texts[6];
	ics.location = texts[7];
	ics_write(&ics, &out);
	must(!text_overflowed(&out));
	must(strncmp(out.data, "BEGIN:VCALENDAR\r\n", 17) == 0);
	must(strcmp(out.data + out.len - 15, "END:VCALENDAR\r\n") == 0);
	for (at = out.data; *at; at = next + 2) {
		next = strstr(at, "\r\n");
		must(next);
		judge_line(at, (size_t)(next - at), is_utf8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	char *text;

	if (!arena || size < 1 || size > 20000)
		goto out;
	text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	write_texts(text, size, arena, data[0]);
	free(text);
out:
	arena_free(arena);
	return 0;
}
