/* SPDX-License-Identifier: MIT */
/* log.h: one line an event, on stderr, for the journal */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

/* The syslog priorities in use; systemd reads them as a `<N>` prefix (sd-daemon(3)). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6
};

/*
 * Writes one line: `<6>event key=value …`. Control characters become '?'; a line is cut at 1000
 * bytes. No secrets, no personal data, no booking ids: a booking is named by log_hash(), and what
 * looks like an id, in the name of a file or elsewhere, is written as "xxxxxxxx-xxxx-…".
 */
void log_event(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a failure: `<3>what code=… where=… detail="…"`. */
void log_fail(enum log_level level, const char *what, const struct fail *fail);

/*
 * Looks whether stderr is the journal's (JOURNAL_STREAM, systemd.exec(5)): only then lines carry a
 * `<N>` prefix, which does not suit a person at a terminal.
 */
void log_open(void);

/* Until the next call every line ends in ` request=ID`; NULL: none does. The id is not copied. */
void log_request(const char *id);

#define LOG_HASH_TEXT 13
/* A short name for an id that is itself a key: the first 6 bytes of its hash in hex. Returns out.
 */
char *log_hash(const void *bytes, unsigned len, char out[LOG_HASH_TEXT]);

#endif
