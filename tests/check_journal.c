/* SPDX-License-Identifier: MIT */
/* check_journal.c: append and tail against a table in memory, which loses replies, rows and order;
 * and how rows are read. The table stands in for clickhouse.c at link time. */
#include "store/journal.h"
#include "base/clock.h"
#include "arenas.h"
#include "files.h"
#include "ledgers.h"
#include "store/checkpoint.h"
#include "store/tsv.h"

#define ROWS 64
#define SCRIPT 8

/* What becomes of an INSERT. */
enum put {
	PUT_AGAIN,  /* in a script: as the one before it, from here on */
	PUT_OK,	    /* the row is there, and the answer says so */
	PUT_SILENT, /* the row is there, and the answer is lost */
	PUT_LOST,   /* neither */
	PUT_LATE,   /* the answer is lost, and the row comes with the second next read */
	PUT_LATER,  /* … with the fourth next */
	PUT_ABSENT, /* a success without a row: the commit failed and used the token up */
	PUT_BUSY,   /* refused for now */
	PUT_FAILED, /* an exception of a commit that failed and used the token up */
	PUT_AUTH,
	PUT_UNREACHABLE,
};

/* What becomes of a read of the tail. */
enum reading { TAIL_OK, TAIL_UNREACHABLE, TAIL_GARBLED, TAIL_CUT, TAIL_ODD, TAIL_HOLE, TAIL_SKEW };

static struct {
	struct row {
		uint64_t number;
		char text[1000]; /* an INSERT's line: a tail's columns but for the first three */
	} rows[ROWS];
	size_t count;
	uint64_t next; /* number */
	char tokens[ROWS][UUID_TEXT];
	size_t token_count;
	char late[1000], late_token[UUID_TEXT];
	int late_in; /* reads */
	enum put puts[SCRIPT];
	enum reading tails[SCRIPT];
	int put_count, tail_count, loads;
	int started, pushed; /* questions that leave before the answer is waited for */
	int awaited;	     /* of those, how many have come */
	int sums;	     /* questions whether a checkpoint fits */
	const char *sum;     /* an answer to one, as it stands; NULL: the true one */
	enum err sum_err;    /* what comes of one */
	int told;	     /* reads of a tail after a look */
	uint64_t bulk_ids;   /* added to the ids of the bulk but for the last one's */
	bool keeps;	     /* another process leaves a checkpoint before a read that is garbled */
	bool overtakes;	     /* and another before the next one is answered */
	ino_t left;	     /* the file of that checkpoint */
	unsigned signs;	     /* of life, to a watchdog */
	int arrivals;	     /* answers that count a row which comes as its rows are read */
	bool is_exchanged;   /* after the first of them, for another table with fewer rows */
	uint64_t limit;	     /* more than 0: a read gives so many rows, whatever it asks for */
	uint64_t bulk;	     /* more than 0: so many rows stand there, and nothing else */
	struct uuid uuid;
} table;

static void add_row(const char *text)
{
	struct row *row = &table.rows[table.count++];

	ck_assert_uint_le(table.count, ROWS);
	row->number = table.next++;
	snprintf(row->text, sizeof(row->text), "%s", text);
}

static bool is_token_used(const char *id)
{
	for (size_t i = 0; i < table.token_count; i++)
		if (strncmp(table.tokens[i], id, UUID_TEXT - 1) == 0)
			return true;
	return false;
}

static enum err put_row(const struct query *query, struct fail *fail)
{
	enum put put = table.puts[table.put_count];
	const char *token = strstr(query->parameters, "&insert_deduplication_token=");
	bool is_repeat;

	if (table.put_count + 1 < SCRIPT && table.puts[table.put_count + 1] != PUT_AGAIN)
		table.put_count++;
	ck_assert_ptr_nonnull(token);
	token += strlen("&insert_deduplication_token=");
	is_repeat = is_token_used(token);
	ck_assert_uint_eq(strlen(query->data), query->data_len);
	ck_assert_ptr_eq(strchr(query->data, '\n'), query->data + query->data_len - 1);
	switch (put) {
	case PUT_AGAIN:
	case PUT_OK:
	case PUT_SILENT:
		if (!is_repeat) {
			add_row(query->data);
			snprintf(table.tokens[table.token_count++], UUID_TEXT, "%.36s", token);
		}
		return put == PUT_SILENT ? fail_set(fail, ERR_UNSURE, "fake", "the reply is lost")
					 : ERR_NONE;
	case PUT_LOST:
		return fail_set(fail, ERR_UNSURE, "fake", "the request is lost");
	case PUT_LATE:
	case PUT_LATER:
		snprintf(table.late, sizeof(table.late), "%s", query->data);
		snprintf(table.late_token, sizeof(table.late_token), "%.36s", token);
		table.late_in = put == PUT_LATE ? 2 : 4;
		return fail_set(fail, ERR_UNSURE, "fake", "no reply in time");
	case PUT_ABSENT:
		snprintf(table.tokens[table.token_count++], UUID_TEXT, "%.36s", token);
		return ERR_NONE;
	case PUT_BUSY:
		return fail_set(fail, ERR_BUSY, "fake", "too many parts");
	case PUT_FAILED:
		if (!is_repeat)
			snprintf(table.tokens[table.token_count++], UUID_TEXT, "%.36s", token);
		return fail_set(fail, ERR_UNSURE, "fake", "exception 1001");
	case PUT_AUTH:
		return fail_set(fail, ERR_AUTH, "fake", "wrong password");
	case PUT_UNREACHABLE:
		return fail_set(fail, ERR_UNREACHABLE, "fake", "nobody listens");
	}
	return ERR_NONE;
}

static void late_row_arrives(void)
{
	if (!table.late_in || --table.late_in)
		return;
	if (!is_token_used(table.late_token)) {
		add_row(table.late);
		strcpy(table.tokens[table.token_count++], table.late_token);
	}
}

/* How many rows stand before this one. */
static uint64_t position_of(size_t row)
{
	uint64_t position = 0;

	for (size_t i = 0; i < table.count; i++)
		position += table.rows[i].number < table.rows[row].number ||
			    (table.rows[i].number == table.rows[row].number && i < row);
	return position;
}

#define BULK_ID "%08" PRIu64 "-0000-4000-8000-000000000000"
static uint64_t bulk_id(uint64_t row)
{
	return row + 1 + (row + 1 < table.bulk ? table.bulk_ids : 0);
}

static void write_bulk(struct text *text, const char *uuid, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to && i < table.bulk; i++)
		text_printf(text,
		    "%s\t%" PRIu64 "\t%" PRIu64 "\t" BULK_ID
		    "\t%s\t%s\t0\t\t0\t0\t0\t0\toff\t\t\t\t0\toperator\t\t%" PRIu64 "\n",
		    uuid, i, i + 1, bulk_id(i), i ? "unblock" : "epoch", uuid, table.bulk);
}

static void leave_checkpoint(void);

