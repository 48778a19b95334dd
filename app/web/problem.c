/* SPDX-License-Identifier: MIT */
/* problem.c: what can stand in the way of what a client asked for */
#include "web/problem.h"

static const struct problem_kind kinds[PROBLEMS] = {
    [PROBLEM_ADDRESS] = {429, "address", 0, PLACE_OWN},
    [PROBLEM_BAD_REQUEST] = {400, "bad_request", 0, PLACE_OWN},
    [PROBLEM_CHANGES] = {409, "changes", 0, PLACE_BOOKING},
    [PROBLEM_CLIENT] = {429, "client", 0, PLACE_OWN},
    [PROBLEM_CLOSED] = {503, "closed", 60, PLACE_SCHEDULE},
    [PROBLEM_EMAIL] = {422, "input", 0, PLACE_BOOKING},
    [PROBLEM_ERASED] = {410, "erased", 0, PLACE_OWN},
    [PROBLEM_FOREIGN] = {403, "foreign", 0, PLACE_FORM},
    [PROBLEM_FOREIGN_CHANGE] = {403, "foreign", 0, PLACE_BOOKING},
    [PROBLEM_FULL] = {503, "full", 600, PLACE_FORM},
    [PROBLEM_GONE] = {409, "gone", 0, PLACE_SCHEDULE},
    [PROBLEM_INPUT] = {422, "input", 0, PLACE_FORM},
    [PROBLEM_INTERNAL] = {500, "internal", 0, PLACE_OWN},
    [PROBLEM_KEY] = {401, "key", 0, PLACE_OWN},
    [PROBLEM_LEDGER] = {503, "ledger", 300, PLACE_OWN},
    [PROBLEM_LINK] = {400, "link", 0, PLACE_OWN},
    [PROBLEM_METHOD] = {405, "method", 0, PLACE_OWN},
    [PROBLEM_NOT_BOOKED] = {409, "not_booked", 0, PLACE_BOOKING},
    [PROBLEM_NOT_FOUND] = {404, "not_found", 0, PLACE_OWN},
    [PROBLEM_NOT_OFFERED] = {422, "not_offered", 0, PLACE_SCHEDULE},
    [PROBLEM_NO_CALL] = {404, "no_call", 0, PLACE_BOOKING},
    [PROBLEM_NO_PAGE] = {404, "no_page", 0, PLACE_OWN},
    [PROBLEM_OVER] = {200, "too_late", 0, PLACE_BOOKING},
    [PROBLEM_OVERTAKEN] = {409, "overtaken", 0, PLACE_BOOKING},
    [PROBLEM_ROBOT] = {422, "robot", 0, PLACE_FORM},
    [PROBLEM_TOKEN] = {422, "token", 0, PLACE_FORM},
    [PROBLEM_TOO_LARGE] = {413, "too_large", 0, PLACE_OWN},
    [PROBLEM_TOO_LATE] = {409, "too_late", 0, PLACE_BOOKING},
    [PROBLEM_TRAP] = {422, "trap", 0, PLACE_FORM},
    [PROBLEM_TYPE] = {415, "type", 0, PLACE_OWN},
    [PROBLEM_UNAVAILABLE] = {503, "unavailable", 30, PLACE_OWN},
    [PROBLEM_UNCONFIRMED] = {503, "unconfirmed", 30, PLACE_OWN},
    [PROBLEM_UNSAVED] = {503, "unsaved", 0, PLACE_FORM},
    [PROBLEM_VERSION] = {409, "version", 0, PLACE_BOOKING},
    [PROBLEM_VERSION_NEEDED] = {428, "version_needed", 0, PLACE_BOOKING},
    [PROBLEM_WAITED] = {503, "waited", 10, PLACE_OWN},
    [PROBLEM_ZONE] = {400, "zone", 0, PLACE_OWN},
};

const struct problem_kind *problem_kind(enum problem problem)
{
	return &kinds[problem];
}

enum problem problem_of(enum err err)
{
	switch (err) {
	case ERR_NONE:
		return PROBLEM_NONE;
	case ERR_INPUT:
		return PROBLEM_BAD_REQUEST;
	case ERR_NOT_FOUND:
		return PROBLEM_NOT_FOUND;
	case ERR_TOO_LARGE:
		return PROBLEM_TOO_LARGE;
	case ERR_TYPE:
		return PROBLEM_TYPE;
	case ERR_UNREACHABLE:
	case ERR_UNSURE:
	case ERR_BUSY:
	case ERR_REFUSED:
	case ERR_AUTH:
	case ERR_SCHEMA:
	case ERR_GARBLED:
	case ERR_STOPPING:
		return PROBLEM_UNAVAILABLE;
	case ERR_LEDGER:
		return PROBLEM_LEDGER;
	case ERR_CONFIG:
	case ERR_SYSTEM:
	case ERR_GRANT:
		break;
	}
	return PROBLEM_INTERNAL;
}
