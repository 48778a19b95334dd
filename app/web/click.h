/* SPDX-License-Identifier: MIT */
/* click.h: the guard: validates a slot again, and books it or moves to it */
#ifndef WEB_CLICK_H
#define WEB_CLICK_H

#include "web/visit.h"

handler click_schedule; /* POST /api/schedule */

#endif
