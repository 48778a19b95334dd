/* SPDX-License-Identifier: MIT */
/* entry_row.c: an entry as a row of the table `ledger` */
#include "store/entry_row.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

static bool parse_time(const char *field, int64_t *out)
{
	return num_i64(field, 0, UINT32_MAX, out);
}

bool entry_row_parse(char *const *fields, struct entry *entry)
{
	uint64_t max_changes;

	*entry = (struct entry){0};
	if (!uuid_parse(fields[ENTRY_ROW_id], &entry->id) ||
	    !entry_kind_parse(fields[ENTRY_ROW_kind], &entry->kind) ||
	    !uuid_parse(fields[ENTRY_ROW_booking_id], &entry->booking) ||
	    !num_u64(fields[ENTRY_ROW_version], 0, UINT64_MAX, &entry->version) ||
	    strlen(fields[ENTRY_ROW_host]) >= sizeof(entry->owner) ||
	    !parse_time(fields[ENTRY_ROW_call_start], &entry->call.start) ||
	    !parse_time(fields[ENTRY_ROW_call_end], &entry->call.end) ||
	    !parse_time(fields[ENTRY_ROW_taken_start], &entry->taken.start) ||
	    !parse_time(fields[ENTRY_ROW_taken_end], &entry->taken.end) ||
	    !calendar_check_parse(fields[ENTRY_ROW_calendar], &entry->calendar) ||
	    !entry_read_caps(entry, fields[ENTRY_ROW_caps]) ||
	    !entry_read_tags(entry, fields[ENTRY_ROW_tags]) ||
	    !entry_set_meeting(entry, fields[ENTRY_ROW_meeting]) ||
	    !num_u64(fields[ENTRY_ROW_max_changes], 0, UINT32_MAX, &max_changes) ||
	    !actor_parse(fields[ENTRY_ROW_actor], &entry->actor))
		return false;
	entry_set_owner(entry, fields[ENTRY_ROW_host]);
	entry->max_changes = (uint32_t)max_changes;
	entry->calendars = fields[ENTRY_ROW_calendars];
	return true;
}

static void write_column(struct text *row, enum entry_row_place place, const struct entry *entry)
{
	char id[UUID_TEXT];

	switch (place) {
	case ENTRY_ROW_id:
		text_str(row, uuid_format(&entry->id, id));
		break;
	case ENTRY_ROW_kind:
		text_str(row, entry_kind_name(entry->kind));
		break;
	case ENTRY_ROW_booking_id:
		text_str(row, uuid_format(&entry->booking, id));
		break;
	case ENTRY_ROW_version:
		text_printf(row, "%" PRIu64, entry->version);
		break;
	case ENTRY_ROW_host:
		text_tsv(row, entry->owner);
		break;
	/* Ten digits: a DateTime field of fewer could be read as something else. */
	case ENTRY_ROW_call_start:
		text_printf(row, "%010" PRId64, entry->call.start);
		break;
	case ENTRY_ROW_call_end:
		text_printf(row, "%010" PRId64, entry->call.end);
		break;
	case ENTRY_ROW_taken_start:
		text_printf(row, "%010" PRId64, entry->taken.start);
		break;
	case ENTRY_ROW_taken_end:
		text_printf(row, "%010" PRId64, entry->taken.end);
		break;
	case ENTRY_ROW_calendar:
		text_str(row, calendar_check_name(entry->calendar));
		break;
	case ENTRY_ROW_caps:
		entry_write_caps(row, entry);
		break;
	case ENTRY_ROW_tags:
		entry_write_tags(row, entry);
		break;
	case ENTRY_ROW_meeting:
		text_str(row, entry->meeting);
		break;
	case ENTRY_ROW_max_changes:
		text_printf(row, "%" PRIu32, entry->max_changes);
		break;
	case ENTRY_ROW_actor:
		text_str(row, actor_name(entry->actor));
		break;
	case ENTRY_ROW_calendars:
		text_str(row, entry->calendars ? entry->calendars : "");
		break;
	case ENTRY_ROW_FIELDS:
		break;
	}
}

void entry_row_write(struct text *row, const struct entry *entry)
{
	for (int place = 0; place < ENTRY_ROW_FIELDS; place++) {
		text_str(row, place ? "\t" : "");
		write_column(row, (enum entry_row_place)place, entry);
	}
	text_str(row, "\n");
}
