/* SPDX-License-Identifier: MIT */
/* journal.c: the ledger, replayed from its table and appended to */
#include "store/journal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mutate.h"
#include "base/notify.h"
#include "base/num.h"
#include "store/checkpoint.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_ROWS 20000 /* entries read at a time while loading */
/* Of the first page, which several programs that start at once read each for itself. */
#define FIRST_ROWS 1000
/* Entries between one that is replayed and the one that is on its way from memory. */
#define AHEAD 8
/* Another process may replay so long for this one, too. */
#define OTHER_MS 60000
#define PAUSE_MS 50
#define FRESH_TOKENS 5 /* tokens used up without a row, before giving up */

#define WAY_OUT "; see `slotguardctl check` and `slotguardctl ledger rebuild`"

struct journal {
	struct clickhouse *clickhouse;
	struct counters *counters;
	struct ledger *ledger;
	const char *dir;	      /* of checkpoints; NULL: without */
	struct checkpoint checkpoint; /* where the ledger lives, if it was begun with one */
	struct uuid epoch;	      /* the one this process started with; nil: none yet */
	struct uuid watched;	      /* the entry being appended */
	bool is_watched_seen;
	uint64_t watched_number;
	enum verdict watched_verdict;
};

struct journal *journal_new(struct clickhouse *clickhouse)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal)
		journal->clickhouse = clickhouse;
	return journal;
}

void journal_count(struct journal *journal, struct counters *counters)
{
	journal->counters = counters;
}

static void drop(struct journal *journal)
{
	if (journal->ledger != journal->checkpoint.ledger)
		ledger_free(journal->ledger);
	checkpoint_close(&journal->checkpoint);
	journal->ledger = NULL;
	journal->is_watched_seen = false;
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	drop(journal);
	free(journal);
}

void journal_keep(struct journal *journal, const char *dir)
{
	journal->dir = dir;
}

struct clickhouse *journal_clickhouse(const struct journal *journal)
{
	return journal->clickhouse;
}

const struct ledger *journal_state(const struct journal *journal)
{
	return journal->ledger;
}

bool journal_is_current(const struct journal *journal, char *const *fields)
{
	struct ledger_mark mark;
	struct uuid table;
	uint64_t rows;

	if (!journal->ledger)
		return false;
	mark = ledger_mark(journal->ledger);
	return uuid_parse(fields[0], &table) && num_u64(fields[1], 0, UINT64_MAX, &rows) &&
	       rows == mark.count &&
	       (uuid_equal(&table, &mark.table) || MUTATED(KEEP_STATE_AFTER_RESTORE));
}

bool journal_is_as_long(const struct journal *journal, const char *rows)
{
	uint64_t count;

	return journal->ledger && num_u64(rows, 0, UINT64_MAX, &count) &&
	       count == ledger_mark(journal->ledger).count;
}

static enum err replay(
    struct journal *journal, const struct tail_row *rows, size_t count, struct fail *fail)
{
	enum verdict verdict;
	enum err err;

	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = &rows[i].entry;

		if (i + AHEAD < count)
			ledger_expect(journal->ledger, &rows[i + AHEAD].entry);
		err = ledger_apply(journal->ledger, entry, &verdict, fail);
		if (err == ERR_LEDGER) {
			struct fail why = *fail;

			return fail_set(fail, err, "journal", "%s" WAY_OUT, why.detail);
		}
		if (err)
			return err;
		/* A repeat under the same id changes nothing: the first verdict stands. */
		if (!journal->is_watched_seen && uuid_equal(&entry->id, &journal->watched)) {
			journal->is_watched_seen = true;
			journal->watched_number = entry->number;
			journal->watched_verdict = verdict;
		}
	}
	return ERR_NONE;
}

/* From which position on a read has to begin: that of the last entry which was replayed. */
static uint64_t first_position(const struct journal *journal)
{
	struct ledger_mark mark = ledger_mark(journal->ledger);

	return mark.count ? mark.count - 1 : 0;
}

/* Whether the rows are those of the state's table from its last entry on, and none is missing. */
static bool is_continued(const struct journal *journal, const struct uuid *table,
    const struct tail_row *rows, size_t count)
{
	struct ledger_mark mark = ledger_mark(journal->ledger);
	uint64_t first = first_position(journal);

	for (size_t i = 0; i < count; i++)
		if (rows[i].position != first + i)
			return false;
	return !mark.count ||
	       (count && rows[0].entry.number == mark.number &&
		   uuid_equal(&rows[0].entry.id, &mark.id) && uuid_equal(table, &mark.table));
}

/*
 * Replays what was read. ERR_LEDGER: the state does not fit the table any more and is dropped;
 * loading it anew then tells whether that can be mended. Model: step `mark`.
 */
