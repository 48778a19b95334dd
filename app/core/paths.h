/* SPDX-License-Identifier: MIT */
/* paths.h: the addresses of the site, by number, for whoever counts by them */
#ifndef CORE_PATHS_H
#define CORE_PATHS_H

enum path {
	PATH_FRONT,
	PATH_BOOK,
	PATH_SCHEDULE,
	PATH_SLOTS,
	PATH_CLICK,
	PATH_BOOKING,
	PATH_CANCEL,
	PATH_ADDRESS,
	PATH_ICS,
	PATH_STATIC, /* a folder: what begins so */
	PATH_HEALTH,
	PATH_METRICS,
	PATHS, /* whatever else was asked for */
};

/* "/api/book"; "none" for PATHS, NULL above. It never holds an id. */
const char *path_name(unsigned path);

#endif
