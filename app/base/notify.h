/* SPDX-License-Identifier: MIT */
/* notify.h: tells systemd how a service is doing, sd_notify(3) */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdint.h>

/*
 * Sends one state, such as "READY=1", to the service manager that started this program
 * ($NOTIFY_SOCKET). Without one, or when it does not listen, nothing happens.
 */
void notify_send(const char *state);

/*
 * How often the service manager wants to hear "WATCHDOG=1" so that it never misses one: half of
 * what WatchdogSec= says. 0: it does not watch this process.
 */
int64_t notify_watchdog_ms(void);

#endif
