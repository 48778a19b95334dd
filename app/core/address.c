/* SPDX-License-Identifier: MIT */
/* address.c: e-mail addresses, as people type and paste them and as they are compared */
#include "core/address.h"
#include "base/text.h"
#include "core/plain.h"

#include <idn2.h>
#include <string.h>

#define LOCAL_MAX 64
#define LABEL_MAX 63
#define ATOM_SIGNS "!#$%&'*+/=?^_`{|}~-"

static bool is_local(char c)
{
	return ascii_is_alphanumeric(c) || c == '.' || (c && strchr(ATOM_SIGNS, c));
}

static bool is_domain(char c)
{
	return ascii_is_alphanumeric(c) || c == '.' || c == '-';
}

bool address_is_valid(const char *address)
{
	const char *at = strchr(address, '@');
	bool has_dot = false, is_number;

	if (!at || at == address || at - address > LOCAL_MAX || strlen(address) > ADDRESS_MAX)
		return false;
	for (const char *c = address; c < at; c++)
		if (!is_local(*c) || (*c == '.' && (c == address || c[1] == '.' || c[1] == '@')))
			return false;
	for (const char *label = at + 1;; has_dot = true) {
		size_t len = strcspn(label, ".");

		if (len == 0 || len > LABEL_MAX || !ascii_is_alphanumeric(label[0]) ||
		    !ascii_is_alphanumeric(label[len - 1]))
			return false;
		is_number = true;
		for (size_t i = 0; i < len; i++) {
			if (!is_domain(label[i]))
				return false;
			is_number = is_number && label[i] >= '0' && label[i] <= '9';
		}
		/* What ends in a number is an address of the network's, or a slip. */
		if (!label[len])
			return has_dot && !is_number;
		label += len + 1;
	}
}

/* What a code point is in an address: itself, a plain one that looks like it, ' ' for any blank, or
 * 0 for what shows nothing. */
static uint32_t plain_sign(uint32_t code)
{
	enum plain_kind kind = plain_kind(code);

	if (kind == PLAIN_BLANK || kind == PLAIN_BREAK)
		return ' ';
	if (plain_is_unseen(code))
		return 0;
	if (code == 0x3002 || code == 0xff61) /* the ideographic full stop */
		return '.';
	if (code == 0xfe6b) /* the small at sign */
		return '@';
	return code >= 0xff01 && code <= 0xff5e ? code - 0xff01 + '!' : code;
}

/* A copy with plain signs, and blanks only where they stand between words. What is no character is
 * one that no address has. */
static char *with_plain_signs(struct arena *arena, const char *typed)
{
	const char *text = utf8_mended(arena, typed, strlen(typed));
	size_t left = text ? strlen(text) : 0;
	struct text out = text_new(arena, left);
	bool is_after_blank = false;
	uint32_t code = 0;

	if (!text)
		return NULL;
	for (size_t step; (step = utf8_next(text, left, &code)) > 0; text += step, left -= step) {
		uint32_t sign = plain_sign(code);

		if (sign == ' ')
			is_after_blank = true;
		if (!sign || sign == ' ')
			continue;
		if (is_after_blank && out.len && !strchr("@.", out.data[out.len - 1]) &&
		    sign != '@' && sign != '.')
			text_str(&out, " ");
		is_after_blank = false;
		if (sign == code)
			text_raw(&out, text, step);
		else
			text_raw(&out, (const char[]){(char)sign}, 1);
	}
	text_trim(arena, &out);
	return text_overflowed(&out) ? NULL : out.data;
}

/* Cuts what people and programs put around an address: a name, brackets, a scheme, quotes, stops.
 */
static char *unwrapped(char *text)
{
	static const char *const around[] = {"\"", "'", "“", "”", "‘", "’", "«", "»", "„", "‹", "›",
	    "「", "」", "…", "、", "(", ")", "[", "]", "<", ">", ",", ";", ":", ".", " ", NULL};
	char *open = strrchr(text, '<'), *close;
	bool did_cut = true;

	if (open && strchr(open, '@')) {
		text = open + 1;
		close = strchr(text, '>');
		if (close)
			*close = '\0';
	}
	while (did_cut) {
		did_cut = false;
		for (int i = 0; around[i]; i++) {
			size_t len = strlen(text), width = strlen(around[i]);

			/* A stop in front is told: what follows it may be half an address. */
			if (len >= width && strncmp(text, around[i], width) == 0 && *text != '.') {
				text += width;
				did_cut = true;
			} else if (len >= width && strcmp(text + len - width, around[i]) == 0) {
				text[len - width] = '\0';
				did_cut = true;
			}
		}
		if (strncasecmp(text, "mailto:", 7) == 0) {
			text += 7;
			text += strspn(text, "/");
			text[strcspn(text, "?")] = '\0';
			did_cut = true;
		}
	}
	return text;
}

