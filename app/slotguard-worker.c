/* SPDX-License-Identifier: MIT */
/* slotguard-worker.c: FastCGI responder: the prospects' pages and the guard */
#include "base/log.h"
#include "web/gateway.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static int usage(FILE *to, int status)
{
	fputs("usage: slotguard-worker [-c FILE]\n"
	      "Serves FastCGI requests from the listening socket on fd 0, one at a time, until "
	      "SIGTERM.\n"
	      "  -c FILE  the configuration (default " CONF_FILE ")\n",
	    to);
	return status;
}

int main(int argc, char **argv)
{
	const char *conf_path = CONF_FILE;
	struct fail fail;
	struct app app;
	int option;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, EXIT_SUCCESS);
	while ((option = getopt(argc, argv, "c:h")) != -1) {
		if (option != 'c')
			return usage(
			    option == 'h' ? stdout : stderr, option == 'h' ? EXIT_SUCCESS : 2);
		conf_path = optarg;
	}
	if (getenv("JOURNAL_STREAM"))
		log_for_journal();
	if (sodium_init() < 0) {
		log_event(LOG_LEVEL_ERROR, "libsodium cannot be initialised");
		return EXIT_FAILURE;
	}
	if (gateway_open(&stop, &fail) || app_open(conf_path, &stop, &app, &fail)) {
		log_event(LOG_LEVEL_ERROR, "slotguard-worker does not start: %s", fail.detail);
		return EXIT_FAILURE;
	}
	gateway_run(&app);
	app_close(&app);
	return EXIT_SUCCESS;
}
