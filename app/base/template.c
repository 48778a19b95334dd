/* SPDX-License-Identifier: MIT */
/* template.c: the folder of templates, read at start, and their rendering */
#include "base/template.h"
#include "base/catalogue.h"
#include "base/compile.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOAD_MAX ((size_t)16 << 20) /* all sources and what is made of them, in one arena */
#define FILE_MAX ((size_t)1 << 20)
#define BORROWED_MAX 4096 /* more is not named */
#define LANGUAGE_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

struct language {
	const char *name;
	struct template *templates;
	size_t count;
	const struct catalogue *catalogue; /* NULL: none */
	const struct catalogue *packaged;  /* for what the former lacks; NULL: none */
};

struct templates {
	struct arena *arena;
	struct language *languages;
	size_t count;
	const char **borrowed;
	size_t borrowed_count;
};

static enum template_kind kind_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name)
		return KIND_NONE;
	if (strcmp(dot, ".html") == 0)
		return KIND_HTML;
	if (strcmp(dot, ".json") == 0)
		return KIND_JSON;
	return strcmp(dot, ".txt") == 0 ? KIND_TXT : KIND_NONE;
}

static enum err too_large(struct fail *fail, const char *path)
{
	return fail_set(fail, ERR_CONFIG, "template", "%s: no room is left", path);
}

/* Linking: partials find their templates, and the whole is finite and not too deep. */

static struct template *find_sibling(const struct language *language, const char *name, size_t len)
{
	for (size_t i = 0; i < language->count; i++) {
		struct template *tpl = &language->templates[i];

		if (strlen(tpl->name) == len && memcmp(tpl->name, name, len) == 0)
			return tpl;
	}
	return NULL;
}

static enum err link_template(
    const struct language *language, struct template *tpl, unsigned level, struct fail *fail)
{
	if (tpl->link == LINK_DONE)
		return ERR_NONE;
	tpl->link = LINK_NOW;
	for (size_t i = 0; i < tpl->count; i++) {
		struct step *step = &tpl->steps[i];
		int len = (int)step->name.len;
		struct template *partial;
		unsigned depth = step->depth;
		enum err err;

		if (step->kind == STEP_SECTION || step->kind == STEP_INVERTED)
			depth++;
		if (step->kind == STEP_PARTIAL) {
			partial = find_sibling(language, step->name.at, step->name.len);
			if (!partial)
				return compile_error(tpl, step->name.at, fail,
				    "there is no partial \"%.*s\"", len, step->name.at);
			if (partial->kind != tpl->kind)
				return compile_error(tpl, step->name.at, fail,
				    "the partial \"%.*s\" escapes in another way", len,
				    step->name.at);
			if (partial->link == LINK_NOW)
				return compile_error(tpl, step->name.at, fail,
				    "the partial \"%.*s\" contains itself", len, step->name.at);
			/* The level bounds this recursion; the depth is what rendering needs. */
			err = level < TEMPLATE_DEPTH
				  ? link_template(language, partial, level + 1, fail)
				  : ERR_NONE;
			if (err)
				return err;
			depth += 1 + partial->depth;
			if (level == TEMPLATE_DEPTH || depth > TEMPLATE_DEPTH)
				return compile_error(tpl, step->name.at, fail,
				    "the partial \"%.*s\" nests more than %d deep", len,
				    step->name.at, TEMPLATE_DEPTH);
			step->partial = partial;
		}
		if (depth > tpl->depth)
			tpl->depth = depth;
	}
	tpl->link = LINK_DONE;
	return ERR_NONE;
}

enum err template_compile(struct arena *arena, const char *name, const char *bytes, size_t len,
    const struct template **out, struct fail *fail)
{
	struct template *tpl = arena_alloc(arena, sizeof(*tpl));
	struct language alone = {.templates = tpl, .count = 1};
	enum err err;

	if (!tpl)
		return too_large(fail, name);
	if (kind_of(name) == KIND_NONE)
		return fail_set(fail, ERR_CONFIG, "template", "%s: not a template's name", name);
	*tpl = (struct template){
	    .name = name, .path = name, .kind = kind_of(name), .bytes = bytes, .len = len};
	err = compile_template(arena, tpl, fail);
	if (!err)
		err = link_template(&alone, tpl, 0, fail);
	if (!err)
		*out = tpl;
	return err;
}

