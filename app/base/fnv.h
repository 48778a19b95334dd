/* SPDX-License-Identifier: MIT */
/* fnv.h: a short name for bytes that nobody chose in order to have the same as others (FNV-1a, 64
 * bits) */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BASIS UINT64_C(14695981039346656037)

/* What a hash becomes with these bytes behind those that it is of; FNV_BASIS is that of none. */
static inline uint64_t fnv_add(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * UINT64_C(1099511628211);
	return hash;
}

#endif
