/* SPDX-License-Identifier: MIT */
/* correct.h: the address of a booking whose mail could not be delivered */
#ifndef WEB_CORRECT_H
#define WEB_CORRECT_H

#include "web/visit.h"

handler correct_address; /* POST /api/address */

#endif