/* Loading. */

static enum err unreadable(const char *path, int why, struct fail *fail)
{
	bool ours = why == ENOMEM || why == EMFILE || why == ENFILE || why == EIO;

	return fail_set(
	    fail, ours ? ERR_SYSTEM : ERR_CONFIG, "template", "%s: %s", path, strerror(why));
}

/* The whole file, with a NUL after its end: what is wrong with it is the operator's to mend. */
static enum err read_file(
    struct arena *arena, const char *path, const char **bytes, size_t *len, struct fail *fail)
{
	struct fail why;
	char *text;
	enum err err = file_read(path, FILE_MAX, arena, &text, len, &why);

	if (err && arena_overflowed(arena))
		return too_large(fail, path);
	if (err)
		return fail_set(fail, err == ERR_SYSTEM ? ERR_SYSTEM : ERR_CONFIG, "template", "%s",
		    why.detail);
	*bytes = text;
	return ERR_NONE;
}

static bool is_catalogue(const char *name)
{
	return strcmp(name, "messages.ini") == 0;
}

static int may_be_language(const struct dirent *entry)
{
	return entry->d_name[strspn(entry->d_name, LANGUAGE_CHARS)] == '\0';
}

static int is_source(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (kind_of(entry->d_name) != KIND_NONE || is_catalogue(entry->d_name));
}

static void free_entries(struct dirent **entries, int count)
{
	while (count > 0)
		free(entries[--count]);
	free(entries);
}

/* A catalogue copies what it needs, so that its source need not stay in the arena. */
static enum err load_catalogue(
    struct arena *arena, const char *path, const struct catalogue **out, struct fail *fail)
{
	struct arena *scratch = arena_new(FILE_MAX + 1);
	const char *bytes = NULL;
	size_t len = 0;
	enum err err = scratch ? read_file(scratch, path, &bytes, &len, fail)
			       : fail_set(fail, ERR_SYSTEM, "template", "out of memory");

	if (!err)
		err = compile_check_text(path, bytes, len, fail);
	if (!err)
		err = catalogue_parse(arena, path, bytes, len, out, fail);
	if (arena_overflowed(arena))
		err = too_large(fail, path);
	arena_free(scratch);
	return err;
}

/* Reads and compiles one template or the catalogue of a language. */
static enum err load_file(
    struct arena *arena, const char *path, struct language *language, struct fail *fail)
{
	const char *bytes = NULL, *name = strrchr(path, '/') + 1;
	struct template *tpl;
	size_t len = 0;
	enum err err;

	if (is_catalogue(name))
		return load_catalogue(arena, path, &language->catalogue, fail);
	err = read_file(arena, path, &bytes, &len, fail);
	if (err)
		return err;
	tpl = &language->templates[language->count++];
	*tpl = (struct template){
	    .name = name, .path = path, .kind = kind_of(name), .bytes = bytes, .len = len};
	return compile_template(arena, tpl, fail);
}

static enum err borrow(
    struct templates *templates, const char *language, const char *what, struct fail *fail)
{
	const char *name = arena_printf(templates->arena, "%s/%s", language, what);

	if (!name)
		return too_large(fail, what);
	if (templates->borrowed_count < BORROWED_MAX)
		templates->borrowed[templates->borrowed_count++] = name;
	return ERR_NONE;
}

/* The packaged messages, beside the language's own. */
static enum err borrow_messages(
    struct templates *templates, const char *path, struct language *language, struct fail *fail)
{
	const struct catalogue *own = language->catalogue;
	enum err err = load_file(templates->arena, path, language, fail);
	const char *key;

	if (err || !own)
		return err ? err : borrow(templates, language->name, "messages.ini", fail);
	language->packaged = language->catalogue;
	language->catalogue = own;
	for (size_t i = 0; !err && (key = catalogue_key(language->packaged, i)); i++) {
		const char *what = arena_printf(templates->arena, "messages.ini: %s", key);

		if (!what)
			return too_large(fail, path);
		if (!catalogue_get(own, key))
			err = borrow(templates, language->name, what, fail);
	}
	return err;
}

