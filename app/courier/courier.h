/* SPDX-License-Identifier: MIT */
/* courier.h: what the courier is made of */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "courier/state.h"

/* As app_test(): only the configuration, without its secrets, the zone and the templates. */
enum err courier_test(const char *conf_path, struct fail *fail) MUST_CHECK;

/* As app_open(): ERR_CONFIG and ERR_SCHEMA are sentences for the operator. */
enum err courier_open(const char *conf_path, volatile sig_atomic_t *stop, struct courier *out,
    struct fail *fail) MUST_CHECK;
void courier_close(struct courier *courier);

#endif
