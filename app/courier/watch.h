/* SPDX-License-Identifier: MIT */
/* watch.h: what the operator is told that belongs to no booking */
#ifndef COURIER_WATCH_H
#define COURIER_WATCH_H

#include "courier/state.h"

/* The calendar's outages, as the workers of this machine note them. */
void watch_outage(struct courier *courier);
/* Clocks of others that differ from this machine's: once a day. */
void watch_clocks(struct courier *courier);
/* A network address that had its part of the day on this machine: once a day. */
void watch_clients(struct courier *courier);
/* Takes the alerts that are due into this round, whichever machine they are of. */
void watch_alerts(struct courier *courier);

#endif
