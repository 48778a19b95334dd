/* SPDX-License-Identifier: MIT */
/* subject.h: whom an export or an erasure is about */
#ifndef CTL_SUBJECT_H
#define CTL_SUBJECT_H

#include "ctl/ctl.h"
#include "store/data_subject.h"

struct subject {
	const char *email; /* NULL: asked for by a booking's id */
	struct data_subject_list bookings;
	struct data_subject_list beside; /* left, though they may be the person's: they are said */
	struct data_subject_files
	    files; /* of this machine's spool; their bookings are on the list */
};

/*
 * The first argument is a booking's id, or an e-mail address and means every booking of it.
 * CTL_DONE: there is at least one; else the status of the program, and it was said why.
 */
int subject_find(struct ctl *ctl, struct subject *out);

/* What is said of the bookings beside; NULL: there are none. */
const char *subject_beside(const struct ctl *ctl, const struct subject *subject);

#endif
