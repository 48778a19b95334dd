/* SPDX-License-Identifier: MIT */
/* cancel.h: frees a booking's slot */
#ifndef WEB_CANCEL_H
#define WEB_CANCEL_H

#include "web/visit.h"

handler cancel_booking; /* POST /api/cancel */

#endif
