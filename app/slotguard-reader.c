/* SPDX-License-Identifier: MIT */
/*
 * slotguard-reader.c: reads what strangers wrote, for the other programs
 *
 * They start it for one text each (see base/apart.h), and end it when it takes too long. It opens
 * nothing but the machine's zones.
 */
#include "base/apart.h"
#include "base/num.h"
#include "base/text.h"
#include "read/ical_busy.h"
#include "read/ical_call.h"
#include "read/ical_days.h"
#include "read/multistatus.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* Of a text, what it is taken apart into, and the answer. */
#define ARENA_MAX ((size_t)128 * 1024 * 1024)
/* Whoever asks ends it long before. */
#define CPU_S 60

struct task {
	struct arena *arena;
	char *text;
	size_t len;
	char **words;
	struct fail fail;
	const void *bytes; /* the answer */
	size_t bytes_len;
};

static enum err garbled(struct task *task)
{
	return fail_set(&task->fail, ERR_INPUT, "reader", "these words mean nothing");
}

/* ZONE FROM TO: the busy times of a calendar's file. */
static enum err read_busy(struct task *task)
{
	struct ical_question question = {.timezone = task->words[0]};
	struct busy_list busy;
	enum err err;

	if (!num_i64(task->words[1], INT64_MIN, INT64_MAX, &question.window.start) ||
	    !num_i64(task->words[2], INT64_MIN, INT64_MAX, &question.window.end))
		return garbled(task);
	err = ical_busy_read(task->arena, task->text, task->len, &question, &busy, &task->fail);
	if (!err) {
		task->bytes = busy.list;
		task->bytes_len = busy.count * sizeof(*busy.list);
	}
	return err;
}

/* The next of the texts that stand one after the other, each with its NUL; NULL: there is none. */
static char *next_text(struct task *task)
{
	char *text = task->text;
	size_t len = strlen(text) + 1;

	if (len > task->len)
		return NULL;
	task->text += len;
	task->len -= len;
	return text;
}

/* ZONE: the events of calls. The text has for each when the call begins, and the event. */
static enum err read_calls(struct task *task)
{
	struct ical_call *calls = arena_array(task->arena, task->len / 2 + 1, sizeof(*calls));
	size_t count = 0;

	if (!calls)
		return fail_set(&task->fail, ERR_SYSTEM, "reader", "no memory");
	while (task->len) {
		const char *start = next_text(task), *text = start ? next_text(task) : NULL;
		struct ical_call *call = &calls[count++];

		*call = (struct ical_call){.is_deleted = false};
		if (!text || !num_i64(start, INT64_MIN, INT64_MAX, &call->call.start))
			return garbled(task);
		ical_call_read(text, task->words[0], call);
	}
	task->bytes = calls;
	task->bytes_len = count * sizeof(*calls);
	return ERR_NONE;
}

/* PATH NOW: the days of a calendar of holidays. */
static enum err read_days(struct task *task)
{
	struct date_list dates;
	int64_t now;
	enum err err;

	if (!num_i64(task->words[1], 0, INT64_MAX, &now))
		return garbled(task);
	err = ical_days_read(task->arena, task->words[0], task->text, now, &dates, &task->fail);
	if (!err) {
		task->bytes = dates.list;
		task->bytes_len = dates.count * sizeof(*dates.list);
	}
	return err;
}

/* What a WebDAV server says of several resources. */
static enum err read_resources(struct task *task)
{
	struct dav_resource *list;
	struct text text;
	enum err err = multistatus_read(task->arena, task->text, task->len, &list, &task->fail);

	if (err)
		return err;
	text = text_new(task->arena, multistatus_bytes(list));
	multistatus_write(list, &text);
	if (text_overflowed(&text))
		return fail_set(&task->fail, ERR_SYSTEM, "reader", "no memory");
	task->bytes = text.data;
	task->bytes_len = text.len;
	return ERR_NONE;
}

static const struct {
	const char *name;
	int words;
	enum err (*read)(struct task *task);
} kinds[] = {
    {"busy", 3, read_busy},
    {"calls", 1, read_calls},
    {"days", 2, read_days},
    {"resources", 0, read_resources},
};

static bool read_text(struct task *task)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0 || st.st_size < 0)
		return false;
	task->text = arena_room(task->arena, (size_t)st.st_size + 1);
	while (task->text && task->len < (size_t)st.st_size) {
		ssize_t got =
		    read(STDIN_FILENO, task->text + task->len, (size_t)st.st_size - task->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		task->len += (size_t)got;
	}
	if (task->text)
		task->text[task->len] = '\0';
	return task->text;
}

/* What goes wrong here stays here: no dump of somebody's calendar, no work for nobody. */
static void be_modest(void)
{
	const struct rlimit none = {0, 0}, cpu = {CPU_S, CPU_S};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_CPU, &cpu);
}

int main(int argc, char **argv)
{
	struct task task = {.arena = arena_new(ARENA_MAX), .words = argv + 2};

	be_modest();
	if (!task.arena || !read_text(&task))
		return EXIT_FAILURE;
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[1], kinds[i].name) == 0 && argc == 2 + kinds[i].words) {
			task.fail.code = kinds[i].read(&task);
			/* The memory goes with the program. */
			_exit(apart_answer(STDOUT_FILENO, &task.fail, task.bytes, task.bytes_len)
				  ? EXIT_SUCCESS
				  : EXIT_FAILURE);
		}
	fputs("usage: slotguard-reader busy ZONE FROM TO | calls ZONE | days PATH NOW | resources\n"
	      "Reads a text on fd 0 for the other programs of slotguard.\n",
	    stderr);
	return EX_USAGE;
}
