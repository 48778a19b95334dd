/* SPDX-License-Identifier: MIT */
/* err.h: what can go wrong, and how it is told to the caller */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * One code for each outcome that some caller treats differently. A function that can fail for more
 * than one reason returns it; 0 is success and outputs are written only then.
 */
enum err {
	ERR_NONE = 0,
	ERR_INPUT,     /* the client's input cannot be parsed, or is out of its bounds */
	ERR_NOT_FOUND, /* well-formed, but there is no such thing */
	ERR_TOO_LARGE, /* over a stated bound */
	ERR_TYPE,      /* the client's input is of a type that is not taken */
	ERR_CONFIG, /* the configuration, a secret or a template is wrong: the operator's to mend */
	ERR_SYSTEM, /* this machine refused: memory, disk, descriptors */
	ERR_UNREACHABLE, /* an outside service could not be reached, and did not get the request */
	ERR_UNSURE,	 /* the request was sent and its outcome is not known */
	ERR_BUSY,	 /* an outside service asks to come back later (429, 5xx, rate limits) */
	ERR_REFUSED,	 /* an outside service refuses for good */
	ERR_AUTH,  /* an outside service takes nothing of ours until the operator mends something */
	ERR_GRANT, /* Google's invalid_grant: the refresh token is dead until a person renews it */
	ERR_GARBLED,  /* an outside service's answer cannot be understood */
	ERR_SCHEMA,   /* the database's schema is older or newer than this program */
	ERR_LEDGER,   /* the ledger is not the one that was being read, or is damaged */
	ERR_STOPPING, /* SIGTERM arrived while waiting */
};

/* Filled by whoever detects the failure, logged once by whoever handles the request. */
struct fail {
	enum err code;
	char where[24];	  /* the module: "clickhouse", "calendar", "conf" */
	char detail[480]; /* a sentence without secrets, personal data or booking ids */
};

/* Fills fail (which may be NULL) and returns code, so that a caller can `return fail_set(...)`. */
enum err fail_set(struct fail *fail, enum err code, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The code's name in the log and in metrics: "unreachable". Never NULL. */
const char *err_name(enum err code);

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