static uint64_t half_of(const char *id_text)
{
	char text[UUID_TEXT];
	struct uuid id;
	uint64_t half = 0;

	snprintf(text, sizeof(text), "%.36s", id_text);
	ck_assert(uuid_parse(text, &id));
	for (int i = 7; i >= 0; i--)
		half = half << 8 | id.bytes[i];
	return half;
}

static enum err read_sum(
    struct arena *arena, const struct query *query, char **rows, struct fail *fail)
{
	uint64_t upto, count = 0, sum = 0;
	char uuid[UUID_TEXT], id[64];

	ck_assert_int_eq(sscanf(query->parameters, "&param_count=%" SCNu64, &upto), 1);
	table.sums++;
	if (table.sum_err)
		return fail_set(fail, table.sum_err, "fake", "as it was told to");
	if (table.sum) {
		*rows = arena_str(arena, table.sum);
		return ERR_NONE;
	}
	for (uint64_t i = 0; i < table.bulk && i < upto; i++) {
		snprintf(id, sizeof(id), BULK_ID, bulk_id(i));
		sum += (i + 1) * half_of(id);
		count++;
	}
	for (size_t i = 0; i < table.count && !table.bulk; i++)
		if (position_of(i) < upto) {
			sum += table.rows[i].number * half_of(table.rows[i].text);
			count++;
		}
	*rows = arena_printf(
	    arena, "%s\t%" PRIu64 "\t%" PRIu64 "\n", uuid_format(&table.uuid, uuid), count, sum);
	return ERR_NONE;
}

static void add(enum entry_kind kind, int booking, uint64_t version, int start, int end);

/* The rows in reverse: a SELECT without ORDER BY promises nothing. */
static enum err read_tail(
    struct arena *arena, const struct query *query, char **rows, struct fail *fail)
{
	enum reading tail = table.tail_count < SCRIPT ? table.tails[table.tail_count++] : TAIL_OK;
	struct text text = text_new(arena, table.bulk ? 6000000 : 100000);
	char uuid[UUID_TEXT];
	const char *bounds = strstr(query->parameters, "&param_from=");
	const char *seen = strstr(query->parameters, "&param_table=");
	bool is_overtaken = table.arrivals > 0;
	uint64_t from, to, total;

	if (is_overtaken)
		add(ENTRY_BOOK, 1, 0, 900 + 10 * table.arrivals--, 905);
	total = table.count;
	uuid_format(&table.uuid, uuid);
	/* What the query does not ask for itself it was told. */
	ck_assert_int_eq(!seen, strstr(query->sql, "system.tables") != NULL);
	if (seen)
		ck_assert_int_eq(
		    sscanf(seen, "&param_table=%36s&param_total=%" SCNu64, uuid, &total), 2);
	table.told += seen != NULL;
	ck_assert_ptr_nonnull(strstr(query->parameters, "&date_time_output_format=unix_timestamp"));
	ck_assert_ptr_nonnull(bounds);
	ck_assert_int_eq(
	    sscanf(bounds, "&param_from=%" SCNu64 "&param_to=%" SCNu64, &from, &to), 2);
	table.loads += from == 0 && to < UINT64_MAX;
	if (tail == TAIL_UNREACHABLE)
		return fail_set(fail, ERR_UNREACHABLE, "fake", "nobody listens");
	late_row_arrives();
	if (table.bulk)
		write_bulk(&text, uuid, from, to);
	for (size_t i = table.count; !table.bulk && i-- > 0;)
		if (position_of(i) >= from && position_of(i) < to &&
		    !(table.limit && position_of(i) >= from + table.limit) &&
		    !(is_overtaken && position_of(i) + 1 == table.count) &&
		    !(tail == TAIL_HOLE && i + 2 == table.count))
			text_printf(&text, "%s\t%" PRIu64 "\t%" PRIu64 "\t%.*s\t%zu\n", uuid,
			    position_of(i) + (tail == TAIL_SKEW && i + 1 == table.count),
			    table.rows[i].number, (int)strcspn(table.rows[i].text, "\n"),
			    table.rows[i].text, (size_t)total);
	if (is_overtaken && table.is_exchanged) {
		table.is_exchanged = false;
		table.count -= 3;
		table.uuid.bytes[0]++;
	}
	if (table.overtakes) {
		table.overtakes = false;
		leave_checkpoint();
	}
	if (tail == TAIL_GARBLED && table.keeps)
		leave_checkpoint();
	if (tail == TAIL_GARBLED)
		text_str(&text, "what is this\n");
	if (tail == TAIL_ODD && text.len)
		text.data[0] = 'x';
	if (tail == TAIL_CUT && text.len)
		text.data[--text.len] = '\0';
	*rows = text.data;
	return ERR_NONE;
}

void __wrap_notify_send(const char *state);
void __wrap_notify_send(const char *state)
{
	ck_assert_str_eq(state, "WATCHDOG=1");
	table.signs++;
}

/* What journal.c calls of clickhouse.c and http.c. */
struct http *clickhouse_http(const struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return NULL;
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail)
{
	(void)clickhouse;
	if (strncmp(query->sql, "INSERT", 6) == 0)
		return put_row(query, fail);
	return strstr(query->sql, "sum(") ? read_sum(arena, query, rows, fail)
					  : read_tail(arena, query, rows, fail);
}

/* Its answer is there at once, and is looked at later. */
void clickhouse_start(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    http_done *done, void *context)
{
	struct http_reply reply = {.status = 200, .body = (char *)""};

	table.started++;
	reply.err = clickhouse_ask(clickhouse, arena, query, &reply.body, &reply.fail);
	done(context, &reply);
}

enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail)
{
	return reply->err ? fail_set(fail, reply->err, "fake", "%s", reply->fail.detail) : ERR_NONE;
}

void http_keep(void *context, const struct http_reply *reply)
{
	*(struct http_reply *)context = *reply;
}

void http_push(struct http *http)
{
	(void)http;
	table.pushed = table.started;
}

void http_run(struct http *http)
{
	(void)http;
	table.awaited = table.started;
}

int64_t clickhouse_deadline(const struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return clock_boot_ms() + 5000;
}

static struct arena *arena;
static struct journal *journal;
static struct fail failure;

/* A row as another writer puts it there. */
static void add(enum entry_kind kind, int booking, uint64_t version, int start, int end)
{
	static int ids = 100;
	struct uuid id = id_of(ids++), of = id_of(booking);
	char text[400], id_text[UUID_TEXT], of_text[UUID_TEXT];

	snprintf(text, sizeof(text),
	    "%s\t%s\t%s\t%" PRIu64 "\ta\t%d\t%d\t%d\t%d\tfresh\t\t\t\t0\tprospect\t\n",
	    uuid_format(&id, id_text), entry_kind_name(kind), uuid_format(&of, of_text), version,
	    start, end, start, end);
	add_row(text);
}

