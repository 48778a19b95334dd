/* SPDX-License-Identifier: MIT */
/* sheet.h: the calendar on the page of open slots: its days, and the times of each */
#ifndef WEB_SHEET_H
#define WEB_SHEET_H

#include "base/view.h"
#include "core/moment.h"
#include "core/offer.h"

/* All that decides what the calendar shows; what is pointed to is only read. */
struct sheet {
	struct arena *arena; /* for what is made */
	struct moment_style style;
	const struct zone *zone; /* in which the prospect reads */
	const struct zone *business;
	int64_t now;
	struct offer_list candidates, open;
	struct offer_list near;		/* those nearest to a slot that was clicked in vain */
	int64_t wanted;			/* the start of that slot; 0: none */
	const struct interval *present; /* the call that is to be moved; NULL: none */
	const char *asked;		/* the day that is to be shown, "2026-12-02"; NULL: any */
	bool is_steady;			/* one name of the zone holds for the whole window */
};

/*
 * The calendar that was made last. Making it is most of a page's work, and until a slot is taken or
 * begins it is the same for all who read in one zone and language. So it is kept beside all that it
 * was made from, and the next page that would be made from the same has it again.
 */
struct kept_sheet {
	struct arena *arena;
	const char *key; /* NULL: there is none */
	size_t key_len;
	struct view *view;
};

/* false: out of memory. */
bool kept_sheet_open(struct kept_sheet *kept) MUST_CHECK;
/* One that was never opened may be closed. */
void kept_sheet_close(struct kept_sheet *kept);

/* Puts the calendar into a view, the list "days" and the flag "is_long", up to the next call with
 * the same kept. Where memory is short the view lacks some of it, and its arena says so. */
void sheet_view(struct kept_sheet *kept, const struct sheet *sheet, struct view *view);

/* Puts the open slots into the list "all", as documents have them. */
void sheet_view_all(const struct sheet *sheet, struct view *view);
/* Puts the nearest into the list "nearest", in order of time. */
void sheet_view_near(const struct sheet *sheet, struct view *view);

#endif