static enum err take(struct journal *journal, const struct tail *tail, struct fail *fail)
{
	struct tail_row *rows = tail->rows;
	size_t count = tail->count;
	size_t known = ledger_mark(journal->ledger).count > 0;
	enum err err;

	if (!is_continued(journal, &tail->table, rows, count) &&
	    !(MUTATED(KEEP_STATE_AFTER_RESTORE) && count))
		err = fail_set(
		    fail, ERR_LEDGER, "journal", "the ledger changed under the reader" WAY_OUT);
	else
		err = replay(journal, rows + known, count - known, fail);
	if (err)
		drop(journal);
	return err;
}

/* Reads from the state's last entry on, and replays it. */
static enum err read_tail(struct journal *journal, struct arena *arena, int64_t deadline,
    char *const *seen, struct fail *fail)
{
	struct tail_page page = {.clickhouse = journal->clickhouse,
	    .arena = arena,
	    .from = first_position(journal),
	    .to = UINT64_MAX,
	    .deadline = deadline,
	    .seen = seen};
	struct tail tail;
	char *text;
	enum err err;

	if ((err = tail_ask(&page, &text, fail)) || (err = tail_read(&page, text, &tail, fail)))
		return err;
	return take(journal, &tail, fail);
}

/* Whether the table begins with the very entries of which a state was made: so many, whose ids and
 * numbers come to the same sum, in the same table. */
static enum err compare(struct journal *journal, struct arena *arena, const struct ledger *ledger,
    bool *is_same, struct fail *fail)
{
	struct ledger_mark mark = ledger_mark(ledger);
	struct query query = {
	    .sql = "SELECT (SELECT uuid" LEDGER_TABLE "), count(),"
		   " sum(_block_number * reinterpretAsUInt64(UUIDToNum(id)))"
		   " FROM ledger"
		   " WHERE _part_starting_offset + _part_offset < {count:UInt64}"
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_count=%" PRIu64, mark.count),
	};
	char *text, *fields[3];
	uint64_t count, sum;
	struct uuid table;
	enum err err;

	if ((err = clickhouse_ask(journal->clickhouse, arena, &query, &text, fail)))
		return err;
	if (!tsv_row(&text, fields, 3) || !tsv_at_end(text) || !uuid_parse(fields[0], &table) ||
	    !num_u64(fields[1], 0, UINT64_MAX, &count) || !num_u64(fields[2], 0, UINT64_MAX, &sum))
		return fail_set(
		    fail, ERR_GARBLED, "journal", "the ledger's sum cannot be understood");
	*is_same = uuid_equal(&table, &mark.table) && count == mark.count && sum == mark.sum;
	return ERR_NONE;
}

/* While a command of our own is out, the replay has to come by it: the state alone says nothing of
 * its number. */
static bool uses_checkpoints(const struct journal *journal)
{
	return journal->dir && uuid_is_nil(&journal->watched);
}

/* Goes on from a checkpoint that is further than the state, if the table still begins with its
 * entries. */
static enum err go_on_from_checkpoint(
    struct journal *journal, struct arena *arena, struct fail *fail)
{
	uint64_t known = journal->ledger ? ledger_mark(journal->ledger).count : 0;
	struct checkpoint kept;
	bool is_same = false;
	enum err err;

	if (!uses_checkpoints(journal) || !checkpoint_open(journal->dir, &kept))
		return ERR_NONE;
	if (ledger_mark(kept.ledger).count <= known) {
		checkpoint_close(&kept);
		return ERR_NONE;
	}
	err = compare(journal, arena, kept.ledger, &is_same, fail);
	if (err || !is_same) {
		checkpoint_close(&kept);
		if (!err)
			checkpoint_remove(journal->dir);
		return err;
	}
	drop(journal);
	journal->checkpoint = kept;
	journal->ledger = kept.ledger;
	return ERR_NONE;
}

/* Leaves the state to those who start later, and goes on in their pages. That it cannot be kept is
 * no reason to stop. */
static void keep(struct journal *journal)
{
	struct checkpoint kept;
	struct fail ignored;

	if (checkpoint_store(journal->dir, journal->ledger, &ignored) ||
	    !checkpoint_open(journal->dir, &kept))
		return;
	if (ledger_mark(kept.ledger).count != ledger_mark(journal->ledger).count) {
		checkpoint_close(&kept);
		return;
	}
	drop(journal);
	journal->checkpoint = kept;
	journal->ledger = kept.ledger;
	malloc_trim(0);
}

/* What a load reads with: while one page is parsed and replayed the next is on its way. */
struct loading {
	struct tail_page pages[2];
	int64_t deadline;
	struct uuid table;
	int lock;
};

