/* SPDX-License-Identifier: MIT */
/* finding.c: what check found, a line or an object each */
#include "ctl/finding.h"
#include "core/plain.h"

#include <stdio.h>
#include <string.h>

void finding_say(struct checking *checking, const char *state, const char *part, const char *what,
    const char *advice)
{
	struct json_object *found;

	what = plain_line(checking->ctl->arena, what, strlen(what));
	if (!checking->list) {
		printf("%-5s %-12s %s%s%s\n", state, part, what, advice ? "; " : "",
		    advice ? advice : "");
		return;
	}
	found = json_new();
	json_add_text(found, "part", part);
	json_add_text(found, "state", state);
	json_add_text(found, "detail", what);
	json_add_text(found, "advice", advice);
	json_add(checking->list, NULL, found);
}

void finding_well(struct checking *checking, const char *part, const char *what)
{
	finding_say(checking, "ok", part, what, NULL);
}

void finding_off(struct checking *checking, const char *part, const char *what)
{
	finding_say(checking, "off", part, what, NULL);
}

void finding_fault(
    struct checking *checking, const char *part, const struct fail *fail, const char *advice)
{
	finding_say(checking, "FAULT", part, fail->detail, advice);
	checking->faults++;
}

/* The sentences are our own: "status 429", and Google's reasons. */
static bool is_limited(const struct fail *fail)
{
	return fail->code == ERR_BUSY &&
	       (strstr(fail->detail, " 429") || strstr(fail->detail, "Exceeded"));
}

void finding_judged(
    struct checking *checking, const char *part, const struct fail *fail, const char *advice)
{
	if (is_limited(fail))
		finding_say(checking, "note", part, fail->detail,
		    "it is throttled, and whether all is well was not seen: the programs wait and "
		    "ask again; where this stays, a quota is used up");
	else
		finding_fault(checking, part, fail, advice);
}
