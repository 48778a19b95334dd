/* SPDX-License-Identifier: MIT */
/* hours_file.h: the owner's time: the configuration and its file of holidays */
#ifndef STORE_HOURS_FILE_H
#define STORE_HOURS_FILE_H

#include "core/rules.h"

/*
 * Reads [dates] holidays, if there is one, and compiles the rules; what *out points to is in the
 * arena. ERR_CONFIG: a sentence for the operator, with file:line.
 */
enum err hours_file_load(
    const struct conf *conf, struct arena *arena, struct hours *out, struct fail *fail) MUST_CHECK;

/*
 * The days of a file: of an iCalendar (RFC 5545) every day of its whole-day events, repeated ones
 * for three years from now, each occurrence as it was moved by itself, cancelled ones aside; else
 * one date, or one range, at the start of each line, with whatever words after it; lines that are
 * empty or begin with "#" or ";" aside. ERR_CONFIG: the file is not there, is damaged, or names no
 * day at all.
 */
enum err hours_file_holidays(const char *path, int64_t now, struct arena *arena,
    struct date_list *out, struct fail *fail) MUST_CHECK;

#endif
