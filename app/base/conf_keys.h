/* SPDX-License-Identifier: MIT */
/* conf_keys.h: the keys of slotguard.conf, each with the kind and the bounds of its value */
#ifndef BASE_CONF_KEYS_H
#define BASE_CONF_KEYS_H

#include "base/conf.h"

#define CONF_WRONG 160 /* bytes of what is said of a wrong value */
/* Of a name in the file. */
#define CONF_NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

#define CONF_CALENDAR_KINDS 3
extern const char *const conf_calendar_kinds[CONF_CALENDAR_KINDS]; /* by enum calendar_kind */

/* conf_key_at() counts those of the whole file first, of which there are so many, and then those of
 * a section [calendar NAME]. */
unsigned conf_keys_of_file(void);

/* The name in "calendar NAME"; NULL: it is another section. */
const char *conf_section_calendar(const char *section);

/* false: there is no such key. "calendar work" is such a section whether the file has it or not. */
bool conf_key_find(const char *section, const char *name, unsigned *index);

/* Puts a value into a struct conf, or into a struct conf_calendar when it is a key of one. false:
 * it cannot be, and wrong goes on after the key's name: "is \"365\"; it may be 1 to 60". */
bool conf_key_set(void *base, unsigned index, const char *value, char wrong[CONF_WRONG]);

/* false: there is no memory. What is not preset stays NULL. */
bool conf_preset(struct conf *conf);
bool conf_calendar_preset(struct conf_calendar *calendar);

/* Frees the texts that these have set. */
void conf_texts_free(struct conf *conf);
void conf_calendar_texts_free(struct conf_calendar *calendar);

#endif
