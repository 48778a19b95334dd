/* SPDX-License-Identifier: MIT */
/* leads.h: argus.consulting_bookings: the lead and what is shown of its booking */
#ifndef STORE_LEADS_H
#define STORE_LEADS_H

#include "core/lead.h"
#include "store/clickhouse.h"

/*
 * The columns of a row, as they are written; and the select list of one, with
 * date_time_output_format=unix_timestamp.
 */
#define LEADS_TEXT_COLUMN(member, column, title, of, part) ", " column
#define LEADS_WRITTEN                                                                              \
	"booking_id, version, status, slot_start, slot_end, calendar, created_at" LEAD_TEXTS(      \
	    LEADS_TEXT_COLUMN)
#define LEADS_COLUMNS                                                                              \
	"booking_id, version, status, slot_start, slot_end, calendar, "                            \
	"toUnixTimestamp64Milli(created_at)" LEAD_TEXTS(LEADS_TEXT_COLUMN)
#define LEADS_FIELDS (7 + LEAD_TEXT_COUNT)
/*
 * Less of it, of a booking that is known by its id: what is not read costs nothing, and each column
 * costs ClickHouse a twentieth of a page.
 */
#define LEADS_TIMES_IF_TIMES(column) ", " column
#define LEADS_TIMES_IF_SHOWN(column)
#define LEADS_TIMES_IF_WHOLE(column)
#define LEADS_TIMES_COLUMN(member, column, title, of, part) LEADS_TIMES_IF_##part(column)
#define LEADS_COLUMNS_TIMES "version, status, slot_start, slot_end" LEAD_TEXTS(LEADS_TIMES_COLUMN)
#define LEADS_SHOWN_IF_TIMES(column) ", " column
#define LEADS_SHOWN_IF_SHOWN(column) ", " column
#define LEADS_SHOWN_IF_WHOLE(column)
#define LEADS_SHOWN_COLUMN(member, column, title, of, part) LEADS_SHOWN_IF_##part(column)
#define LEADS_COLUMNS_SHOWN "version, status, slot_start, slot_end" LEAD_TEXTS(LEADS_SHOWN_COLUMN)
/* Whether a row still has a text of its person. */
#define LEADS_IF_LEAD_OURS(column)
#define LEADS_IF_LEAD_BRIEF(column) " OR " column " != ''"
#define LEADS_IF_LEAD_ADDRESS(column) " OR " column " != ''"
#define LEADS_IF_LEAD_READER(column) " OR " column " != ''"
#define LEADS_PERSON_COLUMN(member, column, title, of, part) LEADS_IF_##of(column)
#define LEADS_HAS_PERSON "(false" LEAD_TEXTS(LEADS_PERSON_COLUMN) ")"

/* After other columns, what two briefs of one person have to share to be the same one: the words,
 * however many blanks and line ends stand between them. */
#define LEADS_IF_CONTENT_LEAD_OURS(column)
#define LEADS_IF_CONTENT_LEAD_ADDRESS(column)
#define LEADS_IF_CONTENT_LEAD_READER(column)
#define LEADS_IF_CONTENT_LEAD_BRIEF(column) ", replaceRegexpAll(" column ", '\\\\s+', ' ')"
#define LEADS_CONTENT_COLUMN(member, column, title, of, part) LEADS_IF_CONTENT_##of(column)
#define LEADS_CONTENT LEAD_TEXTS(LEADS_CONTENT_COLUMN)

/* One row of such a list; the texts stay where the fields are. False: it cannot be understood. */
bool leads_parse(char *const *fields, struct lead *lead);

/* How many fields a row of the part TIMES or SHOWN has, and one row of it, of that booking. */
size_t leads_part_fields(enum lead_part part);
bool leads_parse_part(
    char *const *fields, enum lead_part part, const struct uuid *booking, struct lead *lead);

/* Writes a row; repeating it is harmless. What clickhouse_judge() says. */
void leads_put_start(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    http_done *done, void *context);
enum err leads_put(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    struct fail *fail) MUST_CHECK;

/* The booking's newest row. ERR_NOT_FOUND: it has none; else what clickhouse_judge() says, or
 * ERR_GARBLED. */
enum err leads_find(struct clickhouse *clickhouse, struct arena *arena, const struct uuid *booking,
    struct lead *out, struct fail *fail) MUST_CHECK;

/*
 * The briefs that wait for a slot, came since then (wall clock) and share the person, the name or
 * the text with this one, but for those whose place another took: in the arena, the newest first,
 * and no more than LEADS_ALIKE_MAX. What clickhouse_ask() says, or ERR_GARBLED.
 */
#define LEADS_ALIKE_MAX 20
struct lead_list {
	struct lead *list;
	size_t count;
};
enum err leads_alike(struct clickhouse *clickhouse, struct arena *arena, const struct lead *like,
    int64_t since_ms, struct lead_list *out, struct fail *fail) MUST_CHECK;

/* The ids of all rows, each once. ERR_GARBLED, or what clickhouse_ask() says. */
struct lead_ids {
	struct uuid *list;
	size_t count;
};
enum err leads_ids(struct clickhouse *clickhouse, struct arena *arena, struct lead_ids *out,
    struct fail *fail) MUST_CHECK;

#endif
