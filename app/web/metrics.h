/* SPDX-License-Identifier: MIT */
/* metrics.h: for ops: what the whole machine counted, as Prometheus reads it */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "web/visit.h"

handler metrics_text; /* GET /metrics */

#endif
