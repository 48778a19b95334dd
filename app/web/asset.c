/* SPDX-License-Identifier: MIT */
/* asset.c: the stylesheet with the business's colour, and its images */
#include "web/asset.h"
#include "base/file.h"
#include "core/colour.h"
#include "web/visit.h"

#include <sodium.h>
#include <string.h>

#define STYLE_MAX ((size_t)64 * 1024)
#define IMAGE_MAX ((size_t)64 * 1024)
#define HASH_BYTES 8
#define YEAR "public, max-age=31536000, immutable"

/* The stylesheet's backgrounds: the page's and a card's. The accent is read on both, and on a tint
 * of itself. */
static const struct grounds {
	struct colour page, card;
} day = {{255, 255, 255}, {245, 246, 248}}, night = {{20, 23, 28}, {30, 35, 42}};

static const char *hashed_name(
    struct arena *arena, const char *stem, const char *bytes, size_t len, const char *ending)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char text[2 * HASH_BYTES + 1];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes, len, NULL, 0);
	sodium_bin2hex(text, sizeof(text), hash, HASH_BYTES);
	return arena_printf(arena, ASSET_FOLDER "%s-%s%s", stem, text, ending);
}

/* The accent as text and under text. */
static const char *accent_rule(
    struct arena *arena, struct colour accent, const struct grounds *grounds)
{
	struct colour readable = colour_readable(accent, grounds->page);
	struct colour tinted = colour_mix(readable, grounds->page, 8);
	char colour[COLOUR_TEXT], on[COLOUR_TEXT], tint[COLOUR_TEXT];

	/* Each step goes further from the background and spoils nothing of the one before. */
	readable = colour_readable(colour_readable(readable, grounds->card), tinted);
	return arena_printf(arena, ":root{--accent:%s;--on-accent:%s;--tint:%s}",
	    colour_format(readable, colour), colour_format(colour_on(readable), on),
	    colour_format(tinted, tint));
}

static enum err load_style(
    const struct conf *conf, struct arena *arena, struct asset *out, struct fail *fail)
{
	const char *path = arena_printf(arena, "%s/static/style.css", conf->site.templates);
	const char *light, *dark, *whole;
	struct colour accent;
	char *sheet;
	size_t len;

	if (!path || file_read(path, STYLE_MAX, arena, &sheet, &len, fail))
		return fail_set(fail, ERR_CONFIG, "asset",
		    "%s/static/style.css cannot be read, or is larger than %zu bytes",
		    conf->site.templates, STYLE_MAX);
	colour_parse(conf->site.accent, &accent);
	light = accent_rule(arena, accent, &day);
	dark = accent_rule(arena, accent, &night);
	whole = arena_printf(arena, "%s%s\n@media (prefers-color-scheme: dark){%s}\n", sheet,
	    light ? light : "", dark ? dark : "");
	if (!whole)
		return fail_set(fail, ERR_SYSTEM, "asset", "no memory");
	len = strlen(whole);
	*out = (struct asset){
	    hashed_name(arena, "style", whole, len, ".css"), "text/css; charset=utf-8", whole, len};
	return ERR_NONE;
}

static enum err load_image(const struct conf *conf, const char *path, const char *name,
    struct arena *arena, struct asset *out, struct fail *fail)
{
	static const struct {
		const char *ending, *type;
	} kinds[] = {
	    {".svg", "image/svg+xml"},
	    {".png", "image/png"},
	    {".webp", "image/webp"},
	    {".jpg", "image/jpeg"},
	    {".jpeg", "image/jpeg"},
	};
	const char *ending = strrchr(path, '.');
	struct fail why;
	size_t len;
	char *bytes;

	if (!*path)
		return ERR_NONE;
	for (size_t i = 0; ending && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(ending, kinds[i].ending) != 0)
			continue;
		if (file_read(path, IMAGE_MAX, arena, &bytes, &len, &why))
			return conf_blame(conf, "site", name, &why, fail);
		*out = (struct asset){
		    hashed_name(arena, name, bytes, len, ending), kinds[i].type, bytes, len};
		return ERR_NONE;
	}
	fail_set(&why, ERR_CONFIG, "asset", "%s is no .svg, .png, .webp or .jpg", path);
	return conf_blame(conf, "site", name, &why, fail);
}

enum err assets_load(
    const struct conf *conf, struct arena *arena, struct assets *out, struct fail *fail)
{
	enum err err;

	*out = (struct assets){0};
	if ((err = load_style(conf, arena, &out->style, fail)) ||
	    (err = load_image(conf, conf->site.logo, "logo", arena, &out->logo, fail)) ||
	    (err = load_image(conf, conf->site.photo, "photo", arena, &out->photo, fail)))
		return err;
	if (!arena_overflowed(arena))
		return ERR_NONE;
	return fail_set(fail, ERR_SYSTEM, "asset", "no memory");
}

/*
 * A page of an older or newer worker, before or after an upgrade, asks for another hash: it gets
 * what there is, and keeps it for no longer than this once.
 */
enum problem asset_show(struct visit *visit)
{
	const struct assets *assets = &visit->app->assets;
	const struct asset *const all[] = {&assets->style, &assets->logo, &assets->photo};
	const char *path = visit->request->path;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *dash = all[i]->path ? strchr(all[i]->path, '-') : NULL;

		if (!dash || strncmp(path, all[i]->path, (size_t)(dash - all[i]->path) + 1) != 0)
			continue;
		*visit->reply = (struct reply){
		    .status = 200,
		    .type = all[i]->type,
		    .cache = strcmp(path, all[i]->path) == 0 ? YEAR : NULL,
		    .body = all[i]->bytes,
		    .body_len = all[i]->len,
		};
		return PROBLEM_NONE;
	}
	return PROBLEM_NO_PAGE;
}