static void set_up(void)
{
	memset(&table, 0, sizeof(table));
	table.next = 1;
	table.uuid = id_of(0);
	add(ENTRY_EPOCH, 0, 0, 0, 0);
	arena = arena_new(1 << 24);
	journal = journal_new((struct clickhouse *)&table);
	ck_assert(arena && journal);
	ck_assert_ptr_eq(journal_clickhouse(journal), (struct clickhouse *)&table);
	failure = (struct fail){0};
}

static void tear_down(void)
{
	journal_free(journal);
	arena_free(arena);
	ck_assert_int_eq(arena_count, 0);
}

static enum err refresh(void)
{
	enum err err = journal_refresh(journal, arena, &failure);

	/* Who finds it says so. */
	if (err == ERR_LEDGER)
		ck_assert_msg(
		    strcmp(failure.where, "journal") == 0 || strcmp(failure.where, "ledger") == 0,
		    "%s: %s", failure.where, failure.detail);
	return err;
}

/* Whether the state is what a replay of the whole table comes to. */
static bool is_current(void)
{
	struct journal *other = journal_new(NULL);
	struct state expected;
	struct fail fail;
	bool is_same;

	ck_assert_int_eq(journal_refresh(other, arena, &fail), ERR_NONE);
	state_of(journal_state(other), &expected);
	is_same =
	    is_state(journal_state(journal), &expected) &&
	    ledger_mark(journal_state(journal)).number == ledger_mark(journal_state(other)).number;
	journal_free(other);
	return is_same;
}

START_TEST(state_follows_the_table)
{
	ck_assert_ptr_null(journal_state(journal));
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 1);
	for (int i = 0; i < 10; i++) {
		table.next += (uint64_t)i % 3; /* gaps are legal */
		add(ENTRY_BOOK, i + 1, 0, i * 10, i * 10 + 10);
		if (i % 2)
			add(ENTRY_BOOK, i + 20, 0, i * 10, i * 10 + 10);
		ck_assert_int_eq(refresh(), ERR_NONE);
		ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, table.count);
		ck_assert(is_current());
	}
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, table.count);
	/* Once for this journal, once for each of the ten beside it. */
	ck_assert_int_eq(table.loads, 11);
	ck_assert_ptr_eq(journal_clickhouse(journal), (struct clickhouse *)&table);
	journal_free(NULL);
}
END_TEST

/* What a look tells, how often the tail is then read without asking for it once more, and whether
 * the state is replayed from the start. */
static const struct {
	const char *table; /* NULL: its own */
	const char *rows;
	int told, loads;
} seen[] = {
    {NULL, "3", 1, 0},
    /* More came since. */
    {NULL, "2", 1, 0},
    /* One of them is left out, in the second answer, too. */
    {NULL, "4", 2, 1},
    /* Another table, which the programs' own is not any more. */
    {"00000000-0000-0000-0000-000000000009", "3", 1, 1},
    {NULL, "three", 0, 0},
    {"no table", "3", 0, 0},
};

START_TEST(tail_after_a_look)
{
	char uuid[UUID_TEXT], rows[8], table_text[UUID_TEXT];
	char *fields[] = {table_text, rows};

	ck_assert_int_eq(refresh(), ERR_NONE);
	table.loads = 0;
	add(ENTRY_BOOK, 1, 0, 0, 10);
	add(ENTRY_BOOK, 2, 0, 10, 20);
	snprintf(table_text, sizeof(table_text), "%s",
	    seen[_i].table ? seen[_i].table : uuid_format(&table.uuid, uuid));
	snprintf(rows, sizeof(rows), "%s", seen[_i].rows);
	ck_assert_int_eq(journal_refresh_seen(journal, arena, fields, &failure), ERR_NONE);
	ck_assert_int_eq(table.told, seen[_i].told);
	ck_assert_int_eq(table.loads, seen[_i].loads);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 3);
	ck_assert(is_current());
	/* A load, and a verdict, always ask. */
	table.told = 0;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.told, 0);
}
END_TEST

/* Around the ends of the pages of a load. */
static const struct {
	uint64_t rows;
	unsigned pages;
} lengths[] = {{1, 1}, {999, 1}, {1000, 2}, {1001, 2}, {20999, 2}, {21000, 3}, {21001, 3},
    {41000, 4}, {61000, 5}};

START_TEST(long_ledger)
{
	table.bulk = lengths[_i].rows;
	ck_assert_int_eq(refresh(), ERR_NONE);
	/* Who waits for a long one is known to be alive. */
	ck_assert_uint_eq(table.signs, lengths[_i].pages);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, table.bulk);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).number, table.bulk);
	table.bulk += 2;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, table.bulk);
	ck_assert_int_eq(table.loads, 1);
}
END_TEST

static void drop_last_row(void)
{
	table.count--;
}

static void drop_middle_row(void)
{
	table.rows[2] = table.rows[--table.count];
}

/* As after a RESTORE, in the same order. */
static void renumber(void)
{
	for (size_t i = 0; i < table.count; i++)
		table.rows[i].number = i + 10;
	table.next = table.count + 10;
}

static void add_in_the_middle(void)
{
	add(ENTRY_BOOK, 77, 0, 700, 710);
	table.rows[table.count - 1].number = 6;
}

static void change_last_id(void)
{
	table.rows[table.count - 1].text[0] ^= 1;
}

static void repeat_a_number(void)
{
	table.rows[2].number = table.rows[1].number;
}

static void repeat_the_last_number(void)
{
	add(ENTRY_BOOK, 77, 0, 700, 710);
	table.rows[table.count - 1].number = table.rows[table.count - 2].number;
}

static void empty_table(void)
{
	table.count = 0;
}

static void change_epoch(void)
{
	table.rows[0].text[0] ^= 1;
}

static void change_epoch_and_count(void)
{
	table.rows[0].text[0] ^= 1;
	drop_last_row();
}

static void lose_epoch(void)
{
	table.rows[0] = table.rows[--table.count];
}

#define WAY_OUT "; see `slotguardctl check` and `slotguardctl ledger rebuild`"

/* What happens to the table under a reader that stands at its last row. */
static void restore(void)
{
	drop_last_row();
	table.uuid = id_of(999);
}

static const struct {
	const char *what;
	void (*change)(void);
	enum err err;
	const char *detail;
} changes[] = {
    {"the last row is gone", drop_last_row, ERR_NONE, NULL},
    {"a row in the middle is gone", drop_middle_row, ERR_NONE, NULL},
    {"other numbers in the same order", renumber, ERR_NONE, NULL},
    {"a row appears before the reader", add_in_the_middle, ERR_NONE, NULL},
    {"the last row is another", change_last_id, ERR_NONE, NULL},
    {"another table", restore, ERR_LEDGER,
	"the ledger was restored into another table than it began in" WAY_OUT},
    {"a number repeats far back", repeat_a_number, ERR_LEDGER,
	"entry numbers repeat (2 after 2)" WAY_OUT},
    {"a number repeats at the end", repeat_the_last_number, ERR_LEDGER,
	"entry numbers repeat (7 after 7)" WAY_OUT},
    {"no row is left", empty_table, ERR_LEDGER,
	"the ledger is empty: not even an epoch stands in it" WAY_OUT},
    {"another epoch", change_epoch_and_count, ERR_LEDGER,
	"the ledger's epoch is another than at this program's start; after `slotguardctl ledger "
	"rebuild` restart the programs"},
    {"no epoch", lose_epoch, ERR_LEDGER, "the first entry is no epoch" WAY_OUT},
};

