/* SPDX-License-Identifier: MIT */
/* export.c: everything that is kept of one person, as JSON */
#include "ctl/history.h"
#include "ctl/subject.h"
#include "desk/look.h"

static const struct column file_columns[] = {{"file", NULL}, {"id", NULL}, {"created", NULL}};

static struct json_object *files_json(struct ctl *ctl, const struct data_subject_file *files)
{
	struct table *table =
	    history_lead_table(ctl, file_columns, sizeof(file_columns) / sizeof(file_columns[0]));

	for (; files; files = files->next) {
		const struct lead *lead = &files->lead;
		char *id = arena_room(ctl->arena, UUID_TEXT);

		table_text(table, files->name);
		table_text(table, id ? uuid_format(&lead->booking, id) : NULL);
		table_time(table, lead->created_ms / 1000);
		for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
			table_text(table, lead_text_value(lead, i));
	}
	return table_json(table);
}

static int run(struct ctl *ctl)
{
	struct json_object *document = json_new(), *bookings = json_new_list();
	struct booking booking;
	struct history history;
	struct subject subject;
	int status;
	struct fail fail;
	enum err err;

	json_add(document, "bookings", bookings);
	if ((status = subject_find(ctl, &subject))) {
		json_give_back(document);
		return status;
	}
	for (size_t i = 0; i < subject.bookings.count; i++) {
		err = look_up(
		    &ctl->upstream, ctl->arena, &subject.bookings.bookings[i], &booking, &fail);
		/* A brief that is in the spool only. */
		if (err == ERR_NOT_FOUND)
			continue;
		if (!err)
			err = history_read(ctl, &booking, true, &history, &fail);
		if (err) {
			json_give_back(document);
			return ctl_fail(&fail);
		}
		json_add(bookings, NULL, history_json(&history));
	}
	json_add(document, "spool", files_json(ctl, subject.files.list));
	print_json(ctl->arena, document);
	if (subject_beside(ctl, &subject))
		ctl_say(CTL_DONE, "not among it: %s", subject_beside(ctl, &subject));
	if (subject.files.unread)
		ctl_say(CTL_DONE, "%u damaged file(s) of the spool may be about anybody",
		    subject.files.unread);
	return CTL_DONE;
}

const struct ctl_command ctl_export = {
    .name = "export",
    .words = "ID | E-MAIL",
    .help = "everything that is kept of one person, as JSON",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run,
};