static bool open_loading(struct loading *loading, struct clickhouse *clickhouse, int64_t deadline)
{
	*loading = (struct loading){.deadline = deadline, .lock = -1};
	for (int i = 0; i < 2; i++)
		loading->pages[i] = (struct tail_page){
		    .clickhouse = clickhouse, .arena = arena_new(3 * TAIL_BYTES)};
	return loading->pages[0].arena && loading->pages[1].arena;
}

static void close_loading(struct loading *loading)
{
	arena_free(loading->pages[0].arena);
	arena_free(loading->pages[1].arena);
	file_unlock(loading->lock);
}

/* A page of so many rows after so many entries, in memory that is used again. */
static void turn_to(const struct journal *journal, const struct loading *loading,
    struct tail_page *page, uint64_t count, uint64_t rows)
{
	int64_t deadline = clickhouse_deadline(journal->clickhouse);

	arena_reset(page->arena);
	page->from = count ? count - 1 : 0;
	page->to = count + rows;
	page->deadline = deadline > loading->deadline ? deadline : loading->deadline;
}

/* A long replay is made by one process of a user and kept, while the others wait for it; they go on
 * from its file and have nothing to keep. */
static enum err share(
    struct journal *journal, struct loading *loading, struct tail_page *next, struct fail *fail)
{
	uint64_t known = ledger_mark(journal->ledger).count;
	enum err err;

	loading->lock = checkpoint_lock(journal->dir, OTHER_MS);
	if (!(err = go_on_from_checkpoint(journal, next->arena, fail)))
		turn_to(journal, loading, next, ledger_mark(journal->ledger).count, PAGE_ROWS);
	if (ledger_mark(journal->ledger).count > known) {
		file_unlock(loading->lock);
		loading->lock = -1;
	}
	return err;
}

static enum err replay_pages(struct journal *journal, struct loading *loading, struct fail *fail)
{
	bool is_shared = !uses_checkpoints(journal), is_full = true;
	enum err err = ERR_NONE;
	struct tail tail = {.total = 0};
	size_t at = 0;
	char *text;

	turn_to(journal, loading, loading->pages, ledger_mark(journal->ledger).count, FIRST_ROWS);
	for (; !err && is_full; at = 1 - at) {
		struct tail_page *page = &loading->pages[at], *next = &loading->pages[1 - at];

		notify_send("WATCHDOG=1");
		if ((err = tail_ask(page, &text, fail)))
			break;
		turn_to(journal, loading, next, page->to, PAGE_ROWS);
		/* No table has fewer rows than it had. */
		if (page->to < tail.total)
			tail_start(next);
		if ((err = tail_read(page, text, &tail, fail)))
			break;
		loading->table = tail.table;
		/* A page that is not full is the last one. */
		is_full = page->from + tail.count == page->to;
		is_shared = is_shared || tail.total < page->from + PAGE_ROWS;
		err = take(journal, &tail, fail);
		if (!err && is_full && !is_shared)
			err = share(journal, loading, next, fail);
		is_shared = true;
	}
	/* An answer that nobody waits for any longer has to have come before its memory goes. */
	http_run(clickhouse_http(journal->clickhouse));
	return err;
}

/* From a checkpoint, or from the start. */
static enum err load(struct journal *journal, int64_t deadline, struct fail *fail)
{
	struct ledger_mark mark = {0};
	struct loading loading;
	bool is_open = open_loading(&loading, journal->clickhouse, deadline);
	enum err err = ERR_NONE;

	drop(journal);
	if (is_open)
		err = go_on_from_checkpoint(journal, loading.pages[0].arena, fail);
	if (!err && !journal->ledger)
		journal->ledger = ledger_new();
	if (!err && (!is_open || !journal->ledger))
		err = fail_set(fail, ERR_SYSTEM, "journal", "no memory");
	if (!err)
		err = replay_pages(journal, &loading, fail);
	if (!err)
		mark = ledger_mark(journal->ledger);
	if (!err && !mark.count)
		err = fail_set(fail, ERR_LEDGER, "journal",
		    "the ledger is empty: not even an epoch stands in it" WAY_OUT);
	/* A restored table has numbers of its own, which may even look sound. */
	if (!err && !uuid_equal(&mark.table, &loading.table))
		err = fail_set(fail, ERR_LEDGER, "journal",
		    "the ledger was restored into another table than it began in" WAY_OUT);
	if (!err && uuid_is_nil(&journal->epoch))
		journal->epoch = mark.epoch;
	if (!err && !uuid_equal(&journal->epoch, &mark.epoch))
		err = fail_set(fail, ERR_LEDGER, "journal",
		    "the ledger's epoch is another than at this program's start; after "
		    "`slotguardctl ledger "
		    "rebuild` restart the programs");
	if (!err && loading.lock >= 0)
		keep(journal);
	close_loading(&loading);
	if (err)
		drop(journal);
	return err;
}

