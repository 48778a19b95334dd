/* SPDX-License-Identifier: MIT */
/* route.h: from path to handler */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/reply.h"

/* Answers a request, whatever it is; returns the route's number. */
unsigned route_answer(struct app *app, const struct request *request, struct reply *reply);

/* For logs and counts: it never holds an id. NULL past the last. */
const char *route_name(unsigned number);

#endif
