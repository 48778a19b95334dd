/* SPDX-License-Identifier: MIT */
/* catalogue.c: a language's messages */
#include "base/catalogue.h"
#include "base/view.h"

#include <ini.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* inih cuts a longer section, and the key of a line that goes on, without a word. */
#define KEY_MAX 48

struct message {
	const char *key, *text;
};

/* Sorted by key, so that a repeated one shows at once. A look-up goes by the key's hash: a page has
 * hundreds of them. */
struct catalogue {
	size_t count;
	uint32_t *places, mask; /* of a hash: an index and one, in this place or, up to an empty
				   one, in the next; 0: empty */
	struct message messages[];
};

struct reading {
	struct arena *arena;
	struct catalogue *catalogue;
	const char *at, *end;	 /* what is not read yet */
	unsigned line;		 /* the line that inih has in hand, from 1 */
	bool indented;		 /* … which goes on with the message before it, if there is one */
	struct message *message; /* the newest; a section's start forgets it */
	char reason[160];	 /* why reading stopped; "" while all is well */
};

/* The index at which the key stands, or would have to be inserted. */
static size_t place_of(const struct catalogue *catalogue, const char *key)
{
	size_t low = 0, high = catalogue->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(catalogue->messages[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool stands_at(const struct catalogue *catalogue, size_t place, const char *key)
{
	return place < catalogue->count && strcmp(catalogue->messages[place].key, key) == 0;
}

/* inih would drop what follows a semicolon after a blank, and a message would lose its end. */
static bool has_inline_comment(const char *line, size_t len)
{
	if (len == 0 || strchr(" \t\r\n;#[", line[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (line[i] == ';' && strchr(" \t\v\f\r", line[i - 1]))
			return true;
	return false;
}

/* Hands inih one line, like fgets(). Reading by ourselves tells the handler its line number. */
static char *next_line(char *buffer, int size, void *stream)
{
	struct reading *reading = stream;
	size_t left = (size_t)(reading->end - reading->at), len;
	const char *feed;

	if (left == 0 || reading->reason[0])
		return NULL;
	feed = memchr(reading->at, '\n', left);
	len = feed ? (size_t)(feed - reading->at) + 1 : left;
	reading->line++;
	reading->indented = reading->at[0] == ' ' || reading->at[0] == '\t';
	if (reading->at[0] == '[')
		reading->message = NULL;
	if (len >= (size_t)size)
		snprintf(reading->reason, sizeof(reading->reason),
		    "the line is longer than %d bytes; go on in an indented line", size - 2);
	else if (has_inline_comment(reading->at, len))
		snprintf(reading->reason, sizeof(reading->reason),
		    "a semicolon after a blank would cut the text off");
	if (reading->reason[0])
		return NULL;
	memcpy(buffer, reading->at, len);
	buffer[len] = '\0';
	reading->at += len;
	return buffer;
}

/* Returns 1 always: what is wrong goes to reading->reason, with which the next line is the end. */
static int take(void *user, const char *section, const char *key, const char *text)
{
	struct reading *reading = user;
	struct catalogue *catalogue = reading->catalogue;
	struct message message;
	size_t place;

	if (reading->indented && reading->message) {
		message = *reading->message;
		reading->message->text = arena_printf(
		    reading->arena, "%s%s%s", message.text, message.text[0] ? " " : "", text);
		if (!reading->message->text)
			reading->message->text = "";
		return 1;
	}
	if (key[0] == '\0' || strlen(key) > KEY_MAX || strlen(section) > KEY_MAX) {
		snprintf(reading->reason, sizeof(reading->reason),
		    "a key and a section have 1 to %d bytes", KEY_MAX);
		return 1;
	}
	message.key = section[0] ? arena_printf(reading->arena, "%s.%s", section, key)
				 : arena_str(reading->arena, key);
	message.text = arena_str(reading->arena, text);
	if (!message.key || !message.text)
		return 1;
	place = place_of(catalogue, message.key);
	if (stands_at(catalogue, place, message.key)) {
		snprintf(reading->reason, sizeof(reading->reason), "\"%s\" is there already",
		    message.key);
		return 1;
	}
	memmove(&catalogue->messages[place + 1], &catalogue->messages[place],
	    (catalogue->count - place) * sizeof(message));
	catalogue->messages[place] = message;
	catalogue->count++;
	reading->message = &catalogue->messages[place];
	return 1;
}

static uint32_t hash_of(const char *key)
{
	return name_of(key, strlen(key)).hash;
}

/* At most half of the places are taken. False: there is no room. */
static bool index_keys(struct arena *arena, struct catalogue *catalogue)
{
	size_t places = 2;

	while (places < 2 * catalogue->count)
		places *= 2;
	catalogue->places = arena_array(arena, places, sizeof(*catalogue->places));
	if (!catalogue->places)
		return false;
	catalogue->mask = (uint32_t)places - 1;
	for (size_t i = 0; i < catalogue->count; i++) {
		uint32_t at = hash_of(catalogue->messages[i].key) & catalogue->mask;

		while (catalogue->places[at])
			at = (at + 1) & catalogue->mask;
		catalogue->places[at] = (uint32_t)i + 1;
	}
	return true;
}

enum err catalogue_parse(struct arena *arena, const char *path, const char *bytes, size_t len,
    const struct catalogue **out, struct fail *fail)
{
	struct reading reading = {.arena = arena, .at = bytes, .end = bytes + len};
	size_t lines = 1;
	int broken;

	for (size_t i = 0; i < len; i++)
		lines += bytes[i] == '\n';
	reading.catalogue =
	    arena_alloc(arena, sizeof(*reading.catalogue) + lines * sizeof(struct message));
	if (!reading.catalogue)
		return fail_set(fail, ERR_CONFIG, "template", "%s: too large", path);
	broken = ini_parse_stream(next_line, &reading, take, &reading);
	if (broken < 0)
		return fail_set(fail, ERR_SYSTEM, "template", "%s: out of memory", path);
	if (broken > 0 && (!reading.reason[0] || (unsigned)broken < reading.line))
		return fail_set(fail, ERR_CONFIG, "template",
		    "%s:%d: neither `key = text` nor [section]", path, broken);
	if (reading.reason[0])
		return fail_set(
		    fail, ERR_CONFIG, "template", "%s:%u: %s", path, reading.line, reading.reason);
	if (!index_keys(arena, reading.catalogue))
		return fail_set(fail, ERR_CONFIG, "template", "%s: too large", path);
	*out = reading.catalogue;
	return ERR_NONE;
}

const char *catalogue_key(const struct catalogue *catalogue, size_t index)
{
	return index < catalogue->count ? catalogue->messages[index].key : NULL;
}

const char *catalogue_get(const struct catalogue *catalogue, const char *key)
{
	uint32_t at = hash_of(key), place;

	while ((place = catalogue->places[at & catalogue->mask])) {
		const struct message *message = &catalogue->messages[place - 1];

		if (strcmp(message->key, key) == 0)
			return message->text;
		at++;
	}
	return NULL;
}
