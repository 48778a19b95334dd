/* SPDX-License-Identifier: MIT */
/* json.c: the little JSON that crosses this program's borders */
#include "net/json.h"
#include "base/text.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#define DEPTH 16

struct json_object *json_read(const char *bytes, size_t len)
{
	struct json_tokener *tokener;
	struct json_object *object;

	/* The tokener would take a NUL for the end, whatever follows it. */
	if (len > INT_MAX - 1 || memchr(bytes, '\0', len) || !utf8_is_valid(bytes, len))
		return NULL;
	tokener = json_tokener_new_ex(DEPTH);
	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, bytes, (int)len);
	/* A bare number has no end of its own: the terminator says that there is no more. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		object = json_tokener_parse_ex(tokener, "", 1);
	json_tokener_free(tokener);
	return object;
}

struct json_object *json_member(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	json_object_object_get_ex(object, name, &member);
	return member;
}

const char *json_text(struct json_object *object, const char *name)
{
	struct json_object *member = json_member(object, name);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member)
							     : NULL;
}

bool json_integer(struct json_object *object, const char *name, int64_t *out)
{
	struct json_object *member = json_member(object, name);

	if (!json_object_is_type(member, json_type_int))
		return false;
	*out = json_object_get_int64(member);
	return true;
}

struct json_object *json_new(void)
{
	return json_object_new_object();
}

struct json_object *json_new_list(void)
{
	return json_object_new_array();
}

void json_add(struct json_object *to, const char *name, struct json_object *value)
{
	if (to && (name ? json_object_object_add(to, name, value)
			: json_object_array_add(to, value)) == 0)
		return;
	json_object_put(value);
}

void json_add_text(struct json_object *to, const char *name, const char *text)
{
	json_add(to, name, text ? json_object_new_string(text) : NULL);
}

void json_add_integer(struct json_object *to, const char *name, int64_t number)
{
	json_add(to, name, json_object_new_int64(number));
}

void json_add_flag(struct json_object *to, const char *name, bool flag)
{
	json_add(to, name, json_object_new_boolean(flag));
}

void json_give_back(struct json_object *object)
{
	json_object_put(object);
}

char *json_write(struct arena *arena, struct json_object *object)
{
	char *copy = NULL;

	if (object)
		copy = arena_str(
		    arena, json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return copy;
}

#define NOT_JSON "the body is not a JSON object in UTF-8"

/* The code unit that is written as "\\u" and four digits here; UINT32_MAX: none is. */
static uint32_t escaped_unit(const char *bytes, size_t len)
{
	uint32_t unit = 0;

	if (len < 6 || bytes[0] != '\\' || bytes[1] != 'u')
		return UINT32_MAX;
	for (int i = 2; i < 6; i++) {
		const char *digits = "0123456789abcdef", *digit;

		digit = memchr(digits, bytes[i] | ' ', 16);
		if (!digit)
			return UINT32_MAX;
		unit = unit << 4 | (uint32_t)(digit - digits);
	}
	return unit;
}

