/* SPDX-License-Identifier: MIT */
/* shortage.h: the operator is told when too little is open, and when the calendar closes a day */
#ifndef COURIER_SHORTAGE_H
#define COURIER_SHORTAGE_H

#include "courier/state.h"

/*
 * Looks at the whole window now and then, as a page would. Fewer starts than courier.low_slots are
 * told once a day of the business's, whichever courier looks; a day that the calendar closes, once.
 * While the calendar cannot be asked it goes by what pages show then, once two looks found it so.
 */
void shortage_watch(struct courier *courier);

#endif
