/* SPDX-License-Identifier: MIT */
/* subject.c: whom an export or an erasure is about */
#include "ctl/subject.h"
#include "desk/look.h"

#include <string.h>

/* The spool may know bookings that the table does not know yet. */
static enum err add_spool(struct ctl *ctl, struct subject *subject, struct fail *fail)
{
	struct data_subject_list *list = &subject->bookings;
	struct uuid *longer;
	size_t count = 0;
	enum err err = data_subject_spool(
	    ctl->conf->site.spool_dir, ctl->arena, list, subject->email, &subject->files, fail);

	if (err)
		return err;
	for (const struct data_subject_file *file = subject->files.list; file; file = file->next)
		count++;
	longer = arena_array(ctl->arena, list->count + count + 1, sizeof(*longer));
	if (!longer)
		return fail_set(fail, ERR_SYSTEM, "ctl", "no memory");
	if (list->count)
		memcpy(longer, list->bookings, list->count * sizeof(*longer));
	list->bookings = longer;
	for (const struct data_subject_file *file = subject->files.list; file; file = file->next)
		if (!data_subject_has(list, &file->lead.booking))
			list->bookings[list->count++] = file->lead.booking;
	return ERR_NONE;
}

int subject_find(struct ctl *ctl, struct subject *out)
{
	struct subject subject = {.bookings = {arena_array(ctl->arena, 1, sizeof(struct uuid)), 1}};
	const char *word = ctl->words[0];
	struct booking booking;
	struct fail fail;
	enum err err = ERR_NONE;

	if (!subject.bookings.bookings)
		return ctl_say(CTL_FAULT, "no memory");
	if (!uuid_parse(word, &subject.bookings.bookings[0])) {
		if (!strchr(word, '@'))
			return ctl_say(CTL_USAGE, "neither a booking's id nor an address");
		subject.email = word;
		err = data_subject_find(
		    ctl->upstream.clickhouse, ctl->arena, word, &subject.bookings, &fail);
	}
	if (!err)
		err = add_spool(ctl, &subject, &fail);
	if (!err && !subject.email && !subject.files.list)
		err = look_up(
		    &ctl->upstream, ctl->arena, &subject.bookings.bookings[0], &booking, &fail);
	if (!err && !subject.email && !subject.files.list && booking.is_block)
		err = fail_set(&fail, ERR_NOT_FOUND, "ctl", "this is a block, and about nobody");
	if (!err && !subject.bookings.count)
		err = fail_set(&fail, ERR_NOT_FOUND, "ctl", "nothing is kept under this address");
	if (err)
		return ctl_fail(&fail);
	*out = subject;
	return CTL_DONE;
}
