/* SPDX-License-Identifier: MIT */
/* state.h: what the second daemon keeps */
#ifndef COURIER_STATE_H
#define COURIER_STATE_H

#include "base/conf.h"
#include "base/template.h"
#include "core/moment.h"
#include "core/slots.h"
#include "courier/agenda.h"
#include "desk/upstream.h"
#include "net/feed.h"
#include "store/changes.h"
#include "store/deliveries.h"
#include "store/zone_file.h"

#include <limits.h>
#include <signal.h>

#define ALERTS_MAX 64
/* More than a round comes to, with its tasks and messages. */
#define UNSAVED_MAX 512

/* What is being done. */
struct owed {
	struct agenda_item *item;
	enum duty duty;
	uint64_t version;
};

/* The alerts to be folded into the next message. */
struct alerts {
	struct owed list[ALERTS_MAX];
	size_t count;
	struct text message; /* all of them */
	bool is_full;	     /* one more found no room */
};

/* ClickHouse does not answer: since when, by clock_boot_ms(), and whether the operator was told. */
struct store_outage {
	int64_t began_ms;
	bool is_down, is_told;
};

/* What a booking is about: a call, be it cancelled; or a brief that none came of, or one that was
 * erased. */
enum about { ABOUT_CALL, ABOUT_BRIEF, ABOUTS };

/* The numbers of the agenda's items that a round goes on with, and up to. */
struct lap {
	uint64_t next, end;
};

struct courier {
	const char *conf_path;
	struct conf *conf;
	struct upstream upstream;
	struct templates *templates;
	struct moment_style style;
	struct zone *zone; /* the business's */
	struct zone_mark zone_mark;
	struct courier_rules rules;
	struct uuid owner; /* this process, in leases */
	struct uuid place; /* this machine's runtime directory: whose damaged files */
	/* The same, of each calendar of conf's: whose outages. [google] calendar has place's. */
	struct uuid calendar_places[CONF_CALENDARS_MAX];
	char machine[HOST_NAME_MAX + 1];
	struct agenda agenda;
	struct arena *arena; /* of one round */
	struct arena *kept;  /* what lives as long as the courier */
	struct hours hours;
	struct alerts alerts;
	struct changes_mark mark;	 /* the tables are read up to here */
	bool is_schema_known, has_begun; /* begun: what may be due was read */
	struct store_outage store_outage;
	int64_t store_ms, store_boot_ms; /* the store's clock, and ours when it was told */
	uint64_t round;			 /* how many there were */
	struct lap laps[ABOUTS];
	/* Until when a service is left alone: clock_boot_ms(). */
	int64_t mail_hold_ms, alert_hold_ms, event_hold_ms, spool_hold_ms;
	int64_t probe_hold_ms[CONF_CALENDARS_MAX];
	struct {
		struct feed_mark mark; /* of the answer that the pool has */
		int64_t hold_ms;       /* after a failure: clock_boot_ms() */
	} feeds[CONF_CALENDARS_MAX];
	char *calendar_token;  /* the calendar's changes are known up to here; NULL: none is */
	bool is_blind;	       /* the changes could not be read, and that was said */
	int64_t right_look_ms; /* when it is asked what it may write: clock_boot_ms() */
	bool may_not_obey;     /* and that was said */
	bool has_others;       /* there are calendars that block and that no call is written to */
	int64_t collision_look_ms; /* when they are looked at next: clock_boot_ms() */
	int64_t drift_look_ms;	   /* when they are looked at next: clock_boot_ms() */
	int64_t shortage_look_ms;  /* and what is open: clock_boot_ms() */
	bool was_outage; /* pages were empty at the last such look for want of a calendar */
	bool is_crowded; /* the last message was full: briefs are cut short in the next */
	bool is_single;	 /* an alert among many was refused: one a message, to find it */
	struct delivery_record unsaved[UNSAVED_MAX]; /* what happened and could not be recorded */
	size_t unsaved_count;
	volatile sig_atomic_t *stop;
};

/* The place of what concerns every machine. */
extern const struct uuid courier_everywhere;

/*
 * ClickHouse's clock, as the last answer told it and never ahead of it. Machines' clocks differ and
 * step; leases, times to try again and moments to remind of are those of the log, so every courier
 * counts by the log's clock. Before the first answer there is none.
 */
int64_t courier_now_ms(const struct courier *courier);
int64_t courier_now_s(const struct courier *courier);
/* Its day: the version of what is told once a day. */
uint64_t courier_day(const struct courier *courier);

#endif
