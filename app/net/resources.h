/* SPDX-License-Identifier: MIT */
/* resources.h: what a WebDAV server says of several resources, read apart */
#ifndef NET_RESOURCES_H
#define NET_RESOURCES_H

#include "read/multistatus.h"

/* multistatus_read() by slotguard-reader (base/apart.h), and its failures. */
enum err resources_read(struct arena *arena, const char *text, size_t len,
    struct dav_resource **out, struct fail *fail) MUST_CHECK;

#endif
