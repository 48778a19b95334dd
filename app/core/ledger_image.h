/* SPDX-License-Identifier: MIT */
/* ledger_image.h: the replayed state as one stretch of bytes, and back */
#ifndef CORE_LEDGER_IMAGE_H
#define CORE_LEDGER_IMAGE_H

#include "core/ledger.h"

/*
 * An image is the state itself, for the same program on the same machine: nothing is converted. It
 * has room in between, so that a state made of it takes more entries without being copied, and
 * whoever maps it from a file has the pages in memory that are looked at.
 */

/* In bytes. */
size_t ledger_image_size(const struct ledger *ledger);

/* Writes the state into so many zeroed bytes, aligned for any type. Room is left zero. */
void ledger_image_write(const struct ledger *ledger, void *image);

/* What is in use of an image, in order; false past the last part. The rest is room. */
bool ledger_image_part(const void *image, size_t index, const void **data, size_t *len);

/*
 * A state that lives in these bytes and changes them; they are the caller's, and outlive it. NULL:
 * it is no image that this very version writes, or no memory. What the parts hold is not looked at:
 * an image is whole, or nobody may open it.
 */
struct ledger *ledger_image_open(void *image, size_t size);

#endif
