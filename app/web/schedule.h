/* SPDX-License-Identifier: MIT */
/* schedule.h: the page of open slots, and its JSON */
#ifndef WEB_SCHEDULE_H
#define WEB_SCHEDULE_H

#include "web/visit.h"

handler schedule_page; /* GET /schedule, GET /api/slots */

/* The page as it stands; with a problem it says first what happened, and which open slots are
 * nearest to the one that was clicked. It may come to another problem, and shows nothing then. */
enum problem schedule_show(struct visit *visit, enum problem problem);

#endif
