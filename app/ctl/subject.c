/* SPDX-License-Identifier: MIT */
/* subject.c: whom an export or an erasure is about */
#include "ctl/subject.h"
#include "core/address.h"
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

const char *subject_beside(const struct ctl *ctl, const struct subject *subject)
{
	const char *ids = "";
	char id[UUID_TEXT];

	for (size_t i = 0; ids && i < subject->beside.count; i++)
		ids = arena_printf(
		    ctl->arena, "%s %s", ids, uuid_format(&subject->beside.bookings[i], id));
	return subject->beside.count
		   ? arena_printf(ctl->arena,
			 "what stands under another spelling of the address, or under another "
			 "address though a mail to this one is kept with it, to be named by its "
			 "id:%s",
			 ids)
		   : NULL;
}

/* As a brief reads it. What it would not take may be a row that was imported. */
static const char *read_address(struct ctl *ctl, const char *word)
{
	const char *address, *character;

	return address_read(ctl->arena, word, &address, &character) ? word : address;
}

static enum err find_by_email(
    struct ctl *ctl, const char *word, struct subject *subject, struct fail *fail)
{
	struct clickhouse *clickhouse = ctl->upstream.clickhouse;
	enum err err;

	subject->email = read_address(ctl, word);
	err = data_subject_find(clickhouse, ctl->arena, subject->email, &subject->bookings, fail);
	return err ? err
		   : data_subject_beside(clickhouse, ctl->arena, subject->email, &subject->bookings,
			 &subject->beside, fail);
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
		err = find_by_email(ctl, word, &subject, &fail);
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
	if (err == ERR_NOT_FOUND && subject.beside.count)
		return ctl_say(
		    CTL_NOT_FOUND, "%s, but %s", fail.detail, subject_beside(ctl, &subject));
	if (err)
		return ctl_fail(&fail);
	*out = subject;
	return CTL_DONE;
}