/* Fewer entries than the server says there are: a profile's limit is not the ledger's end. */
START_TEST(shortened)
{
	enum verdict verdict;
	struct entry entry;

	for (int i = 1; i < 20; i++)
		add(ENTRY_BOOK, 1 + i % 7, 0, 10 * i, 10 * i + 5);
	table.limit = 7;
	ck_assert_int_eq(refresh(), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "journal");
	ck_assert_ptr_nonnull(strstr(failure.detail, "gives 7 of 20 entries"));
	ck_assert_ptr_null(journal_state(journal));
	table.limit = 0;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert(is_current());
	/* What came in between is no shortage, and no reason to load anew. */
	for (int answers = 1; answers <= 2; answers++) {
		add(ENTRY_BOOK, 1, 0, 890, 895);
		table.arrivals = answers;
		table.loads = 0;
		ck_assert_int_eq(refresh(), ERR_NONE);
		ck_assert_int_eq(table.arrivals, 0);
		ck_assert_int_eq(table.loads, 0);
	}
	/* The last one came after all that was read. */
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert(is_current());
	/* Who starts meets the same. */
	journal_free(journal);
	journal = journal_new(NULL);
	table.arrivals = 2;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.arrivals, 0);
	/* Of a tail, too. */
	for (int i = 20; i < 30; i++)
		add(ENTRY_BOOK, 1 + i % 7, 0, 10 * i, 10 * i + 5);
	table.limit = 4;
	entry = (struct entry){.kind = ENTRY_BOOK,
	    .booking = id_of(9),
	    .owner = "a",
	    .call = {5000, 5005},
	    .taken = {5000, 5005},
	    .calendar = CALENDAR_OFF};
	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 100, &verdict, &failure),
	    ERR_UNSURE);
	table.limit = 0;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert(is_current());
}
END_TEST

/* A table that was exchanged in between is another one, and no short answer. */
START_TEST(exchanged_between_two_answers)
{
	for (int i = 0; i < 6; i++)
		add(ENTRY_BOOK, 1 + i, 0, 10 * i, 10 * i + 5);
	table.arrivals = 1;
	table.is_exchanged = true;
	ck_assert_int_eq(refresh(), ERR_LEDGER);
	ck_assert_str_eq(
	    failure.detail, "the ledger was restored into another table than it began in" WAY_OUT);
}
END_TEST

START_TEST(table_changes_under_the_reader)
{
	for (int i = 0; i < 5; i++)
		add(ENTRY_BOOK, i + 1, 0, i * 10, i * 10 + 10);
	table.next += 1;
	table.rows[table.count - 1].number = 7; /* 6 is a gap */
	ck_assert_int_eq(refresh(), ERR_NONE);
	changes[_i].change();
	/* A number may repeat before the reader without being seen until somebody loads anew. */
	if (changes[_i].change == repeat_a_number) {
		journal_free(journal);
		journal = journal_new(NULL);
	}
	ck_assert_msg(refresh() == changes[_i].err, "%s: %s", changes[_i].what, failure.detail);
	if (changes[_i].err) {
		ck_assert_str_eq(failure.detail, changes[_i].detail);
		ck_assert_ptr_null(journal_state(journal));
		/* It stays so: nobody goes on with what was there before. */
		ck_assert_int_eq(refresh(), changes[_i].err);
		ck_assert_ptr_null(journal_state(journal));
	} else {
		ck_assert(is_current());
	}
}
END_TEST

/* The epoch is not read again while the mark stands, but a new reader sees it. */
START_TEST(epoch_of_another_ledger)
{
	add(ENTRY_BOOK, 1, 0, 0, 10);
	ck_assert_int_eq(refresh(), ERR_NONE);
	change_epoch();
	ck_assert_int_eq(refresh(), ERR_NONE);
	drop_last_row();
	ck_assert_int_eq(refresh(), ERR_LEDGER);
}
END_TEST

START_TEST(reads_that_fail)
{
	ck_assert_int_eq(refresh(), ERR_NONE);
	add(ENTRY_BOOK, 1, 0, 0, 10);
	table.tail_count = 0;
	table.tails[0] = TAIL_UNREACHABLE;
	ck_assert_int_eq(refresh(), ERR_UNREACHABLE);
	/* The state of before is kept, and goes on from there. */
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 1);
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 2);
	/* A tail that cannot be understood is read anew from the start. */
	for (enum reading tail = TAIL_GARBLED; tail <= TAIL_ODD; tail++) {
		table.tail_count = 0;
		table.tails[0] = tail;
		table.tails[1] = TAIL_OK;
		ck_assert_int_eq(refresh(), ERR_NONE);
		ck_assert(is_current());
	}
	/* One in which a row is missing is read once more. */
	for (int i = 0; i < 2; i++)
		add(ENTRY_BOOK, i + 2, 0, i * 10 + 20, i * 10 + 30);
	table.tail_count = table.loads = 0;
	table.tails[0] = TAIL_HOLE;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	ck_assert(is_current());
	table.tail_count = 0;
	table.tails[0] = table.tails[1] = TAIL_ODD;
	ck_assert_int_eq(refresh(), ERR_GARBLED);
	ck_assert_str_eq(failure.detail, "an entry cannot be understood");
	table.tail_count = 0;
	table.tails[0] = table.tails[1] = TAIL_CUT;
	ck_assert_int_eq(refresh(), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "journal");
	ck_assert_ptr_null(journal_state(journal));
}
END_TEST

/* Rows that somebody wrote past the programs, and that the server let pass: they are malformed for
 * whoever reads them, from the start or from the middle, and stand in nobody's way. */
