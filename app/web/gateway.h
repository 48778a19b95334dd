/* SPDX-License-Identifier: MIT */
/* gateway.h: FastCGI, by libfcgi: one request at a time from the listening socket on fd 0 */
#ifndef WEB_GATEWAY_H
#define WEB_GATEWAY_H

#include "web/app.h"

/*
 * Makes SIGTERM and SIGINT set *stop, and SIGHUP ask for app_reload(); to be called before anything
 * of libfcgi. ERR_CONFIG: fd 0 is not a listening socket.
 */
enum err gateway_open(volatile sig_atomic_t *stop, struct fail *fail) MUST_CHECK;

/* Serves until *stop is set; the request at hand is finished first. Tells systemd how it is doing.
 */
void gateway_run(struct app *app);

#endif
