/* SPDX-License-Identifier: MIT */
/* clocks.h: how far our wall clock is from those of others */
#ifndef BASE_CLOCKS_H
#define BASE_CLOCKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What another clock shows is kept as its distance from this machine's boot clock, which never
 * steps and is the same for every process: so a step of our own wall clock shows at once. A reading
 * says that the distance lies between two bounds; those of a minute and of the one before count
 * together. All times are milliseconds.
 */
enum peer {
	PEER_NGINX, /* when it passes a request on, which may then wait for a worker */
	PEER_CLICKHOUSE,
	PEER_GOOGLE,
	PEERS,
};

const char *peer_name(enum peer peer); /* "nginx" */

/* Clocks that differ by more are told. */
#define CLOCKS_AGREE_MS 2000
#define CLOCKS_NO_BOUND INT64_MAX

/* Shared memory that begins as zeros. Every function accepts NULL: then nothing is known. */
struct clocks {
	struct {
		_Atomic uint64_t began_ms, low[2], high[2];
	} peers[PEERS];
	_Atomic uint64_t own;
};

/* What a worker's wall clock shows. A step of it leaves open whether nginx's went along, whose
 * readings are forgotten then. */
void clocks_note(struct clocks *clocks, int64_t boot_ms, int64_t wall_ms);

/* Another clock showed from_ms or later at boot_ms; and, unless that is CLOCKS_NO_BOUND, until_ms
 * or earlier at asked_ms, which is a time of the boot clock, too. */
struct clock_reading {
	int64_t boot_ms, from_ms;
	int64_t asked_ms, until_ms;
};
void clocks_read(struct clocks *clocks, enum peer peer, const struct clock_reading *reading);

/* Whether there was a reading. */
bool clocks_knows(const struct clocks *clocks, enum peer peer);

/* How far a clock that shows wall_ms at boot_ms is ahead of that one at least, or behind it
 * (negative); 0 before the first reading. */
int64_t clocks_ahead(const struct clocks *clocks, enum peer peer, int64_t boot_ms, int64_t wall_ms);

bool clocks_agree(int64_t ahead_ms);

/* What the workers' clock shows at boot_ms, as far as they noted it; else wall_ms. */
int64_t clocks_of_workers(const struct clocks *clocks, int64_t boot_ms, int64_t wall_ms);

/*
 * How far a clock that shows wall_ms is wrong, by the word of at least two of the others: the
 * middle one of three. 0 when that is within CLOCKS_AGREE_MS, and when it is more than a day, which
 * is no clock that runs wrong, and a matter for a person.
 */
int64_t clocks_wrong_by(const struct clocks *clocks, int64_t boot_ms, int64_t wall_ms);

#endif
