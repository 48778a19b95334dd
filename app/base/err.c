/* SPDX-License-Identifier: MIT */
/* err.c: error codes and the sentence that goes with them */
#include "base/err.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

enum err fail_set(struct fail *fail, enum err code, const char *where, const char *fmt, ...)
{
	va_list ap;

	if (!fail)
		return code;
	fail->code = code;
	snprintf(fail->where, sizeof(fail->where), "%s", where);
	va_start(ap, fmt);
	vsnprintf(fail->detail, sizeof(fail->detail), fmt, ap);
	va_end(ap);
	/* It may be what a service says, or a part of it. */
	utf8_tame(fail->detail);
	return code;
}

const char *err_name(enum err code)
{
	switch (code) {
	case ERR_NONE:
		return "none";
	case ERR_INPUT:
		return "input";
	case ERR_NOT_FOUND:
		return "not_found";
	case ERR_TOO_LARGE:
		return "too_large";
	case ERR_TYPE:
		return "type";
	case ERR_CONFIG:
		return "config";
	case ERR_SYSTEM:
		return "system";
	case ERR_UNREACHABLE:
		return "unreachable";
	case ERR_UNSURE:
		return "unsure";
	case ERR_BUSY:
		return "busy";
	case ERR_REFUSED:
		return "refused";
	case ERR_AUTH:
		return "auth";
	case ERR_GRANT:
		return "invalid_grant";
	case ERR_GARBLED:
		return "garbled";
	case ERR_SCHEMA:
		return "schema";
	case ERR_LEDGER:
		return "ledger";
	case ERR_STOPPING:
		return "stopping";
	}
	return "unknown";
}
