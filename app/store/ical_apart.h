/* SPDX-License-Identifier: MIT */
/* ical_apart.h: a calendar's file is read in a process of its own */
#ifndef STORE_ICAL_APART_H
#define STORE_ICAL_APART_H

#include "store/ical_busy.h"

/*
 * ical_busy_read() in a child, since anybody's invitation stands in such a file and one rule may
 * keep libical busy for hours. ERR_GARBLED, too: it was not done within limit_ms, or the child
 * died. ERR_SYSTEM: there is no child to be had.
 */
enum err ical_busy_read_apart(struct arena *arena, char *text, const struct ical_question *question,
    int64_t limit_ms, struct busy_list *out, struct fail *fail) MUST_CHECK;

#endif