/* What the language lacks, from the packaged folder, which need not have the language. */
static enum err fill_up(
    struct templates *templates, const char *packaged, struct language *language, struct fail *fail)
{
	char *folder = arena_printf(templates->arena, "%s/%s", packaged, language->name);
	struct dirent **entries = NULL;
	int count = folder ? scandir(folder, &entries, is_source, alphasort) : 0;
	struct template *all = arena_array(
	    templates->arena, language->count + (size_t)(count > 0 ? count : 1), sizeof(*all));
	enum err err = ERR_NONE;

	if (!folder || !all)
		err = too_large(fail, packaged);
	else if (language->count)
		memcpy(all, language->templates, language->count * sizeof(*all));
	language->templates = all;
	for (int i = 0; i < count && !err; i++) {
		const char *name = entries[i]->d_name;
		char *path = arena_printf(templates->arena, "%s/%s", folder, name);

		if (!path)
			err = too_large(fail, folder);
		else if (is_catalogue(name))
			err = borrow_messages(templates, path, language, fail);
		else if (!find_sibling(language, name, strlen(name)) &&
			 !(err = load_file(templates->arena, path, language, fail)))
			err = borrow(templates, language->name, name, fail);
	}
	free_entries(entries, count);
	return err;
}

/* A folder without any source is no language, and leaves language->name NULL. */
static enum err load_language(struct templates *templates, const char *dir, const char *packaged,
    const char *name, struct language *language, struct fail *fail)
{
	struct arena *arena = templates->arena;
	char *folder = arena_printf(arena, "%s/%s", dir, name), *path;
	struct dirent **entries = NULL;
	enum err err = ERR_NONE;
	struct stat st;
	int count = 0;

	if (!folder)
		return too_large(fail, dir);
	if (stat(folder, &st) != 0)
		return unreadable(folder, errno, fail);
	if (!S_ISDIR(st.st_mode))
		return ERR_NONE;
	count = scandir(folder, &entries, is_source, alphasort);
	if (count < 0)
		return unreadable(folder, errno, fail);
	if (count == 0)
		goto out;
	language->name = arena_str(arena, name);
	language->templates = arena_array(arena, (size_t)count, sizeof(struct template));
	if (!language->name || !language->templates) {
		err = too_large(fail, folder);
		goto out;
	}
	for (int i = 0; i < count && !err; i++) {
		path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);
		err = path ? load_file(arena, path, language, fail) : too_large(fail, folder);
	}
	if (!err && packaged)
		err = fill_up(templates, packaged, language, fail);
	/* Every file is compiled first, so that partials are found in whatever order they stand. */
	for (size_t i = 0; i < language->count && !err; i++)
		err = link_template(language, &language->templates[i], 0, fail);
out:
	free_entries(entries, count);
	return err;
}

enum err templates_load(
    const char *dir, const char *packaged, struct templates **out, struct fail *fail)
{
	struct templates *templates = calloc(1, sizeof(*templates));
	struct dirent **entries = NULL;
	enum err err = ERR_NONE;
	int count = 0;

	if (templates)
		templates->arena = arena_new(LOAD_MAX);
	if (!templates || !templates->arena) {
		err = fail_set(fail, ERR_SYSTEM, "template", "out of memory");
		goto out;
	}
	count = scandir(dir, &entries, may_be_language, alphasort);
	if (count < 0) {
		err = unreadable(dir, errno, fail);
		goto out;
	}
	/* One more than needed, so that an empty folder is not an allocation of nothing. */
	templates->languages =
	    arena_array(templates->arena, (size_t)count + 1, sizeof(struct language));
	/* Hardly ever one is used, and what is not zeroed takes no memory. */
	templates->borrowed = arena_room(templates->arena, BORROWED_MAX * sizeof(char *));
	if (!templates->languages || !templates->borrowed)
		err = too_large(fail, dir);
	if (packaged && strcmp(dir, packaged) == 0)
		packaged = NULL;
	for (int i = 0; i < count && !err; i++) {
		struct language *language = &templates->languages[templates->count];

		err = load_language(templates, dir, packaged, entries[i]->d_name, language, fail);
		templates->count += !err && language->name;
	}
	if (!err && templates->count == 0)
		err = fail_set(fail, ERR_CONFIG, "template", "%s: there is no language", dir);
	if (!err)
		*out = templates;
out:
	free_entries(entries, count);
	if (err)
		templates_free(templates);
	return err;
}

void templates_free(struct templates *templates)
{
	if (!templates)
		return;
	arena_free(templates->arena);
	free(templates);
}

