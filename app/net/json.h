/* SPDX-License-Identifier: MIT */
/* json.h: the little JSON that crosses this program's borders */
#ifndef NET_JSON_H
#define NET_JSON_H

#include "core/form.h"

#include <stdint.h>

struct json_object;

/* Parses a whole document of valid UTF-8, at most 16 deep; NULL when it is none. To be given back.
 */
struct json_object *json_read(const char *bytes, size_t len);

/* Members by name; NULL or false when absent or of another type. */
struct json_object *json_member(struct json_object *object, const char *name);
const char *json_text(struct json_object *object, const char *name);
bool json_integer(struct json_object *object, const char *name, int64_t *out);

/*
 * Making a document. Texts that are not UTF-8 and numbers are the caller's to keep sane. What is
 * added belongs to what it was added to; name is NULL in a list. No memory: it is left out, or
 * NULL.
 */
struct json_object *json_new(void);
struct json_object *json_new_list(void);
void json_add(struct json_object *to, const char *name, struct json_object *value);
void json_add_text(struct json_object *to, const char *name, const char *text); /* NULL: null */
void json_add_integer(struct json_object *to, const char *name, int64_t number);
void json_add_flag(struct json_object *to, const char *name, bool flag);

void json_give_back(struct json_object *object);

/* Copies the document's text into the arena and gives it back; NULL: no memory. */
char *json_write(struct arena *arena, struct json_object *object);

/*
 * A request's body, a JSON object (RFC 8259), as a form of names (core/form.h), whose members are
 * texts, whole numbers, booleans and nulls, which are left out; members of other names are passed
 * over. ERR_INPUT: it is no such thing, a member of ours is of another type or a number beyond 64
 * bits, a text or a name holds a NUL, or any member stands twice.
 */
enum err json_form(struct arena *arena, const char *bytes, size_t len, const char *const *names,
    struct form *out, struct fail *fail) MUST_CHECK;

#endif