static bool is_low_surrogate(uint32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* From after a text's first quote to its last one. */
static size_t pass_text(const char *bytes, size_t len, size_t at, const char **fault)
{
	while (at < len && bytes[at] != '"') {
		uint32_t unit = escaped_unit(bytes + at, len - at);
		bool is_high = unit >= 0xd800 && unit <= 0xdbff;

		if ((unsigned char)bytes[at] < ' ' || is_low_surrogate(unit))
			*fault = NOT_JSON;
		if (unit == 0)
			*fault = "a text holds a NUL";
		if (unit != UINT32_MAX)
			at += 6;
		else
			at += bytes[at] == '\\' ? 2 : 1;
		if (is_high && !is_low_surrogate(escaped_unit(bytes + at, len - at)))
			*fault = NOT_JSON;
		else if (is_high)
			at += 6;
	}
	return at;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t pass_digits(const char *bytes, size_t len, size_t at, const char **fault)
{
	if (at == len || !is_digit(bytes[at]))
		*fault = NOT_JSON;
	while (at < len && is_digit(bytes[at]))
		at++;
	return at;
}

/* Past a number (RFC 8259, section 6). */
static size_t pass_number(const char *bytes, size_t len, size_t at, const char **fault)
{
	at += bytes[at] == '-';
	if (len - at >= 2 && bytes[at] == '0' && is_digit(bytes[at + 1]))
		*fault = NOT_JSON;
	at = pass_digits(bytes, len, at, fault);
	if (at < len && bytes[at] == '.')
		at = pass_digits(bytes, len, at + 1, fault);
	if (at < len && (bytes[at] == 'e' || bytes[at] == 'E')) {
		at++;
		at += at < len && (bytes[at] == '+' || bytes[at] == '-');
		at = pass_digits(bytes, len, at, fault);
	}
	return at;
}

/*
 * json-c takes the last of two members of one name, texts in single quotes, controls and half
 * characters in texts, numbers that are none (-01, 1., NaN, Infinity), and cuts a name at a NUL. In
 * a document that it took, every member of an object has one colon outside of texts; *fault says
 * what else is wrong with it.
 */
static size_t count_members(const char *bytes, size_t len, const char **fault)
{
	size_t count = 0, at = 0;

	while (at < len) {
		if (bytes[at] == '"') {
			at = pass_text(bytes, len, at + 1, fault) + 1;
		} else if (bytes[at] == '-' || is_digit(bytes[at])) {
			at = pass_number(bytes, len, at, fault);
		} else {
			if (strchr("'NI", bytes[at]))
				*fault = NOT_JSON;
			count += bytes[at++] == ':';
		}
	}
	return count;
}

/* Of all its objects, however deep: no deeper than DEPTH. */
static size_t kept_members(struct json_object *value)
{
	size_t count = 0;

	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_object_array_length(value); i++)
			count += kept_members(json_object_array_get_idx(value, i));
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
		{
			(void)key;
			count += 1 + kept_members(member);
		}
	}
	return count;
}

/* json-c makes the nearest of its own of a number that it has no room for. */
static bool is_cut(struct json_object *number)
{
	return json_object_get_int64(number) == INT64_MIN ||
	       json_object_get_uint64(number) == UINT64_MAX;
}

/* *value: as a form has it; NULL: the member is left out. False: it is of no such type. */
static bool form_text(struct json_object *member, const char **value)
{
	*value = NULL;
	switch (json_object_get_type(member)) {
	case json_type_null:
		return true;
	case json_type_string:
	case json_type_boolean:
		*value = json_object_get_string(member);
		return true;
	case json_type_int:
		*value = json_object_get_string(member);
		return !is_cut(member);
	default:
		return false;
	}
}

static enum err add_members(struct arena *arena, struct json_object *object,
    const char *const *names, struct form *form, struct fail *fail)
{
	json_object_object_foreach(object, key, member)
	{
		const char *text;
		char *name, *value;
		enum err err;

		if (names && !form_is_named(names, key))
			continue;
		if (!form_text(member, &text))
			return fail_set(
			    fail, ERR_INPUT, "json", "a member is neither text nor a whole number");
		if (!text)
			continue;
		name = arena_str(arena, key);
		value = arena_str(arena, text);
		if (!name || !value)
			return fail_set(fail, ERR_SYSTEM, "json", "no memory");
		if ((err = form_add(form, name, value, fail)))
			return err;
	}
	return ERR_NONE;
}

enum err json_form(struct arena *arena, const char *bytes, size_t len, const char *const *names,
    struct form *out, struct fail *fail)
{
	struct json_object *object = json_read(bytes, len);
	struct form form = {.count = 0};
	const char *fault = NULL;
	enum err err = ERR_NONE;
	size_t count = 0;

	if (json_object_is_type(object, json_type_object))
		count = count_members(bytes, len, &fault);
	else
		fault = NOT_JSON;
	if (fault)
		err = fail_set(fail, ERR_INPUT, "json", "%s", fault);
	else if (count != kept_members(object))
		err = fail_set(fail, ERR_INPUT, "json", "a member stands twice");
	else
		err = add_members(arena, object, names, &form, fail);
	json_object_put(object);
	if (!err)
		*out = form;
	return err;
}
