/* SPDX-License-Identifier: MIT */
/* compile.h: the inside of a template, for template.c and compile.c alone */
#ifndef BASE_COMPILE_H
#define BASE_COMPILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

#define TEMPLATE_DEPTH 32 /* sections in sections and partials in partials, together */

enum template_kind { KIND_NONE, KIND_HTML, KIND_JSON, KIND_TXT };

enum step_kind { STEP_LITERAL, STEP_VALUE, STEP_URL, STEP_SECTION, STEP_INVERTED, STEP_PARTIAL };

/* Small, since each worker has thousands of them. */
struct step {
	enum step_kind kind : 8;
	uint8_t depth;			/* how many sections are around it */
	uint32_t end;			/* a section: the index of the step after its body */
	struct name name;		/* a literal's bytes; a partial's file name */
	const struct template *partial; /* set by linking */
};

/*
 * A template is an array of steps in the order of its source. A section knows the step after its
 * end, so rendering is one loop that recurses for a section's body and for a partial. All names and
 * literals point into the source.
 */
struct template
{
	const char *name, *path; /* "page.html", and for messages "DIR/en/page.html" */
	enum template_kind kind;
	const char *bytes;
	size_t len;
	struct step *steps;
	size_t count;
	enum { LINK_NOT_YET, LINK_NOW, LINK_DONE } link;
	unsigned depth; /* once linked: of its deepest section, partials included */
};

/* Fills in the steps of a template whose name, path, kind and source are set. */
enum err compile_template(struct arena *arena, struct template *tpl, struct fail *fail) MUST_CHECK;

/* ERR_CONFIG, with the line of that byte of the template's source. */
enum err compile_error(const struct template *tpl, const char *at, struct fail *fail,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* ERR_CONFIG unless the bytes are UTF-8 without NUL bytes and without a byte order mark. */
enum err compile_check_text(
    const char *path, const char *bytes, size_t len, struct fail *fail) MUST_CHECK;

#endif
