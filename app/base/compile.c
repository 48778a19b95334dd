/* SPDX-License-Identifier: MIT */
/* compile.c: a template's source → steps */
#include "base/compile.h"
#include "base/text.h"
#include "base/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIGILS "%#^/>"	/* and "!", after which there is no name */
#define NAME_MAX_LEN 64 /* longer is a tag that was not closed */

static unsigned line_of(const char *bytes, const char *at)
{
	unsigned line = 1;

	for (; bytes < at; bytes++)
		line += *bytes == '\n';
	return line;
}

enum err compile_error(
    const struct template *tpl, const char *at, struct fail *fail, const char *fmt, ...)
{
	char reason[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return fail_set(
	    fail, ERR_CONFIG, "template", "%s:%u: %s", tpl->path, line_of(tpl->bytes, at), reason);
}

enum err compile_check_text(const char *path, const char *bytes, size_t len, struct fail *fail)
{
	const char *end = bytes + len, *next;
	unsigned line = 1;

	for (const char *at = bytes; at < end; at = next, line++) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		next = feed ? feed + 1 : end;
		if (memchr(at, '\0', (size_t)(next - at)))
			return fail_set(
			    fail, ERR_CONFIG, "template", "%s:%u: a NUL byte", path, line);
		if (!utf8_is_valid(at, (size_t)(next - at)))
			return fail_set(
			    fail, ERR_CONFIG, "template", "%s:%u: not UTF-8", path, line);
		if (line == 1 && next - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
			return fail_set(
			    fail, ERR_CONFIG, "template", "%s:1: a byte order mark", path);
	}
	return ERR_NONE;
}

struct open_section {
	size_t step;
	enum markup_place place; /* where in the HTML it began */
};

struct compiler {
	struct template *tpl;
	const char *at, *end; /* what is not compiled yet */
	struct markup markup;
	struct open_section open[TEMPLATE_DEPTH];
	unsigned depth; /* how many sections are open */
	struct fail *fail;
};

/* What stands from {{ to }}. */
struct tag {
	const char *start, *end;
	char sigil; /* '\0' for a plain value */
	const char *name;
	size_t len;
};

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool continues_name(char c)
{
	return starts_name(c) || c == '-' || c == '.';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first of two equal braces in a row, or NULL. */
static const char *find_braces(const char *at, const char *end, char brace)
{
	while (at < end && (at = memchr(at, brace, (size_t)(end - at)))) {
		if (at + 1 < end && at[1] == brace)
			return at;
		at++;
	}
	return NULL;
}

/* Finds the tag's end and its parts. */
static enum err read_tag(const struct compiler *c, struct tag *tag)
{
	const char *inner = tag->start + 2, *close, *last;

	close = find_braces(inner, c->end, '}');
	if (inner < c->end && *inner == '{')
		return compile_error(c->tpl, tag->start, c->fail,
		    "{{{ is refused: every value is escaped; before a brace, write a blank");
	if (inner < c->end && *inner == '!') {
		tag->sigil = '!';
		if (!close)
			return compile_error(c->tpl, tag->start, c->fail, "a remark is not closed");
		tag->end = close + 2;
		return ERR_NONE;
	}
	if (!close || memchr(inner, '\n', (size_t)(close - inner)))
		return compile_error(
		    c->tpl, tag->start, c->fail, "a tag is not closed on its line");
	tag->end = close + 2;
	for (last = close; last > inner && is_blank(last[-1]);)
		last--;
	while (inner < last && is_blank(*inner))
		inner++;
	tag->sigil = '\0';
	if (inner<last && * inner> ' ' && *inner < 0x7f && !starts_name(*inner))
		tag->sigil = *inner++;
	while (inner < last && is_blank(*inner))
		inner++;
	tag->name = inner;
	tag->len = (size_t)(last - inner);
	if (tag->sigil && !strchr(SIGILS, tag->sigil))
		return compile_error(c->tpl, tag->start, c->fail, "unknown tag {{%c", tag->sigil);
	if (tag->len == 0)
		return compile_error(c->tpl, tag->start, c->fail, "a tag without a name");
	if (tag->len > NAME_MAX_LEN)
		return compile_error(
		    c->tpl, tag->start, c->fail, "a name has up to %d bytes", NAME_MAX_LEN);
	for (; inner < last; inner++)
		if (!(inner == tag->name ? starts_name(*inner) : continues_name(*inner)))
			return compile_error(c->tpl, tag->start, c->fail,
			    "a name has letters, digits, \"_\", and later \"-\" and \".\"");
	return ERR_NONE;
}

/* Widens [start, end) to the whole line if only blanks are around it. */
static void take_line(const struct compiler *c, const char **start, const char **end)
{
	const char *first = *start, *next = *end;

	while (first > c->tpl->bytes && is_blank(first[-1]))
		first--;
	while (next < c->end && is_blank(*next))
		next++;
	if (c->end - next >= 2 && next[0] == '\r' && next[1] == '\n')
		next++;
	if ((first > c->tpl->bytes && first[-1] != '\n') || (next < c->end && *next != '\n'))
		return;
	*start = first;
	*end = next < c->end ? next + 1 : next;
}

static void add_step(struct compiler *c, enum step_kind kind, const char *at, size_t len)
{
	struct step *step = &c->tpl->steps[c->tpl->count++];

	*step = (struct step){.kind = kind, .depth = (uint8_t)c->depth};
	step->name = kind == STEP_LITERAL ? (struct name){at, (uint32_t)len, 0} : name_of(at, len);
}

static enum err add_literal(struct compiler *c, const char *end)
{
	size_t len = (size_t)(end - c->at);
	const char *reason, *wrong;

	if (len == 0)
		return ERR_NONE;
	wrong = c->tpl->kind == KIND_HTML ? markup_scan(&c->markup, c->at, len, &reason) : NULL;
	if (wrong)
		return compile_error(c->tpl, wrong, c->fail, "%s", reason);
	add_step(c, STEP_LITERAL, c->at, len);
	return ERR_NONE;
}

static enum err open_section(struct compiler *c, const struct tag *tag, enum step_kind kind)
{
	if (c->depth == TEMPLATE_DEPTH)
		return compile_error(
		    c->tpl, tag->start, c->fail, "sections nest more than %d deep", TEMPLATE_DEPTH);
	c->open[c->depth].step = c->tpl->count;
	c->open[c->depth].place = c->markup.place;
	add_step(c, kind, tag->name, tag->len);
	c->depth++;
	return ERR_NONE;
}

static enum err close_section(struct compiler *c, const struct tag *tag)
{
	const struct open_section *open;
	struct step *step;

	if (c->depth == 0)
		return compile_error(c->tpl, tag->start, c->fail, "{{/%.*s}} closes no section",
		    (int)tag->len, tag->name);
	open = &c->open[c->depth - 1];
	step = &c->tpl->steps[open->step];
	if (step->name.len != tag->len || memcmp(step->name.at, tag->name, tag->len) != 0)
		return compile_error(c->tpl, tag->start, c->fail,
		    "{{/%.*s}} where {{/%.*s}} is due, for line %u", (int)tag->len, tag->name,
		    (int)step->name.len, step->name.at, line_of(c->tpl->bytes, step->name.at));
	/* Whether the section is shown or not, the same must hold for what follows it. */
	if (open->place != c->markup.place)
		return compile_error(c->tpl, tag->start, c->fail,
		    "the section \"%.*s\" begins and ends at different places of an HTML tag",
		    (int)tag->len, tag->name);
	step->end = (uint32_t)c->tpl->count;
	c->depth--;
	return ERR_NONE;
}

static enum err add_tag(struct compiler *c, const struct tag *tag)
{
	static const struct {
		char sigil;
		enum step_kind kind;
		const char *(*refuses)(enum markup_place);
	} steps[] = {
	    {'\0', STEP_VALUE, markup_refuses_value},
	    {'%', STEP_URL, markup_refuses_value},
	    {'#', STEP_SECTION, markup_refuses_section},
	    {'^', STEP_INVERTED, markup_refuses_section},
	    {'>', STEP_PARTIAL, markup_refuses_partial},
	};
	const char *reason;
	size_t i = 0;

	if (tag->sigil == '!')
		return ERR_NONE;
	if (tag->sigil == '/')
		return close_section(c, tag);
	while (steps[i].sigil != tag->sigil)
		i++;
	/* Other files than .html stay at the place where everything may stand. */
	reason = steps[i].refuses(c->markup.place);
	if (reason)
		return compile_error(c->tpl, tag->start, c->fail, "%s", reason);
	if (tag->sigil == '#' || tag->sigil == '^')
		return open_section(c, tag, steps[i].kind);
	add_step(c, steps[i].kind, tag->name, tag->len);
	return ERR_NONE;
}

enum err compile_template(struct arena *arena, struct template *tpl, struct fail *fail)
{
	struct compiler c = {
	    .tpl = tpl, .at = tpl->bytes, .end = tpl->bytes + tpl->len, .fail = fail};
	struct tag tag = {0};
	const char *start, *end;
	size_t tags = 0;
	enum err err;

	err = compile_check_text(tpl->path, tpl->bytes, tpl->len, fail);
	if (err)
		return err;
	for (start = c.at; (start = find_braces(start, c.end, '{')); start += 2)
		tags++;
	/* A tag is one step at most, with a literal before it; a literal stands at the end. */
	tpl->steps = arena_array(arena, 2 * tags + 1, sizeof(*tpl->steps));
	if (!tpl->steps)
		return fail_set(fail, ERR_CONFIG, "template", "%s: no room is left", tpl->path);
	while ((tag.start = find_braces(c.at, c.end, '{'))) {
		err = read_tag(&c, &tag);
		if (err)
			return err;
		start = tag.start;
		end = tag.end;
		if (tag.sigil && tag.sigil != '%')
			take_line(&c, &start, &end);
		err = add_literal(&c, start);
		if (!err)
			err = add_tag(&c, &tag);
		if (err)
			return err;
		c.at = end;
	}
	err = add_literal(&c, c.end);
	if (err)
		return err;
	if (c.depth > 0) {
		const struct step *step = &tpl->steps[c.open[c.depth - 1].step];

		return compile_error(tpl, step->name.at, fail,
		    "the section {{%c%.*s}} is not closed", step->kind == STEP_SECTION ? '#' : '^',
		    (int)step->name.len, step->name.at);
	}
	if (c.markup.place != MARKUP_TEXT)
		return compile_error(
		    tpl, c.markup.since, fail, "an HTML tag or comment is not closed");
	arena_trim(arena, tpl->steps, tpl->count * sizeof(*tpl->steps));
	return ERR_NONE;
}