/* The first character of a part that is none of its own; NULL: there is none. */
static const char *odd_one(
    struct arena *arena, const char *part, bool (*is_own)(char), bool is_ascii)
{
	uint32_t code = 0;
	size_t step;

	for (; *part; part += step) {
		step = utf8_next(part, strlen(part), &code);
		if (!step || (code < 0x80 ? !is_own((char)code) : is_ascii))
			return arena_strn(arena, part, step ? step : 1);
	}
	return NULL;
}

/* A label as the DNS has it; NULL: it is none. */
static const char *encoded(struct arena *arena, const char *label)
{
	char *found = NULL;
	const char *copy = NULL;

	if (idn2_lookup_u8((const uint8_t *)label, (uint8_t **)&found,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
		copy = arena_str(arena, found);
	idn2_free(found);
	return copy;
}

/* The first character that no label could have; NULL: each alone could stand in one. */
static const char *unencodable(struct arena *arena, const char *label)
{
	uint32_t code = 0;
	size_t step;

	for (; *label && (step = utf8_next(label, strlen(label), &code)); label += step) {
		const char *one = arena_strn(arena, label, step);

		if (one && code >= 0x80 && !encoded(arena, arena_printf(arena, "a%sa", one)))
			return one;
	}
	return NULL;
}

/* The domain as the DNS has it; NULL: it is none, and *character may be why. What is encoded
 * already is looked at, too, as what it stands for. */
static const char *domain_read(struct arena *arena, char *domain, const char **character)
{
	struct text out = text_new(arena, strlen(domain) + (strlen(domain) + 1) * LABEL_MAX);
	char *label = domain;
	size_t len;

	for (bool is_last = false; !is_last; label += len + 1) {
		const char *read = label;

		len = strcspn(label, ".");
		is_last = !label[len];
		label[len] = '\0';
		if (odd_one(arena, label, is_domain, true) || strncasecmp(label, "xn--", 4) == 0)
			read = encoded(arena, label);
		if (!read)
			*character = unencodable(arena, label);
		text_str(&out, read ? read : "");
		text_str(&out, is_last ? "" : ".");
		label[len] = is_last ? '\0' : '.';
		if (!read)
			return NULL;
	}
	text_trim(arena, &out);
	return text_overflowed(&out) ? NULL : out.data;
}

enum address_fault address_read(
    struct arena *arena, const char *text, const char **out, const char **character)
{
	char *plain = with_plain_signs(arena, text), *at;
	const char *domain = NULL, *found = NULL;

	*out = "";
	*character = NULL;
	if (!plain)
		return ADDRESS_INVALID;
	*out = plain = unwrapped(plain);
	at = strrchr(plain, '@');
	if (!at || strchr(plain, '@') != at)
		return ADDRESS_INVALID;
	/* Whatever it stands for. */
	if (strlen(plain) > 4 * ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	*at = '\0';
	*character = odd_one(arena, plain, is_local, true);
	if (!*character)
		*character = odd_one(arena, at + 1, is_domain, false);
	if (!*character)
		domain = domain_read(arena, at + 1, character);
	if (domain)
		found = arena_printf(arena, "%s@%s", plain, domain);
	*at = '@';
	if (*character)
		return ADDRESS_CHARACTER;
	if (found && strlen(found) > ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	if (!found || !address_is_valid(found))
		return ADDRESS_INVALID;
	*out = found;
	return ADDRESS_FINE;
}

const char *address_normal(struct arena *arena, const char *address)
{
	char *copy = arena_str(arena, address), *at, *plus;

	if (!copy)
		return "";
	for (char *c = copy; *c; c++)
		*c = ascii_lower(*c);
	at = strrchr(copy, '@');
	plus = strchr(copy, '+');
	if (at && plus && plus < at && plus > copy)
		memmove(plus, at, strlen(at) + 1);
	return copy;
}
