/* SPDX-License-Identifier: MIT */
/* history.c: everything that is kept of one booking, as tables */
#include "ctl/history.h"
#include "base/log.h"
#include "store/data_subject.h"

#include <string.h>

/* What is known of a booking beside the texts of its lead. */
static const struct column row_columns[] = {
    {"id", "id"},
    {"log", "in the logs"},
    {"status", "status"},
    {"version", "version"},
    {"start", "start"},
    {"end", "end"},
    {"calendar", "calendar"},
    {"created", "brief came"},
};

static const struct column entry_columns[] = {
    {"number", "NUMBER"},
    {"at", "AT"},
    {"command", "COMMAND"},
    {"seen", "SEEN"},
    {"start", "START"},
    {"end", NULL},
    {"host", NULL},
    {"calendar", "CALENDAR"},
    {"calendars", "CHECKED"},
    {"actor", "BY"},
    {"meeting", NULL},
    {"verdict", "VERDICT"},
    {"version", "VERSION"},
};

static const struct column delivery_columns[] = {
    {"at", "AT"},
    {"duty", "DUTY"},
    {"version", "VERSION"},
    {"state", "STATE"},
    {"attempt", "TRY"},
    {"again", "AGAIN"},
    {"detail", "DETAIL"},
    {"payload", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void fill_row(struct ctl *ctl, struct table *table, const struct booking *booking)
{
	const struct lead *lead = &booking->lead;
	struct lead row = *lead;
	char *id = arena_room(ctl->arena, UUID_TEXT);
	char *hash = arena_room(ctl->arena, LOG_HASH_TEXT);

	row.owner = booking->has_lead || booking->owner[0] ? booking->owner : NULL;
	table_text(table, id ? uuid_format(&booking->id, id) : NULL);
	table_text(
	    table, hash ? log_hash(booking->id.bytes, sizeof(booking->id.bytes), hash) : NULL);
	table_text(table, booking_state_name(booking->state));
	table_integer(table, (int64_t)booking->version);
	table_time(table, booking->call.start);
	table_time(table, booking->call.end);
	table_text(table, calendar_check_name(booking->calendar));
	table_time(table, lead->created_ms / 1000);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		table_text(table, lead_text_value(&row, i));
}

static void fill_entry(struct table *table, const struct report_entry *entry)
{
	table_integer(table, (int64_t)entry->entry.number);
	table_time(table, entry->at_ms / 1000);
	table_text(table, entry_kind_name(entry->entry.kind));
	table_integer(table, (int64_t)entry->entry.version);
	table_time(table, entry->entry.call.start);
	table_time(table, entry->entry.call.end);
	table_text(table, entry->entry.owner);
	table_text(table, calendar_check_name(entry->entry.calendar));
	table_text(table, entry->entry.calendars);
	table_text(table, actor_name(entry->entry.actor));
	table_text(table, entry->entry.meeting);
	table_text(table, verdict_name(entry->verdict));
	if (entry->verdict == VERDICT_ACCEPTED)
		table_integer(table, (int64_t)entry->version);
	else
		table_text(table, NULL);
}

static void fill_delivery(
    struct table *table, const struct data_subject_delivery *delivery, bool with_payload)
{
	bool is_again = delivery->until_ms > delivery->at_ms;

	table_time(table, delivery->at_ms / 1000);
	table_text(table, delivery->duty);
	table_integer(table, (int64_t)delivery->version);
	table_text(table, delivery->state);
	table_integer(table, delivery->attempt);
	table_time(table, is_again ? delivery->until_ms / 1000 : 0);
	table_text(table, delivery->detail);
	table_text(table, with_payload && delivery->payload[0] ? delivery->payload : NULL);
}

struct table *history_lead_table(struct ctl *ctl, const struct column *first, size_t count)
{
	struct column *columns = arena_array(ctl->arena, count + LEAD_TEXT_COUNT, sizeof(*columns));

	if (!columns)
		return NULL;
	memcpy(columns, first, count * sizeof(*first));
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		columns[count + i] = (struct column){lead_texts[i].column, lead_texts[i].title};
	return table_new(ctl->arena, ctl->zone, columns, count + LEAD_TEXT_COUNT);
}

enum err history_read(struct ctl *ctl, const struct booking *booking, bool with_payload,
    struct history *out, struct fail *fail)
{
	struct history made = {
	    .row = history_lead_table(ctl, row_columns, COUNT(row_columns)),
	    .entries = table_new(ctl->arena, ctl->zone, entry_columns, COUNT(entry_columns)),
	    .deliveries =
		table_new(ctl->arena, ctl->zone, delivery_columns, COUNT(delivery_columns)),
	};
	struct data_subject_deliveries deliveries;
	struct report_entry *entries;
	enum err err;

	if ((err = report_history(&ctl->upstream, ctl->arena, &booking->id, &entries, fail)) ||
	    (err = data_subject_deliveries(
		 ctl->upstream.clickhouse, ctl->arena, &booking->id, &deliveries, fail)))
		return err;
	fill_row(ctl, made.row, booking);
	for (; entries; entries = entries->next)
		fill_entry(made.entries, entries);
	for (size_t i = 0; i < deliveries.count; i++)
		fill_delivery(made.deliveries, &deliveries.list[i], with_payload);
	*out = made;
	return ERR_NONE;
}

struct json_object *history_json(const struct history *history)
{
	struct json_object *object = json_new();

	json_add(object, "booking", table_json_record(history->row));
	json_add(object, "ledger", table_json(history->entries));
	json_add(object, "deliveries", table_json(history->deliveries));
	return object;
}
