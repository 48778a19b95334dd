/* SPDX-License-Identifier: MIT */
/* conf_file.h: reading slotguard.conf */
#ifndef BASE_CONF_FILE_H
#define BASE_CONF_FILE_H

#include "base/conf.h"

/* Reads conf->path into the rest of a new conf, which is conf_free()'s to free in either case.
 * ERR_CONFIG: as of conf_load_bare(). */
enum err conf_file_read(struct conf *conf, struct fail *fail) MUST_CHECK;

#endif
