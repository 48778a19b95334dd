/* SPDX-License-Identifier: MIT */
/* template.h: logic-less pages, compiled at start, escaping by default */
#ifndef BASE_TEMPLATE_H
#define BASE_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "base/view.h"

/*
 * A template is a file DIR/LANGUAGE/NAME, NAME ending in .html, .json or .txt; the ending says how
 * values are escaped. Its language is a part of Mustache:
 *
 *   {{name}}              the value, escaped for the file's kind (.txt: not at all)
 *   {{%name}}             the value as a URL component, then escaped
 *   {{#name}}…{{/name}}   once for each item of a list; once for a text that is not empty or a flag
 *                         that is set
 *   {{^name}}…{{/name}}   once when the above would render nothing
 *   {{>part.html}}        another template of the same language and ending, in the present context
 *   {{! remark }}         nothing
 *
 * A name has letters, digits, "_", and later "-" and "."; it is looked up in the innermost item
 * first, then outwards. An unknown name is an empty value, and so are a flag and a list as a value.
 * A tag that stands alone on its line, sections, partials and remarks, takes the line with it.
 * Values are never read as templates. Sections and partials nest up to 32 deep.
 *
 * In .html a value stands in text or in a quoted attribute value, where escaping makes it harmless;
 * attribute values are quoted, a section begins and ends in the same such place, and a partial
 * stands between tags. In .json a value stands inside a string: nothing checks that.
 *
 * Each language may have a catalogue, LANGUAGE/messages.ini: `key = text` lines, sections joined to
 * the key with a dot ([date] long = … is "date.long"). A text may go on in indented lines, which
 * are joined with a blank; lines have up to 198 bytes, keys and section names up to 48.
 *
 * A language is a folder whose name has letters, digits and "-" only and that holds a template or a
 * catalogue. All other files and folders, and dotfiles, are ignored.
 */
struct templates;
struct template;

/*
 * Loads and compiles every template of every language folder. A broken one (an unclosed or unknown
 * tag, a missing or circular partial, bytes that are not UTF-8, …) is ERR_CONFIG with file:line and
 * the reason, and so is a folder that cannot be read or has no language. ERR_SYSTEM: out of memory
 * or descriptors, or the disk failed.
 *
 * A folder of an operator's own may lack what a later version has: a file or a message is then
 * taken from the same language of the packaged folder (NULL: from nowhere).
 */
enum err templates_load(
    const char *dir, const char *packaged, struct templates **out, struct fail *fail) MUST_CHECK;
/* What was taken from there, "en/mail.txt" or "en/messages.ini: key"; NULL past the last. */
const char *templates_borrowed(const struct templates *templates, size_t index);
void templates_free(struct templates *templates);

/* NULL when the language has no such template. */
const struct template *template_find(
    const struct templates *templates, const char *language, const char *name);
/* ERR_CONFIG when one of the names, the last of which is NULL, is not among the language's
 * templates. dir as in templates_load(), for the sentence. */
enum err templates_need(const struct templates *templates, const char *dir, const char *language,
    const char *const *names, struct fail *fail) MUST_CHECK;
/* The languages in the order of their names; NULL past the last. */
const char *template_language(const struct templates *templates, size_t index);
/* NULL when the language has no such message. */
const char *template_message(
    const struct templates *templates, const char *language, const char *key);

/*
 * Compiles one template that is not in a folder, for tests and fuzzers: its only partial can be
 * itself, which is circular. The bytes and the name are not copied: they live as long as the arena.
 */
enum err template_compile(struct arena *arena, const char *name, const char *bytes, size_t len,
    const struct template **out, struct fail *fail) MUST_CHECK;

/* Appends the filled template to out; check text_overflowed() and arena_overflowed() after it. */
void template_render(const struct template *tpl, const struct view *view, struct text *out);
/* The filled template as a text of its own, without the newlines at its end; "" when tpl is NULL.
 * What is over max bytes is cut off. */
const char *template_text(
    struct arena *arena, const struct template *tpl, const struct view *view, size_t max);

#endif
