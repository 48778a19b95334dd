/* SPDX-License-Identifier: MIT */
/* language.h: which of our languages a reader gets */
#ifndef CORE_LANGUAGE_H
#define CORE_LANGUAGE_H

#include <stddef.h>

/*
 * The language that an Accept-Language header (RFC 9110, section 12.5.4) likes best among those
 * that there are, by lookup (RFC 4647, section 3.4): "es-MX" is served by "es-MX", else by "es". Of
 * equal weights the first in the header counts. A header that cannot be read is read as far as it
 * can be. NULL: it names none of them; "*" names none, so that the default counts.
 */
const char *language_choose(const char *accept, const char *const *available, size_t count);

#endif
