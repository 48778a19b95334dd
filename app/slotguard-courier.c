/* SPDX-License-Identifier: MIT */
/* slotguard-courier.c: what follows from a booking arrives: events, mails, alerts, late rows */
#include "base/file.h"
#include "base/log.h"
#include "base/roll.h"
#include "base/secret.h"
#include "store/schema.h"
#include "courier/loop.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static volatile sig_atomic_t stop, reload;

static void on_signal(int number)
{
	if (number == SIGHUP)
		reload = 1;
	else
		stop = 1;
}

static int usage(FILE *to, int status)
{
	fputs("usage: slotguard-courier [-t] [-c FILE]\n"
	      "Delivers what follows from bookings until SIGTERM. Several may run.\n"
	      "SIGHUP has it read everything anew.\n"
	      "  -c FILE  the configuration (default " CONF_FILE ")\n"
	      "  -t       only checks the configuration and the templates\n"
	      "  --version  its own, and the schema's\n",
	    to);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option words[] = {{"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	struct sigaction action = {.sa_handler = on_signal};
	const char *conf_path = CONF_FILE;
	bool is_test = false;
	struct courier courier;
	struct fail fail;
	enum err err;
	int option;

	file_hold_streams();
	secret_guard_process();
	while ((option = getopt_long(argc, argv, "c:th", words, NULL)) != -1) {
		switch (option) {
		case 'c':
			conf_path = optarg;
			break;
		case 't':
			is_test = true;
			break;
		case 'v':
			puts("slotguard-courier " PROGRAM_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			return usage(stdout, EXIT_SUCCESS);
		default:
			return usage(stderr, 2);
		}
	}
	/* A file that is named without -c would not be the one that is read. */
	if (optind < argc)
		return usage(stderr, 2);
	log_open();
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		log_event(LOG_LEVEL_ERROR, "libsodium cannot be initialised");
		return EXIT_FAILURE;
	}
	err = is_test ? courier_test(conf_path, &fail)
		      : courier_open(conf_path, &stop, &courier, &fail);
	if (err) {
		log_event(LOG_LEVEL_ERROR, "slotguard-courier does not start: %s", fail.detail);
		/* What only the operator can mend is not tried again: the unit knows this status.
		 */
		return err == ERR_CONFIG ? EX_CONFIG : EXIT_FAILURE;
	}
	if (is_test)
		return EXIT_SUCCESS;
	roll_enter(courier.conf->site.runtime_dir, ROLL_COURIER);
	courier_run(&courier, &reload);
	courier_close(&courier);
	return EXIT_SUCCESS;
}
