/* SPDX-License-Identifier: MIT */
/* address.h: e-mail addresses, as people type and paste them and as they are compared */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include "base/arena.h"

#include <stdbool.h>

#define ADDRESS_MAX 254 /* bytes (RFC 5321, section 4.5.3.1) */

enum address_fault {
	ADDRESS_FINE,
	ADDRESS_TOO_LONG,
	ADDRESS_INVALID,   /* it does not look like an address */
	ADDRESS_CHARACTER, /* it has a character that no address has, or none that can be reached */
};

/*
 * Reads an address out of what was typed or pasted: what shows nothing and blanks around it and its
 * signs go; "mailto:", "Jane <jane@example.com>", quotes, and a stop or comma behind it are taken
 * off; full-width letters and signs become plain ones; a domain with other letters than ASCII
 * becomes what the DNS has (IDNA2008, RFC 5891, with the mapping of UTS 46).
 *
 * *out is never NULL: the address, or, with a fault, the text tidied. *character, of
 * ADDRESS_CHARACTER, is the character that cannot be used, in UTF-8. Both live in the arena; after
 * an overflow *out is "" and the address invalid.
 */
enum address_fault address_read(
    struct arena *arena, const char *text, const char **out, const char **character);

/*
 * Whether this is an address as it is sent to: a dot-atom (RFC 5322, section 3.2.3) of at most 64
 * bytes, and a domain of ASCII labels (RFC 1035, section 2.3.1) with a dot in it.
 */
bool address_is_valid(const char *address);

/*
 * By what the addresses of one person are compared: ASCII letters in small, and without a
 * sub-address, which is what stands behind "+" (RFC 5233). In the arena; "" after an overflow.
 */
const char *address_normal(struct arena *arena, const char *address);

#endif
