/* SPDX-License-Identifier: MIT */
/* paths.c: the addresses of the site, by number, for whoever counts by them */
#include "core/paths.h"

#include <stddef.h>

const char *path_name(unsigned path)
{
	static const char *const names[PATHS + 1] = {
	    [PATH_FRONT] = "/",
	    [PATH_BOOK] = "/api/book",
	    [PATH_SCHEDULE] = "/schedule",
	    [PATH_SLOTS] = "/api/slots",
	    [PATH_CLICK] = "/api/schedule",
	    [PATH_BOOKING] = "/booking",
	    [PATH_CANCEL] = "/api/cancel",
	    [PATH_ADDRESS] = "/api/address",
	    [PATH_ICS] = "/booking.ics",
	    [PATH_STATIC] = "/static/",
	    [PATH_HEALTH] = "/healthz",
	    [PATH_METRICS] = "/metrics",
	    [PATHS] = "none",
	};

	return path <= PATHS ? names[path] : NULL;
}