START_TEST(unreadable_rows)
{
	/* A kind, an interval's start, caps, tags. */
	static const char *const odd[][4] = {
	    {"book", "0", "9999999999::1:2", ""},
	    {"sell", "0", "", ""},
	    {"book", "-1", "", ""},
	    {"book", "0", "", "A"},
	};
	char text[400], of[UUID_TEXT], id[UUID_TEXT];
	struct ledger_booking found;

	ck_assert_int_eq(refresh(), ERR_NONE);
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct uuid thief = id_of(900 + (int)i), row = id_of(800 + (int)i);

		uuid_format(&thief, of);
		snprintf(text, sizeof(text),
		    "%s\t%s\t%s\t0\tthief\t%s\t10\t0\t10\toff\t%s\t%s\t\t0\tprospect\t\n",
		    uuid_format(&row, id), odd[i][0], uuid_format(&thief, of), odd[i][1], odd[i][2],
		    odd[i][3]);
		add_row(text);
		ck_assert_int_eq(refresh(), ERR_NONE);
		ck_assert_int_eq(
		    ledger_verdict(journal_state(journal), table.count - 1), VERDICT_MALFORMED);
		ck_assert(!ledger_find(journal_state(journal), &thief, &found));
		add(ENTRY_BOOK, 1 + (int)i, 0, (int)i * 10, (int)i * 10 + 10);
		ck_assert_int_eq(refresh(), ERR_NONE);
		ck_assert_int_eq(
		    ledger_verdict(journal_state(journal), table.count - 1), VERDICT_ACCEPTED);
		ck_assert(is_current());
	}
	/* No ledger begins with one. */
	journal_free(journal);
	journal = journal_new(NULL);
	memmove(table.rows, table.rows + 1, --table.count * sizeof(table.rows[0]));
	ck_assert_int_eq(refresh(), ERR_LEDGER);
}
END_TEST

static const char *kept_file(void)
{
	char name[40];

	snprintf(name, sizeof(name), "ledger.%ld", (long)geteuid());
	return path_of(name);
}

/* What another process of this user leaves there that has replayed the table as it is now. */
static void leave_checkpoint(void)
{
	struct journal *other = journal_new(NULL);
	struct arena *own = arena_new(1 << 24);
	int loads = table.loads;
	struct stat found;
	struct fail fail;

	ck_assert(other && own);
	ck_assert_int_eq(journal_refresh(other, own, &fail), ERR_NONE);
	ck_assert_int_eq(checkpoint_store(folder, journal_state(other), &fail), ERR_NONE);
	ck_assert_int_eq(stat(kept_file(), &found), 0);
	table.left = found.st_ino;
	journal_free(other);
	arena_free(own);
	table.loads = loads;
}

#define NOT_THEIRS "00000000-0000-0000-0000-0000000003e7"

/* As a program that starts. */
static void begin_anew(void)
{
	journal_free(journal);
	journal = journal_new(NULL);
	ck_assert_ptr_nonnull(journal);
	journal_keep(journal, folder);
	table.loads = table.sums = 0;
}

/* While one is replayed the next one is on its way, and what becomes of it is told in its turn. */
START_TEST(pages_come_ahead)
{
	table.bulk = 50000;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 50000);
	ck_assert_int_eq(table.started, 2);
	ck_assert_int_eq(table.pushed, 2);
	for (int i = 1; i <= 2; i++) {
		journal_free(journal);
		journal = journal_new(NULL);
		table.tail_count = 0;
		table.tails[i - 1] = TAIL_OK;
		table.tails[i] = i == 1 ? TAIL_UNREACHABLE : TAIL_CUT;
		ck_assert_int_eq(refresh(), i == 1 ? ERR_UNREACHABLE : ERR_GARBLED);
		ck_assert_ptr_null(journal_state(journal));
	}
	/* One that is on its way when the one before it fails is heard to its end. */
	journal_free(journal);
	journal = journal_new(NULL);
	table.tail_count = 0;
	table.tails[1] = TAIL_ODD;
	table.tails[2] = TAIL_OK;
	table.started = table.awaited = 0;
	ck_assert_int_eq(refresh(), ERR_GARBLED);
	ck_assert_int_eq(table.started, 1);
	ck_assert_int_eq(table.awaited, 1);
}
END_TEST

START_TEST(long_ledger_is_kept)
{
	make_folder();
	table.bulk = 19999;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 0); /* it is short */
	table.bulk = 40001;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	ck_assert_int_eq(each_file(NULL), 2); /* and the lock */
	table.bulk += 2;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	ck_assert_int_eq(table.sums, 1);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 40003);
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.sums, 1);
	/* A tail that has become long is kept as well. */
	table.bulk = 60100;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	begin_anew();
	table.bulk++;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 60101);
	/* Other entries, the newest but one included. */
	table.bulk_ids = 1000000;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	/* Fewer. */
	table.bulk = 60000;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 60000);
	remove_folder();
}
END_TEST

/* Whoever reads a long one at the same time is waited for, and their state gone on from: there is
 * nothing to keep beside it. */
START_TEST(long_ledger_that_another_keeps)
{
	struct stat found;

	make_folder();
	table.bulk = 70000;
	begin_anew();
	table.overtakes = true;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	ck_assert_int_eq(table.sums, 1);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 70000);
	ck_assert_int_eq(stat(kept_file(), &found), 0);
	ck_assert_uint_eq(found.st_ino, table.left);
	table.bulk++;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 70001);
	/* Nobody may be able to say whether it fits. */
	each_file(remove);
	begin_anew();
	table.overtakes = true;
	table.sum_err = ERR_BUSY;
	ck_assert_int_eq(refresh(), ERR_BUSY);
	ck_assert_int_eq(table.loads, 1);
	ck_assert_ptr_null(journal_state(journal));
	remove_folder();
}
END_TEST

/* That it cannot be is no reason to stop. */
START_TEST(long_ledger_that_cannot_be_kept)
{
	make_folder();
	ck_assert_int_eq(mkdir(kept_file(), 0700), 0);
	table.bulk = 40001;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_uint_eq(ledger_mark(journal_state(journal)).count, 40001);
	remove_folder();
}
END_TEST

/* Rows that do not follow each other are no tail: all of it is read anew. */
START_TEST(position_that_is_passed_over)
{
	for (int i = 0; i < 5; i++)
		add(ENTRY_BOOK, i + 1, 0, i * 10, i * 10 + 10);
	ck_assert_int_eq(refresh(), ERR_NONE);
	for (int i = 5; i < 8; i++)
		add(ENTRY_BOOK, i + 1, 0, i * 10, i * 10 + 10);
	table.tail_count = table.loads = 0;
	table.tails[0] = TAIL_SKEW;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	ck_assert(is_current());
}
END_TEST

/* What cannot be understood says nothing of the checkpoint, which stays. */
static const char *const odd_sums[] = {"", "nobody\t6\t1\n", NOT_THEIRS "\t-6\t1\n",
    NOT_THEIRS "\t6\tmany\n", NOT_THEIRS "\t6\n", NOT_THEIRS "\t6\t1",
    NOT_THEIRS "\t6\t1\n" NOT_THEIRS "\t6\t1\n"};

START_TEST(sum_that_cannot_be_understood)
{
	make_folder();
	for (int i = 0; i < 5; i++)
		add(ENTRY_BOOK, i + 1, 0, i * 10, i * 10 + 10);
	leave_checkpoint();
	begin_anew();
	table.sum = odd_sums[_i];
	ck_assert_int_eq(refresh(), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "journal");
	ck_assert_str_eq(failure.detail, "the ledger's sum cannot be understood");
	ck_assert_ptr_null(journal_state(journal));
	/* Nor does a question that fails. */
	table.sum_err = ERR_BUSY;
	ck_assert_int_eq(refresh(), ERR_BUSY);
	table.sum_err = ERR_NONE;
	table.sum = NULL;
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	/* Another table's sum: the checkpoint is of no use any more. */
	begin_anew();
	table.sum = NOT_THEIRS "\t6\t1\n";
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	table.sum = NULL;
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 1);
	remove_folder();
}
END_TEST