static enum err catch_up(struct journal *journal, struct arena *arena, int64_t deadline,
    char *const *seen, struct fail *fail)
{
	enum err err = ERR_LEDGER;

	if (journal->ledger)
		err = read_tail(journal, arena, deadline, seen, fail);
	/* A ledger that changed under the reader, or a tail too long for one reply, is loaded anew.
	 */
	if (err == ERR_LEDGER || err == ERR_GARBLED)
		err = load(journal, deadline, fail);
	return err;
}

enum err journal_refresh(struct journal *journal, struct arena *arena, struct fail *fail)
{
	return journal_refresh_seen(journal, arena, NULL, fail);
}

enum err journal_refresh_seen(
    struct journal *journal, struct arena *arena, char *const *fields, struct fail *fail)
{
	struct uuid table;
	uint64_t total;
	bool is_sound =
	    fields && uuid_parse(fields[0], &table) && num_u64(fields[1], 0, UINT64_MAX, &total);

	journal->watched = (struct uuid){{0}};
	return catch_up(journal, arena, clickhouse_deadline(journal->clickhouse),
	    is_sound ? fields : NULL, fail);
}

/* Sends the entry's row under its id. Model: step `append`. */
static enum err insert(struct journal *journal, struct arena *arena, const struct entry *entry,
    const struct uuid *token, int64_t deadline, struct fail *fail)
{
	struct text row = text_new(arena, ENTRY_ROW_MAX);
	struct query query = {
	    .sql = "INSERT INTO ledger (" ENTRY_ROW_COLUMNS ") FORMAT TabSeparated",
	    .data = row.data,
	    .service = SERVICE_CLICKHOUSE_APPEND,
	    .deadline = deadline,
	};
	char token_text[UUID_TEXT];

	entry_row_write(&row, entry);
	query.data_len = row.len;
	query.parameters =
	    arena_printf(arena, "&insert_deduplication_token=%s", uuid_format(token, token_text));
	if (text_overflowed(&row) || !query.parameters)
		return fail_set(fail, ERR_SYSTEM, "journal", "no memory");
	return clickhouse_ask(journal->clickhouse, arena, &query, NULL, fail);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail)
{
	/* may_arrive: an INSERT got no answer, or failed: its row can still come. */
	bool did_leave = false, may_arrive = false;
	struct uuid token;
	int tokens = 0;

	if (!journal->ledger)
		return fail_set(fail, ERR_LEDGER, "journal", "the ledger is not loaded");
	entry->id = token = uuid_random();
	journal->watched = entry->id;
	journal->is_watched_seen = false;
	for (;;) {
		struct fail tail_fail;
		enum err put, tail;

		if (did_leave)
			counters_add(journal->counters, COUNTER_APPEND_RETRIED);

		put = insert(journal, arena, entry, &token,
		    sooner(deadline, clickhouse_deadline(journal->clickhouse)), fail);
		did_leave = did_leave || put != ERR_UNREACHABLE;
		may_arrive = may_arrive || put == ERR_UNSURE;
		/* The answer to the INSERT is no verdict: only the tail is. */
		tail = catch_up(journal, arena,
		    sooner(deadline, clickhouse_deadline(journal->clickhouse)), NULL, &tail_fail);
		if (tail == ERR_LEDGER && did_leave)
			return fail_set(fail, ERR_UNSURE, "journal", "%s", tail_fail.detail);
		if (tail == ERR_LEDGER)
			return fail_set(fail, ERR_LEDGER, "journal", "%s", tail_fail.detail);
		if (MUTATED(TRUST_INSERT) && !put)
			return *verdict = VERDICT_ACCEPTED, ERR_NONE;
		if (!tail && journal->is_watched_seen) {
			entry->number = journal->watched_number;
			*verdict = journal->watched_verdict;
			return ERR_NONE;
		}
		if (!tail && !put) {
			/*
			 * Answered with success and absent: a commit that failed used the token up.
			 * Another token, but the same id, so that whichever of them arrive, one
			 * counts.
			 */
			if (++tokens == FRESH_TOKENS)
				return fail_set(fail, may_arrive ? ERR_UNSURE : ERR_BUSY, "journal",
				    "%d appends left no row", tokens);
			token = uuid_random();
			continue;
		}
		/* The refusal of a repeat says nothing of the first. */
		if (!tail && !may_arrive && put != ERR_UNREACHABLE)
			return put;
		if (clock_boot_ms() + PAUSE_MS >= deadline) {
			if (did_leave)
				return fail_set(fail, ERR_UNSURE, "journal",
				    "the append's outcome is not known");
			return put;
		}
		/* Unknown: the same command under the same id, which adds nothing if the first
		 * arrived. */
		if (MUTATED(NEW_ID_ON_UNKNOWN))
			journal->watched = entry->id = uuid_random();
		nanosleep(&(struct timespec){0, PAUSE_MS * 1000000}, NULL);
	}
}