static const struct language *find_language(const struct templates *templates, const char *name)
{
	for (size_t i = 0; i < templates->count; i++)
		if (strcmp(templates->languages[i].name, name) == 0)
			return &templates->languages[i];
	return NULL;
}

const struct template *template_find(
    const struct templates *templates, const char *language, const char *name)
{
	const struct language *found = find_language(templates, language);

	return found ? find_sibling(found, name, strlen(name)) : NULL;
}

enum err templates_need(const struct templates *templates, const char *dir, const char *language,
    const char *const *names, struct fail *fail)
{
	if (!find_language(templates, language))
		return fail_set(fail, ERR_CONFIG, "template",
		    "[site] language = %s: %s has no such folder", language, dir);
	for (; *names; names++)
		if (!template_find(templates, language, *names))
			return fail_set(
			    fail, ERR_CONFIG, "template", "%s/%s has no %s", dir, language, *names);
	return ERR_NONE;
}

const char *template_language(const struct templates *templates, size_t index)
{
	return index < templates->count ? templates->languages[index].name : NULL;
}

const char *template_message(
    const struct templates *templates, const char *language, const char *key)
{
	const struct language *found = find_language(templates, language);

	const char *text = found && found->catalogue ? catalogue_get(found->catalogue, key) : NULL;

	return text || !found || !found->packaged ? text : catalogue_get(found->packaged, key);
}

const char *templates_borrowed(const struct templates *templates, size_t index)
{
	return index < templates->borrowed_count ? templates->borrowed[index] : NULL;
}

/* Rendering. */

/* The item at hand, and what is around it. */
struct scope {
	const struct view *view;
	const struct scope *outer;
};

static const struct value *look_up(const struct scope *scope, const struct name *name)
{
	const struct value *value = NULL;

	for (; scope && !value; scope = scope->outer)
		value = scope->view ? view_get(scope->view, name) : NULL;
	return value;
}

static void render_value(
    const struct template *tpl, const struct step *step, const char *value, struct text *out)
{
	/* What is left of a URL component has nothing that HTML or JSON would escape. */
	if (step->kind == STEP_URL) {
		text_url(out, value);
		return;
	}
	switch (tpl->kind) {
	case KIND_NONE:
	case KIND_HTML:
		text_html(out, value);
		break;
	case KIND_JSON:
		text_json(out, value);
		break;
	case KIND_TXT:
		text_str(out, value);
		break;
	}
}

/* The steps from first up to end. */
static void render(const struct template *tpl, size_t first, size_t end, const struct scope *scope,
    struct text *out)
{
	for (size_t i = first; i < end && !text_overflowed(out); i++) {
		const struct step *step = &tpl->steps[i];
		const struct value *value;
		bool shown;

		switch (step->kind) {
		case STEP_LITERAL:
			text_raw(out, step->name.at, step->name.len);
			break;
		case STEP_VALUE:
		case STEP_URL:
			value = look_up(scope, &step->name);
			if (value && value->kind == VALUE_TEXT)
				render_value(tpl, step, value->text, out);
			break;
		case STEP_SECTION:
		case STEP_INVERTED:
			value = look_up(scope, &step->name);
			shown = value && (value->first || value->flag ||
					     (value->kind == VALUE_TEXT && value->text[0]));
			if (step->kind == STEP_SECTION && shown && value->kind == VALUE_LIST)
				for (const struct view *item = value->first; item;
				     item = view_next(item))
					render(tpl, i + 1, step->end, &(struct scope){item, scope},
					    out);
			else if (shown == (step->kind == STEP_SECTION))
				render(tpl, i + 1, step->end, scope, out);
			i = step->end - 1;
			break;
		case STEP_PARTIAL:
			render(step->partial, 0, step->partial->count, scope, out);
			break;
		}
	}
}

void template_render(const struct template *tpl, const struct view *view, struct text *out)
{
	render(tpl, 0, tpl->count, &(struct scope){view, NULL}, out);
}

const char *template_text(
    struct arena *arena, const struct template *tpl, const struct view *view, size_t max)
{
	struct text text;

	if (!tpl)
		return "";
	text = text_new(arena, max);
	template_render(tpl, view, &text);
	while (text.len && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	text_trim(arena, &text);
	return text.data;
}
