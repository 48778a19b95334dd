/* SPDX-License-Identifier: MIT */
/* leads.h: argus.consulting_bookings: the lead and what is shown of its booking */
#ifndef STORE_LEADS_H
#define STORE_LEADS_H

#include "core/ledger.h"
#include "store/clickhouse.h"

enum lead_status { LEAD_AWAITING_SLOT, LEAD_BOOKED, LEAD_CANCELLED, LEAD_ERASED };
#define LEAD_STATUSES 4

/*
 * One row. What the prospect gave is text in UTF-8 of any content; it never goes into a query's
 * text or a URL. The newest version of a booking's rows counts: 0 for a lead and for imported rows,
 * otherwise the ledger's version.
 */
struct lead {
	struct uuid booking;
	uint64_t version;
	enum lead_status status;
	const char *owner;
	struct interval slot; /* empty while there is none */
	enum calendar_check calendar;
	const char *name, *email, *company, *brief, *budget, *timeframe;
	const char *timezone; /* the prospect's choice, "" for none */
	const char *language; /* in which they read the pages, "" when it is not known */
	int64_t created_ms;   /* when the brief came in, wall clock */
	bool is_partial;      /* of LEADS_COLUMNS_SHOWN: never to be written */
};

#define LEADS_FIELDS 16
/* The select list of a row, with date_time_output_format=unix_timestamp. */
#define LEADS_COLUMNS                                                                              \
	"booking_id, version, status, host, slot_start, slot_end, calendar, name, email, "         \
	"company, "                                                                                \
	"brief, timezone, toUnixTimestamp64Milli(created_at), budget, timeframe, language"
/*
 * The same, for who only shows the booking, as the other columns cost as much as all else: what a
 * new row would need is left out.
 */
#define LEADS_COLUMNS_SHOWN                                                                        \
	"booking_id, version, status, '', slot_start, slot_end, 'off', name, email, '', '', "      \
	"timezone, 0, '', '', ''"

/* One row of that list; the texts stay where the fields are. False: it cannot be understood. */
bool leads_parse(char *const *fields, struct lead *lead);

/* Writes a row; repeating it is harmless. What clickhouse_judge() says. */
void leads_put_start(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    int64_t deadline, http_done *done, void *context);
enum err leads_put(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    int64_t deadline, struct fail *fail) MUST_CHECK;

/* The booking's newest row. ERR_NOT_FOUND: it has none; else what clickhouse_judge() says, or
 * ERR_GARBLED. */
enum err leads_find(struct clickhouse *clickhouse, struct arena *arena, const struct uuid *booking,
    struct lead *out, struct fail *fail) MUST_CHECK;

#endif
