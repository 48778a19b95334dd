/* SPDX-License-Identifier: MIT */
/* finding.h: what check found, a line or an object each */
#ifndef CTL_FINDING_H
#define CTL_FINDING_H

#include "ctl/ctl.h"
#include "net/json.h"

struct checking {
	struct ctl *ctl;
	struct json_object *list; /* with --json, what was found */
	unsigned faults;
	unsigned pools; /* that answer */
};

/* state: "ok", "off", "note" or "FAULT"; advice NULL: none. */
void finding_say(struct checking *checking, const char *state, const char *part, const char *what,
    const char *advice);
void finding_well(struct checking *checking, const char *part, const char *what);
void finding_off(struct checking *checking, const char *part, const char *what);
void finding_fault(
    struct checking *checking, const char *part, const struct fail *fail, const char *advice);
/* A fault, unless the service only says that it was asked too often. */
void finding_judged(
    struct checking *checking, const char *part, const struct fail *fail, const char *advice);

#endif
