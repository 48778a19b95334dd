/* SPDX-License-Identifier: MIT */
/* health.h: for ops: is this worker of use */
#ifndef WEB_HEALTH_H
#define WEB_HEALTH_H

#include "web/visit.h"

handler health_check; /* GET /healthz */

#endif
