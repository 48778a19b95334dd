/* SPDX-License-Identifier: MIT */
/* brief.h: the brief form, and the lead it makes */
#ifndef WEB_BRIEF_H
#define WEB_BRIEF_H

#include "web/visit.h"

handler brief_form; /* GET / */
handler brief_book; /* POST /api/book */

/* The form with what was typed and, with a problem, what is wrong with it. */
void brief_show(const struct visit *visit, enum problem problem);

#endif
