/* SPDX-License-Identifier: MIT */
/* route.h: from path to handler */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/reply.h"

/*
 * A handler reads as the steps of its page, fills the reply, and returns ERR_NONE; or it returns
 * what stopped it, with the reply untouched, and the failure is logged and turned into a problem
 * here.
 */
typedef enum err handler(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail);

/* Answers a request, whatever it is; returns the route's number. */
unsigned route_answer(struct app *app, const struct request *request, struct reply *reply);

/* For logs and counts: it never holds an id. NULL past the last. */
const char *route_name(unsigned number);

/* The handlers, one file each. */
handler brief_form;	/* GET / */
handler brief_book;	/* POST /api/book */
handler schedule_page;	/* GET /schedule, GET /api/slots */
handler click_schedule; /* POST /api/schedule */
handler booking_page;	/* GET /booking */
handler booking_ics;	/* GET /booking.ics */
handler cancel_booking; /* POST /api/cancel */
handler asset_show;	/* GET /static/… */
handler health_check;	/* GET /healthz */
handler metrics_text;	/* GET /metrics */

#endif
