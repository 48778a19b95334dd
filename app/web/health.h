/* SPDX-License-Identifier: MIT */
/* health.h: for ops: is this worker of use */
#ifndef WEB_HEALTH_H
#define WEB_HEALTH_H

#include "web/visit.h"

handler health_check; /* GET /healthz */

/* Whether a worker of the pool that listens at this socket of the runtime directory answers:
 * fastcgi_ping()'s. ERR_NOT_FOUND: it listens at an address of the network. */
enum err health_ask_pool(const struct app *app, struct arena *arena, const char *socket);

#endif
