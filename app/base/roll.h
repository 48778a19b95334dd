/* SPDX-License-Identifier: MIT */
/* roll.h: how many processes of a kind run on this machine */
#ifndef BASE_ROLL_H
#define BASE_ROLL_H

/* So many of a kind are told apart. */
#define ROLL_MAX 128

#define ROLL_COURIER "courier"

/*
 * A process stands on the roll of its kind, a small file in the runtime directory, from here to its
 * end, however it ends: what it holds is a lock. Where it cannot be had, the process is not counted
 * and nothing else happens. kind is part of a file's name.
 */
void roll_enter(const char *dir, const char *kind);

/* Those who stand there now; 0 when there is no roll. */
unsigned roll_count(const char *dir, const char *kind);

#endif