/* Another table with the very same rows: nothing that was kept makes it sound. */
START_TEST(restored_table_is_no_checkpoint)
{
	make_folder();
	for (int i = 0; i < 5; i++)
		add(ENTRY_BOOK, i + 1, 0, i * 10, i * 10 + 10);
	leave_checkpoint();
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(table.loads, 0);
	ck_assert(is_current());
	table.uuid = id_of(999);
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_LEDGER);
	ck_assert_int_eq(table.loads, 1);
	ck_assert_str_eq(
	    failure.detail, "the ledger was restored into another table than it began in" WAY_OUT);
	remove_folder();
}
END_TEST

/* The state is read anew while a command is out, and a checkpoint already has it. */
START_TEST(own_command_in_a_checkpoint)
{
	struct entry entry = {.kind = ENTRY_BOOK,
	    .booking = id_of(1),
	    .call = {0, 10},
	    .taken = {0, 10},
	    .calendar = CALENDAR_FRESH};
	enum verdict verdict = VERDICT_MALFORMED;

	entry_set_owner(&entry, "a");
	make_folder();
	begin_anew();
	ck_assert_int_eq(refresh(), ERR_NONE);
	table.keeps = true;
	table.tail_count = 0;
	table.tails[0] = TAIL_GARBLED;
	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 5000, &verdict, &failure),
	    ERR_NONE);
	ck_assert_int_eq(verdict, VERDICT_ACCEPTED);
	ck_assert_uint_eq(entry.number, 2);
	ck_assert_uint_eq(table.count, 2);
	remove_folder();
}
END_TEST

/* Whether a look shows that there is nothing to read. */
static bool look(struct uuid uuid, const char *rows)
{
	char table_text[UUID_TEXT], rows_text[32], *fields[2] = {table_text, rows_text};

	uuid_format(&uuid, table_text);
	snprintf(rows_text, sizeof(rows_text), "%s", rows);
	return journal_is_current(journal, fields);
}

START_TEST(looks)
{
	/* Without a state there is always something to read. */
	ck_assert(!look(table.uuid, "1"));
	ck_assert(!look(table.uuid, "0"));
	ck_assert(!journal_is_as_long(journal, "0"));
	add(ENTRY_BOOK, 1, 0, 0, 10);
	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert(look(table.uuid, "2"));
	ck_assert(!look(table.uuid, "3"));
	ck_assert(!look(table.uuid, "1"));
	ck_assert(!look(id_of(999), "2"));
	/* The number alone, for who saw the table a moment ago. */
	ck_assert(journal_is_as_long(journal, "2"));
	ck_assert(!journal_is_as_long(journal, "3"));
	ck_assert(!journal_is_as_long(journal, "1"));
	ck_assert(!journal_is_as_long(journal, ""));
	/* A table without a count of rows has NULL. */
	ck_assert(!look(table.uuid, "\\N"));
	ck_assert(!look(table.uuid, ""));
}
END_TEST

/*
 * An append by what becomes of its INSERTs and reads. A rival that has the time already makes the
 * verdict an overlap. Rows are those of this command, under however many tokens.
 */
static const struct {
	const char *what;
	enum put puts[SCRIPT];
	enum reading tails[SCRIPT];
	bool has_rival;
	int limit_ms; /* 0: as long as it takes */
	enum err err;
	enum verdict verdict;
	size_t rows;
} appends[] = {
    {"all is well", {PUT_OK}, {TAIL_OK}, false, 0, ERR_NONE, VERDICT_ACCEPTED, 1},
    {"somebody was faster", {PUT_OK}, {TAIL_OK}, true, 0, ERR_NONE, VERDICT_OVERLAP, 1},
    {"the answer is lost", {PUT_SILENT}, {TAIL_OK}, false, 0, ERR_NONE, VERDICT_ACCEPTED, 1},
    {"the answer is lost, and the tail once", {PUT_SILENT}, {TAIL_UNREACHABLE}, false, 0, ERR_NONE,
	VERDICT_ACCEPTED, 1},
    {"the request is lost once", {PUT_LOST, PUT_OK}, {TAIL_OK}, false, 0, ERR_NONE,
	VERDICT_ACCEPTED, 1},
    {"the row is late, and its repeat faster", {PUT_LATE, PUT_OK}, {TAIL_OK}, false, 0, ERR_NONE,
	VERDICT_ACCEPTED, 1},
    {"the row is late, and its repeat lost", {PUT_LATE, PUT_LOST}, {TAIL_OK}, false, 0, ERR_NONE,
	VERDICT_ACCEPTED, 1},
    {"a success without a row", {PUT_ABSENT, PUT_OK}, {TAIL_OK}, false, 0, ERR_NONE,
	VERDICT_ACCEPTED, 1},
    {"successes without a row", {PUT_ABSENT, PUT_ABSENT, PUT_ABSENT, PUT_ABSENT, PUT_OK}, {TAIL_OK},
	false, 0, ERR_NONE, VERDICT_ACCEPTED, 1},
    {"too many successes without a row", {PUT_ABSENT}, {TAIL_OK}, false, 0, ERR_BUSY, 0, 0},
    {"the tail is damaged", {PUT_OK}, {TAIL_GARBLED}, false, 0, ERR_NONE, VERDICT_ACCEPTED, 1},
    {"refused for now", {PUT_BUSY}, {TAIL_OK}, false, 0, ERR_BUSY, 0, 0},
    {"a commit that fails", {PUT_FAILED, PUT_OK}, {TAIL_OK}, false, 0, ERR_NONE, VERDICT_ACCEPTED,
	1},
    {"commits fail until the end", {PUT_FAILED}, {TAIL_OK}, false, 120, ERR_UNSURE, 0, 0},
    {"not let in", {PUT_AUTH}, {TAIL_OK}, false, 0, ERR_AUTH, 0, 0},
    {"nobody there", {PUT_UNREACHABLE}, {TAIL_OK}, false, 120, ERR_UNREACHABLE, 0, 0},
    {"lost for ever", {PUT_LOST}, {TAIL_OK}, false, 120, ERR_UNSURE, 0, 0},
    /* A refusal of the repeat says nothing of the first, which may still be on its way. */
    {"no answer, then refused, and it was only late", {PUT_LATER, PUT_BUSY}, {TAIL_OK}, false, 0,
	ERR_NONE, VERDICT_ACCEPTED, 1},
    {"no answer, then a failure, and it was only late", {PUT_LATER, PUT_FAILED, PUT_OK}, {TAIL_OK},
	false, 0, ERR_NONE, VERDICT_ACCEPTED, 1},
    {"no answer, then refused until the end", {PUT_LOST, PUT_BUSY}, {TAIL_OK}, false, 120,
	ERR_UNSURE, 0, 0},
    {"no answer, then nobody there", {PUT_LOST, PUT_UNREACHABLE}, {TAIL_OK}, false, 120, ERR_UNSURE,
	0, 0},
    {"the tail cannot be read", {PUT_OK},
	{TAIL_UNREACHABLE, TAIL_UNREACHABLE, TAIL_UNREACHABLE, TAIL_UNREACHABLE, TAIL_UNREACHABLE,
	    TAIL_UNREACHABLE, TAIL_UNREACHABLE, TAIL_UNREACHABLE},
	false, 120, ERR_UNSURE, 0, 1},
};

