/* SPDX-License-Identifier: MIT */
/* route.h: from path to handler */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/reply.h"

/* Answers a request, whatever it is; returns its path, of enum path. */
unsigned route_answer(struct app *app, const struct request *request, struct reply *reply);

#endif
