/* SPDX-License-Identifier: MIT */
/* journal.c: the ledger's table: append and tail */
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
#define PAGE_BYTES (32 * 1024 * 1024)
/* Beyond the megabyte that it begins with a server puts an answer into a file of its own. */
#define IN_MEMORY "&buffer_size=33554432"
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

bool journal_parse(char *const *fields, struct uuid *table, uint64_t *position, struct entry *entry)
{
	struct uuid id;
	uint64_t number;

	if (!uuid_parse(fields[0], table) || !num_u64(fields[1], 0, UINT64_MAX, position) ||
	    !num_u64(fields[2], 1, UINT64_MAX, &number) || !uuid_parse(fields[3], &id))
		return false;
	if (!entry_row_parse(fields + 3, entry))
		*entry = (struct entry){.id = id, .kind = ENTRY_BOOK};
	entry->number = number;
	return true;
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

struct row {
	uint64_t position;
	struct entry entry;
};

/* What an answer has: rows of a table, in any order, which was of so many rows. */
struct tail {
	struct uuid table;
	uint64_t total;
	struct row *rows;
	size_t count;
};

static int by_position(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	return (left->position > right->position) - (left->position < right->position);
}

static enum err replay(
    struct journal *journal, const struct row *rows, size_t count, struct fail *fail)
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

/* One part's rows come as they stand in it. */
static bool is_in_order(const struct row *rows, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (rows[i].position < rows[i - 1].position)
			return false;
	return true;
}

/* From which position on a read has to begin: that of the last entry which was replayed. */
static uint64_t first_position(const struct journal *journal)
{
	struct ledger_mark mark = ledger_mark(journal->ledger);

	return mark.count ? mark.count - 1 : 0;
}

/* Whether the rows are those of the state's table from its last entry on, and none is missing. */
static bool is_continued(
    const struct journal *journal, const struct uuid *table, const struct row *rows, size_t count)
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
 * Replays what was read, in any order. ERR_LEDGER: the state does not fit the table any more and is
 * dropped; loading it anew then tells whether that can be mended. Model: step `mark`.
 */
static enum err take(struct journal *journal, const struct tail *tail, struct fail *fail)
{
	struct row *rows = tail->rows;
	size_t count = tail->count;
	size_t known = ledger_mark(journal->ledger).count > 0;
	enum err err;

	if (!is_in_order(rows, count))
		qsort(rows, count, sizeof(*rows), by_position);
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

/* A question for what stands from one position on, up to another. */
struct page {
	struct arena *arena;
	uint64_t from, to;
	int64_t deadline;
	bool is_started; /* and its answer comes while other things are done */
	struct http_reply reply;
	/* Which table it is and how many rows it has, as a look told a moment before; NULL: this is
	 * asked as well. */
	char *const *seen;
};

/* Bare columns, and few functions: planning is most of what a tail costs. */
#define TAIL(table, total)                                                                         \
	"SELECT " table ","                                                                        \
	" _part_starting_offset + _part_offset AS position,"                                       \
	" _block_number, " ENTRY_ROW_COLUMNS ", " total " FROM ledger"                             \
	" WHERE position >= {from:UInt64}"                                                         \
	" AND position < {to:UInt64}"                                                              \
	" FORMAT TabSeparated"
#define TAIL_AND_TABLE                                                                             \
	TAIL("tupleElement((SELECT (uuid, total_rows)" JOURNAL_TABLE ") AS here, 1)", "here.2")
#define TAIL_ALONE TAIL("{table:UUID}", "{total:UInt64}")

static const char *seen_parameters(const struct page *page)
{
	const char *both = arena_printf(
	    page->arena, "&param_table=%s&param_total=%s", page->seen[0], page->seen[1]);

	return both ? both : "";
}

static struct query query_of(const struct page *page)
{
	return (struct query){
	    .sql = page->seen ? TAIL_ALONE : TAIL_AND_TABLE,
	    .parameters = arena_printf(page->arena,
		CLICKHOUSE_FEW_ROWS IN_MEMORY
		"&date_time_output_format=unix_timestamp&param_from=%" PRIu64 "&param_to=%" PRIu64
		"%s",
		page->from, page->to, page->seen ? seen_parameters(page) : ""),
	    .reply_max = PAGE_BYTES,
	    .deadline = page->deadline,
	};
}

/* Lets the question leave. The page stays where it is until ask() has the answer. */
static void start(struct journal *journal, struct page *page)
{
	const struct query query = query_of(page);

	page->is_started = true;
	clickhouse_start(journal->clickhouse, page->arena, &query, http_keep, &page->reply);
	http_push(clickhouse_http(journal->clickhouse));
}

static enum err ask(struct journal *journal, struct page *page, char **text, struct fail *fail)
{
	struct query query;

	if (!page->is_started) {
		query = query_of(page);
		return clickhouse_ask(journal->clickhouse, page->arena, &query, text, fail);
	}
	http_run(clickhouse_http(journal->clickhouse));
	page->is_started = false;
	*text = page->reply.body;
	return clickhouse_judge(&page->reply, fail);
}

/* The rows of one answer. What the answer has of the table and of its rows was looked up by the
 * same query: that table's, or a later one's. */
static enum err parse(struct page *page, char *text, struct tail *out, struct fail *fail)
{
	struct tail tail = {.count = 0};
	char *fields[JOURNAL_FIELDS + 1];

	tail.rows = arena_room(page->arena, (tsv_count(text) + 1) * sizeof(*tail.rows));
	if (!tail.rows)
		return fail_set(fail, ERR_SYSTEM, "journal", "no memory");
	while (tsv_row(&text, fields, JOURNAL_FIELDS + 1)) {
		struct row *row = &tail.rows[tail.count++];

		if (!journal_parse(fields, &tail.table, &row->position, &row->entry) ||
		    !num_u64(fields[JOURNAL_FIELDS], 0, UINT64_MAX, &tail.total))
			return fail_set(
			    fail, ERR_GARBLED, "journal", "an entry cannot be understood");
	}
	if (!tsv_at_end(text))
		return fail_set(
		    fail, ERR_GARBLED, "journal", "a row of the ledger cannot be understood");
	*out = tail;
	return ERR_NONE;
}

/* How many rows the page ends before that the table has. An answer may know of rows that came after
 * those that it has. */
static uint64_t missing(const struct page *page, const struct tail *tail)
{
	uint64_t there = tail->total < page->to ? tail->total : page->to;
	uint64_t have = page->from + tail->count;

	return tail->count && have < there ? there - have : 0;
}

/* All rows of a page; a second answer has those that the first left out, or leaves some out too. */
static enum err receive(
    struct journal *journal, struct page *page, char *text, struct tail *out, struct fail *fail)
{
	struct tail tail;
	enum err err;

	if ((err = parse(page, text, &tail, fail)))
		return err;
	if (missing(page, &tail) &&
	    ((err = ask(journal, page, &text, fail)) || (err = parse(page, text, &tail, fail))))
		return err;
	if (missing(page, &tail))
		return fail_set(fail, ERR_GARBLED, "journal",
		    "the server gives %" PRIu64 " of %" PRIu64 " entries; " CLICKHOUSE_SHORT,
		    page->from + tail.count, page->from + tail.count + missing(page, &tail));
	*out = tail;
	return ERR_NONE;
}

/* Reads from the state's last entry on, and replays it. */
static enum err read_tail(struct journal *journal, struct arena *arena, int64_t deadline,
    char *const *seen, struct fail *fail)
{
	struct page page = {.arena = arena,
	    .from = first_position(journal),
	    .to = UINT64_MAX,
	    .deadline = deadline,
	    .seen = seen};
	struct tail tail;
	char *text;
	enum err err;

	if ((err = ask(journal, &page, &text, fail)) ||
	    (err = receive(journal, &page, text, &tail, fail)))
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
	    .sql = "SELECT (SELECT uuid" JOURNAL_TABLE "), count(),"
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
	struct page pages[2];
	int64_t deadline;
	struct uuid table;
	int lock;
};

static bool open_loading(struct loading *loading, int64_t deadline)
{
	*loading = (struct loading){.deadline = deadline, .lock = -1};
	loading->pages[0].arena = arena_new(3 * PAGE_BYTES);
	loading->pages[1].arena = arena_new(3 * PAGE_BYTES);
	return loading->pages[0].arena && loading->pages[1].arena;
}

static void close_loading(struct loading *loading)
{
	arena_free(loading->pages[0].arena);
	arena_free(loading->pages[1].arena);
	file_unlock(loading->lock);
}

/* A page of so many rows after so many entries, in memory that is used again. */
static void turn_to(const struct journal *journal, const struct loading *loading, struct page *page,
    uint64_t count, uint64_t rows)
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
    struct journal *journal, struct loading *loading, struct page *next, struct fail *fail)
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
		struct page *page = &loading->pages[at], *next = &loading->pages[1 - at];

		notify_send("WATCHDOG=1");
		if ((err = ask(journal, page, &text, fail)))
			break;
		turn_to(journal, loading, next, page->to, PAGE_ROWS);
		/* No table has fewer rows than it had. */
		if (page->to < tail.total)
			start(journal, next);
		if ((err = receive(journal, page, text, &tail, fail)))
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
	bool is_open = open_loading(&loading, deadline);
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