static struct entry command(void)
{
	return (struct entry){.kind = ENTRY_BOOK,
	    .booking = id_of(1),
	    .owner = "a",
	    .call = {100, 110},
	    .taken = {90, 120},
	    .caps = {{3, "", {0, 1000}}},
	    .cap_count = 1,
	    .calendar = CALENDAR_UNCHECKED};
}

START_TEST(append)
{
	int limit_ms = appends[_i].limit_ms ? appends[_i].limit_ms : 5000;
	enum verdict verdict = VERDICT_STALE;
	struct entry entry = command();
	struct ledger_booking at;
	size_t before;
	enum err err;

	ck_assert_int_eq(refresh(), ERR_NONE);
	if (appends[_i].has_rival)
		add(ENTRY_BOOK, 2, 0, 100, 110);
	before = table.count;
	memcpy(table.puts, appends[_i].puts, sizeof(table.puts));
	memcpy(table.tails, appends[_i].tails, sizeof(table.tails));
	table.put_count = table.tail_count = 0;
	err =
	    journal_append(journal, arena, &entry, clock_boot_ms() + limit_ms, &verdict, &failure);
	ck_assert_msg(
	    err == appends[_i].err, "%s: %s %s", appends[_i].what, err_name(err), failure.detail);
	ck_assert_uint_eq(table.count - before, appends[_i].rows);
	if (err) {
		ck_assert_int_eq(failure.code, err);
		ck_assert_ptr_null(strchr(failure.where, ' '));
		ck_assert_int_eq(verdict, VERDICT_STALE);
		return;
	}
	ck_assert_int_eq(verdict, appends[_i].verdict);
	ck_assert_uint_eq(entry.number, table.next - 1);
	memset(table.tails, 0, sizeof(table.tails));
	ck_assert(is_current());
	ledger_find(journal_state(journal), &entry.booking, &at);
	ck_assert_int_eq(at.is_live, verdict == VERDICT_ACCEPTED);
	if (verdict == VERDICT_ACCEPTED) {
		ck_assert_uint_eq(at.version, entry.number);
		ck_assert(at.call.start == 100 && at.call.end == 110 && at.taken.start == 90 &&
			  at.taken.end == 120 && at.calendar == CALENDAR_UNCHECKED);
	}
}
END_TEST

static const char *no_route(unsigned route)
{
	(void)route;
	return NULL;
}

/* Each INSERT but a command's first is counted, unless none was sent before it. */
static const struct {
	enum put puts[SCRIPT];
	const char *counted;
} repeats[] = {
    {{PUT_OK}, "append_retries_total 0\n"},
    {{PUT_LOST, PUT_ABSENT, PUT_OK}, "append_retries_total 2\n"},
    {{PUT_UNREACHABLE, PUT_OK}, "append_retries_total 0\n"},
};

START_TEST(repeats_are_counted)
{
	struct counters *counters = counters_open("/nonexistent");
	struct text text = text_new(arena, 100000);
	struct entry entry = command();
	enum verdict verdict;

	journal_count(journal, counters);
	ck_assert_int_eq(refresh(), ERR_NONE);
	memcpy(table.puts, repeats[_i].puts, sizeof(table.puts));
	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 5000, &verdict, &failure),
	    ERR_NONE);
	counters_write(counters, no_route, &text);
	ck_assert_ptr_nonnull(strstr(text.data, repeats[_i].counted));
	journal_count(journal, NULL);
	counters_close(counters);
}
END_TEST

START_TEST(append_without_a_state)
{
	enum verdict verdict;
	struct entry entry = command();

	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 100, &verdict, &failure),
	    ERR_LEDGER);
	ck_assert_uint_eq(table.count, 1);
}
END_TEST

/* Nothing of it can have arrived: the ledger itself is what is wrong. */
START_TEST(append_that_does_not_leave_for_another_ledger)
{
	enum verdict verdict;
	struct entry entry = command();

	add(ENTRY_BOOK, 5, 0, 500, 510);
	ck_assert_int_eq(refresh(), ERR_NONE);
	change_epoch_and_count();
	table.puts[0] = PUT_UNREACHABLE;
	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 5000, &verdict, &failure),
	    ERR_LEDGER);
	ck_assert_str_eq(failure.where, "journal");
	ck_assert_ptr_null(journal_state(journal));
}
END_TEST

/* After the row is written the ledger turns out to be another: nothing is known of the row. */
START_TEST(append_to_another_ledger)
{
	enum verdict verdict;
	struct entry entry = command();

	add(ENTRY_BOOK, 5, 0, 500, 510);
	ck_assert_int_eq(refresh(), ERR_NONE);
	change_epoch_and_count();
	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 5000, &verdict, &failure),
	    ERR_UNSURE);
	ck_assert_ptr_null(journal_state(journal));
}
END_TEST

/* Hosts of any characters, and the largest numbers, come back as they went. */
START_TEST(row_there_and_back)
{
	struct entry entry = {.kind = ENTRY_RESTORE,
	    .booking = id_of(7),
	    .version = UINT64_MAX,
	    .owner = "a\tb\\n\n'",
	    .call = {1, UINT32_MAX - 1},
	    .taken = {0, UINT32_MAX},
	    .caps = {{UINT32_MAX, "", {2, 3}}, {1, "team", {0, UINT32_MAX}}},
	    .cap_count = 2,
	    .tags = {"intro", "team"},
	    .tag_count = 2,
	    .meeting = "intro",
	    .max_changes = UINT32_MAX,
	    .actor = ACTOR_CALENDAR,
	    .calendar = CALENDAR_REMEMBERED,
	    .calendars = "work:fresh,home:remembered"};
	char *fields[TAIL_FIELDS], *at;
	struct uuid of_table;
	struct entry back;
	uint64_t position;
	enum verdict verdict;

	ck_assert_int_eq(refresh(), ERR_NONE);
	ck_assert_int_eq(
	    journal_append(journal, arena, &entry, clock_boot_ms() + 5000, &verdict, &failure),
	    ERR_NONE);
	at = arena_printf(
	    arena, "00000000-0000-0000-0000-000000000001\t5\t6\t%s", table.rows[1].text);
	ck_assert(tsv_row(&at, fields, TAIL_FIELDS) && tsv_at_end(at));
	ck_assert(tail_parse(fields, &of_table, &position, &back));
	ck_assert_uint_eq(of_table.bytes[15], 1);
	ck_assert_uint_eq(position, 5);
	ck_assert_uint_eq(back.number, 6);
	ck_assert(uuid_equal(&back.id, &entry.id) && uuid_equal(&back.booking, &entry.booking));
	ck_assert_int_eq(back.kind, ENTRY_RESTORE);
	ck_assert_uint_eq(back.version, UINT64_MAX);
	ck_assert_str_eq(back.owner, entry.owner);
	ck_assert(back.call.start == 1 && back.call.end == UINT32_MAX - 1);
	ck_assert(back.taken.start == 0 && back.taken.end == UINT32_MAX);
	ck_assert_uint_eq(back.cap_count, 2);
	ck_assert_uint_eq(back.caps[0].limit, UINT32_MAX);
	ck_assert(back.caps[0].within.start == 2 && back.caps[0].within.end == 3);
	ck_assert_str_eq(back.caps[1].tag, "team");
	ck_assert_uint_eq(back.tag_count, 2);
	ck_assert_str_eq(back.tags[1], "team");
	ck_assert_str_eq(back.meeting, "intro");
	ck_assert_uint_eq(back.max_changes, UINT32_MAX);
	ck_assert_int_eq(back.actor, ACTOR_CALENDAR);
	ck_assert_int_eq(back.calendar, CALENDAR_REMEMBERED);
	ck_assert_str_eq(back.calendars, "work:fresh,home:remembered");
}
END_TEST

