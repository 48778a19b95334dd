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
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(object);
		object = NULL;
	}
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

enum err json_form(
    struct arena *arena, const char *bytes, size_t len, struct form *out, struct fail *fail)
{
	struct json_object *object = json_read(bytes, len);
	struct form form = {.count = 0};
	enum err err = ERR_NONE;

	if (!json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		return fail_set(fail, ERR_INPUT, "json", "the body is not a JSON object in UTF-8");
	}
	json_object_object_foreach(object, key, member)
	{
		const char *text = json_object_get_string(member);
		char *name, *value;

		if (json_object_is_type(member, json_type_null))
			continue;
		if (json_object_is_type(member, json_type_object) ||
		    json_object_is_type(member, json_type_array) ||
		    json_object_is_type(member, json_type_double) ||
		    (json_object_is_type(member, json_type_string) &&
			strlen(text) != (size_t)json_object_get_string_len(member))) {
			err = fail_set(
			    fail, ERR_INPUT, "json", "a member is neither text nor a whole number");
			break;
		}
		name = arena_str(arena, key);
		value = arena_str(arena, text);
		if (!name || !value)
			err = fail_set(fail, ERR_SYSTEM, "json", "no memory");
		if (err || (err = form_add(&form, name, value, fail)))
			break;
	}
	json_object_put(object);
	if (!err)
		*out = form;
	return err;
}
