/* SPDX-License-Identifier: MIT */
/* conf_calendars.h: what holds of the sections [calendar NAME] together */
#ifndef BASE_CONF_CALENDARS_H
#define BASE_CONF_CALENDARS_H

#include "base/conf.h"

/* What conf_load_bare() does with them once every line is read: without a section [google] calendar
 * becomes the one; the lines are where that and [site] video_url stand, or 0. ERR_CONFIG, with
 * file:line: they contradict each other. */
enum err conf_calendars_judge(
    struct conf *conf, unsigned google_line, unsigned video_line, struct fail *fail) MUST_CHECK;

/* Reads their secrets from the folder, after the shared ones. is_strict: a section without its
 * credentials is ERR_CONFIG, with file:line; else it is off. */
enum err conf_calendars_load(
    struct conf *conf, const char *dir, bool is_strict, struct fail *fail) MUST_CHECK;

/* One of Google's refresh tokens, shared or a calendar's own; NULL: there is none. */
const struct secret *conf_calendars_token(const struct conf *conf);

void conf_calendars_free(struct conf *conf);

#endif
