/* SPDX-License-Identifier: MIT */
/* ctl.h: the subcommands of slotguardctl */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "base/err.h"
#include "core/booking.h"
#include "core/slots.h"
#include "desk/upstream.h"

/* What a script can tell apart. */
enum ctl_status {
	CTL_DONE = 0,
	CTL_FAULT = 1,	   /* something did not work; what had been done stands, and is said */
	CTL_USAGE = 2,	   /* the command line is wrong, and nothing was done */
	CTL_NOT_FOUND = 3, /* there is no such booking, block or person */
	CTL_UNSURE = 4,	   /* the append's outcome is not known: look with `show` */
	CTL_REFUSED = 5,   /* as things stand it cannot be: the time is taken, the version is old */
};

/* The most that a command has, --json and --help aside. */
#define CTL_OPTIONS 6

struct ctl_option {
	const char *name;  /* without the dashes; NULL past the last */
	const char *value; /* what it takes, as the usage writes it: "DAY"; NULL: nothing */
	const char *help;
};

/* What a subcommand works with. */
struct calendar_finding;

struct ctl {
	const struct ctl_command *command;
	const char *conf_path;
	struct conf *conf;
	struct upstream upstream;
	struct arena *arena;
	struct hours hours;
	struct zone *zone;			 /* the business's, of those that need the schema */
	const struct calendar_finding *calendar; /* what explain() goes by; NULL: none was asked */

	char **words; /* the arguments, as many as the command allows */
	int word_count;
	bool is_json;
	const char *values[CTL_OPTIONS]; /* of its options: NULL: not given; "" for those that take
					    nothing */
};

/* One file each. */
struct ctl_command {
	const char *name;
	const char *words; /* its arguments, as the usage writes them: "ID" */
	const char *help;  /* one line */
	int least, most;   /* how many arguments */
	bool needs_schema; /* the database has to be of this program's version, and the zone there
			    */
	bool is_text;	   /* it prints what another program reads, and has no --json */
	unsigned secrets;  /* that it wants, of enum credentials_of; 0: all */
	int (*run)(struct ctl *ctl);
	struct ctl_option options[CTL_OPTIONS];
};

extern const struct ctl_command ctl_migrate, ctl_check, ctl_list, ctl_show, ctl_cancel, ctl_move,
    ctl_block, ctl_unblock, ctl_why, ctl_preview, ctl_stats, ctl_export, ctl_erase, ctl_ledger,
    ctl_google, ctl_telegram, ctl_block_address, ctl_resend, ctl_metrics;

/* For each question to an outside service. */
#define ASK_MS 8000

/* Runs a command, argv[0] being its name, and returns the status of the program. */
int ctl_main(const struct ctl_command *command, const char *conf_path, int argc, char **argv);

/* Prints what is wrong with the command line, a sentence, and the command's usage on stderr, and
 * returns CTL_USAGE. */
int ctl_usage(const struct ctl *ctl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A time as read_moment() has it. Else CTL_USAGE, or CTL_REFUSED where the clock jumps over it, and
 * it was said why. */
int ctl_read_moment(const struct ctl *ctl, const char *word, int64_t *out);

/* Whether a booking is of that person, who is an address_normal(); NULL: of anybody. */
bool ctl_is_of(const struct ctl *ctl, const struct booking *booking, const char *person);

/* What an option was given as; NULL: it was not. */
const char *ctl_option(const struct ctl *ctl, const char *name);

/* Prints `slotguardctl: DETAIL` on stderr and returns the status that fits the code. */
int ctl_fail(const struct fail *fail);
/* The same for a sentence of the command's own. */
int ctl_say(enum ctl_status status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Asks on a terminal, and is false unless the answer is yes; without one, whoever wrote the script
 * meant it. */
bool ctl_is_agreed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The migrations, in the order of their versions, which count from 1; text NULL past the last. */
struct migration {
	const char *name, *text;
};
extern const struct migration ctl_migrations[];

#endif
