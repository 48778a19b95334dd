/* SPDX-License-Identifier: MIT */
/* slotguard-worker.c: FastCGI responder: the prospects' pages and the guard */
#include "base/file.h"
#include "base/log.h"
#include "base/roll.h"
#include "base/secret.h"
#include "desk/pools.h"
#include "store/schema.h"
#include "web/gateway.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static int usage(FILE *to, int status)
{
	fputs("usage: slotguard-worker [-t] [-c FILE] [-p POOL]\n"
	      "Serves FastCGI requests from the listening socket on fd 0, one at a time, until "
	      "SIGTERM.\n"
	      "SIGHUP has it read everything anew.\n"
	      "  -c FILE  the configuration (default " CONF_FILE ")\n"
	      "  -p POOL  pages, clicks or ops: as which it is counted\n"
	      "  -t       only checks the configuration and the templates\n"
	      "  --version  its own, and the schema's\n",
	    to);
	return status;
}

static bool is_pool(const char *word)
{
	for (unsigned pool = 0; pool < POOLS; pool++)
		if (strcmp(word, pool_name(pool)) == 0)
			return true;
	return strcmp(word, "ops") == 0;
}

int main(int argc, char **argv)
{
	static const struct option words[] = {{"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	const char *conf_path = CONF_FILE, *pool = NULL;
	bool is_test = false;
	struct fail fail;
	struct app app;
	enum err err;
	int option;

	file_hold_streams();
	secret_guard_process();
	while ((option = getopt_long(argc, argv, "c:p:th", words, NULL)) != -1) {
		switch (option) {
		case 'c':
			conf_path = optarg;
			break;
		case 'p':
			pool = optarg;
			break;
		case 't':
			is_test = true;
			break;
		case 'v':
			puts("slotguard-worker " PROGRAM_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			return usage(stdout, EXIT_SUCCESS);
		default:
			return usage(stderr, 2);
		}
	}
	/* A file that is named without -c would not be the one that is read. */
	if (optind < argc || (pool && !is_pool(pool)))
		return usage(stderr, 2);
	log_open();
	if (sodium_init() < 0) {
		log_event(LOG_LEVEL_ERROR, "libsodium cannot be initialised");
		return EXIT_FAILURE;
	}
	if (is_test)
		err = app_test(conf_path, &fail);
	else if (!(err = gateway_open(&stop, &fail)))
		err = app_open(conf_path, pool && strcmp(pool, "ops") == 0, &stop, &app, &fail);
	if (err) {
		log_event(LOG_LEVEL_ERROR, "slotguard-worker does not start: %s", fail.detail);
		/* What only the operator can mend is not tried again: the unit knows this status.
		 */
		return err == ERR_CONFIG ? EX_CONFIG : EXIT_FAILURE;
	}
	if (is_test)
		return EXIT_SUCCESS;
	if (pool)
		roll_enter(app.conf->site.runtime_dir, pool);
	gateway_run(&app);
	app_close(&app);
	return EXIT_SUCCESS;
}
