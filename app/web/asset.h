/* SPDX-License-Identifier: MIT */
/* asset.h: the stylesheet with the business's colour, and its images */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include "base/conf.h"
#include "base/err.h"
#include "web/problem.h"

#include <stddef.h>

struct arena;
struct visit;

#define ASSET_FOLDER "/static/"

/* A file whose name has a hash of its content, so that it may be kept for as long as one likes. */
struct asset {
	const char *path; /* "/static/style-0123456789abcdef.css"; NULL: there is none */
	const char *type; /* media type */
	const char *bytes;
	size_t len;
};

/* They live as long as the program. */
struct assets {
	struct asset style, logo, photo;
};

/*
 * Reads TEMPLATES/static/style.css, adds the accent's colours, and reads the images of the
 * configuration. ERR_CONFIG: a file that is not there or too large, or an image of another kind.
 */
enum err assets_load(
    const struct conf *conf, struct arena *arena, struct assets *out, struct fail *fail) MUST_CHECK;

enum problem asset_show(struct visit *visit); /* GET /static/… */

#endif
