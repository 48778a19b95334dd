/* SPDX-License-Identifier: MIT */
/* server_settings.h: what each query says itself, so that no settings profile says it otherwise */
#ifndef STORE_SERVER_SETTINGS_H
#define STORE_SERVER_SETTINGS_H

#include "base/text.h"

#include <stdint.h>

enum statement {
	STATEMENT_READ = 1,   /* SELECT */
	STATEMENT_ROWS = 2,   /* INSERT with its rows in the request's body */
	STATEMENT_CHANGE = 4, /* any other */
};

enum statement statement_of(const char *sql, bool has_rows);

/*
 * Appends "&name=value" for every setting that could change what a statement of this kind reads or
 * writes. Some are newer than the oldest server that serves, which would refuse them as unknown:
 * those are sent that stand in known, the names that the server told.
 */
void server_settings_write(struct text *url, enum statement statement, uint64_t known);

/* The names to ask such a server for, as the inside of SQL's IN (), and what it answered: names
 * with commas between them. */
const char *server_settings_asked(void);
uint64_t server_settings_known(const char *names);

#endif
