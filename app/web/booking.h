/* SPDX-License-Identifier: MIT */
/* booking.h: what is booked, as a page, as JSON and as a calendar's file */
#ifndef WEB_BOOKING_H
#define WEB_BOOKING_H

#include "web/visit.h"

handler booking_page; /* GET /booking */
handler booking_ics;  /* GET /booking.ics */

/* The booking's page as it stands; with a problem it says first what happened. */
void booking_show(const struct visit *visit, enum problem problem);

/* A click is done: the booking's page, by a redirect that a reload does not repeat, or as JSON. */
void booking_done(const struct visit *visit);

#endif
