/* SPDX-License-Identifier: MIT */
/* checkpoint.h: the replayed ledger, kept for the next start */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "base/err.h"
#include "core/ledger.h"

/*
 * A file in the runtime directory has the state of a ledger's replay as ledger_image.h writes it,
 * with a hash over it. It is written by and for the programs of one user, who alone may read it:
 * what another user of this machine left there is never opened, since whoever writes it says how
 * every booking stands. It is put in place by a rename; what is not whole is not there.
 *
 * A state from a file is one that was replayed, and no more: whether the table still begins with
 * these very entries is asked by the journal.
 */
struct checkpoint {
	struct ledger
	    *ledger; /* lives in the mapped file; what it changes is this process's alone */
	void *mapped;
	size_t size;
};

/* False, and *out zeroed: there is none that can be used. */
bool checkpoint_open(const char *dir, struct checkpoint *out);
/* Gives back the state, too. A zeroed one is nothing. */
void checkpoint_close(struct checkpoint *checkpoint);

/* Puts it in place of an older one; by the process that has the lock. ERR_SYSTEM: no memory, or no
 * room on the disk. */
enum err checkpoint_store(
    const char *dir, const struct ledger *ledger, struct fail *fail) MUST_CHECK;

/* Of another ledger: it only takes room. */
void checkpoint_remove(const char *dir);

/*
 * One process makes it for the others of its user. Waits until the lock is free, a signal comes or
 * so much time has passed; -1: it could not be had.
 */
int checkpoint_lock(const char *dir, int64_t wait_ms);

#endif