#define ID "0123abcd-4567-4abc-8def-0123456789ab"
#define SIXTY "012345678901234567890123456789012345678901234567890123456789"

static const char *const good_row[TAIL_FIELDS] = {ID, "3", "4", ID, "book", ID, "0", "main", "100",
    "110", "90", "120", "fresh", "3::0:1000", "intro", "intro", "10", "prospect", "work:fresh"};

/* One field of the good row is another. */
static const struct {
	int field;
	const char *value;
	enum { REFUSED, UNREADABLE, READ } wanted;
} parses[] = {
    {0, "", REFUSED},
    {0, "\\N", REFUSED},
    {1, "0", READ},
    {1, "18446744073709551615", READ},
    {1, "-1", REFUSED},
    {1, "", REFUSED},
    {2, "1", READ},
    {2, "0", REFUSED},
    {2, "18446744073709551616", REFUSED},
    {3, "", REFUSED},
    {3, "0123abcd-4567-4abc-8def-0123456789a", REFUSED},
    {4, "epoch", READ},
    {4, "restore", READ},
    {4, "", UNREADABLE},
    {4, "BOOK", UNREADABLE},
    {4, "booking", UNREADABLE},
    {5, "00000000-0000-0000-0000-000000000000", READ},
    {5, "0123abcd-4567-4abc-8def-0123456789abc", UNREADABLE},
    {6, "18446744073709551615", READ},
    {6, "1.0", UNREADABLE},
    {7, "", READ},
    {7, SIXTY "012", READ},
    {7, SIXTY "0123", UNREADABLE},
    {8, "4294967295", READ},
    {8, "4294967296", UNREADABLE},
    {9, "-1", UNREADABLE},
    {10, "x", UNREADABLE},
    {11, "", UNREADABLE},
    {12, "unchecked", READ},
    {12, "", UNREADABLE},
    {13, "", READ},
    {13, "3::0", UNREADABLE},
    {13, "9999999999::1:2", UNREADABLE},
    {13, "1::4294967296:4294967297", UNREADABLE},
    {14, "", READ},
    {14, "intro,", UNREADABLE},
    {15, "", READ},
    {15, "Intro", UNREADABLE},
    {16, "4294967295", READ},
    {16, "4294967296", UNREADABLE},
    {16, "-1", UNREADABLE},
    {17, "operator", READ},
    {17, "", UNREADABLE},
};

START_TEST(parse)
{
	char room[TAIL_FIELDS][80], *fields[TAIL_FIELDS];
	struct uuid of_table;
	struct entry entry;
	uint64_t position;

	for (int i = 0; i < TAIL_FIELDS; i++) {
		strcpy(room[i], good_row[i]);
		fields[i] = room[i];
	}
	ck_assert(tail_parse(fields, &of_table, &position, &entry));
	ck_assert(position == 3 && entry.number == 4 && entry.kind == ENTRY_BOOK);
	strcpy(room[parses[_i].field], parses[_i].value);
	ck_assert_int_eq(
	    tail_parse(fields, &of_table, &position, &entry), parses[_i].wanted != REFUSED);
	if (parses[_i].wanted == REFUSED)
		return;
	/* It keeps its place, and is judged by everybody. */
	ck_assert_uint_gt(entry.number, 0);
	ck_assert_int_eq(entry_row_parse(fields + 3, &entry), parses[_i].wanted == READ);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal");
	TCase *reading = tcase_create("read"), *appending = tcase_create("append");
	TCase *parsing = tcase_create("parse");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_test(reading, state_follows_the_table);
	tcase_add_loop_test(reading, tail_after_a_look, 0, (int)COUNT(seen));
	tcase_add_loop_test(reading, long_ledger, 0, (int)COUNT(lengths));
	tcase_add_test(reading, shortened);
	tcase_add_test(reading, exchanged_between_two_answers);
	tcase_add_loop_test(reading, table_changes_under_the_reader, 0, (int)COUNT(changes));
	tcase_add_test(reading, epoch_of_another_ledger);
	tcase_add_test(reading, reads_that_fail);
	tcase_add_test(reading, unreadable_rows);
	tcase_add_test(reading, pages_come_ahead);
	tcase_add_test(reading, long_ledger_is_kept);
	tcase_add_test(reading, long_ledger_that_another_keeps);
	tcase_add_test(reading, long_ledger_that_cannot_be_kept);
	tcase_add_loop_test(
	    reading, sum_that_cannot_be_understood, 0, (int)(sizeof(odd_sums) / sizeof(*odd_sums)));
	tcase_add_test(reading, restored_table_is_no_checkpoint);
	tcase_add_test(reading, position_that_is_passed_over);
	tcase_add_test(reading, looks);
	suite_add_tcase(suite, reading);
	tcase_add_checked_fixture(appending, set_up, tear_down);
	tcase_set_timeout(appending, 30);
	tcase_add_loop_test(appending, append, 0, (int)COUNT(appends));
	tcase_add_loop_test(appending, repeats_are_counted, 0, (int)COUNT(repeats));
	tcase_add_test(appending, append_without_a_state);
	tcase_add_test(appending, append_to_another_ledger);
	tcase_add_test(appending, append_that_does_not_leave_for_another_ledger);
	tcase_add_test(appending, row_there_and_back);
	tcase_add_test(appending, own_command_in_a_checkpoint);
	suite_add_tcase(suite, appending);
	tcase_add_loop_test(parsing, parse, 0, (int)COUNT(parses));
	suite_add_tcase(suite, parsing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
