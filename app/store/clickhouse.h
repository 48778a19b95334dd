/* SPDX-License-Identifier: MIT */
/* clickhouse.h: ClickHouse's HTTP interface */
#ifndef STORE_CLICKHOUSE_H
#define STORE_CLICKHOUSE_H

#include "base/conf.h"
#include "net/http.h"

struct clickhouse;

/* conf and http outlive it. NULL: no memory. */
struct clickhouse *clickhouse_new(const struct conf *conf, struct http *http);
void clickhouse_free(struct clickhouse *clickhouse);
struct http *clickhouse_http(const struct clickhouse *clickhouse);
/* From now on its time-outs are the whole pool's to know, and clickhouse_ready() heeds them. */
void clickhouse_share(struct clickhouse *clickhouse);
/* ERR_UNREACHABLE: it did not answer in time a moment ago, and is not asked yet. */
enum err clickhouse_ready(
    struct clickhouse *clickhouse, struct arena *arena, struct fail *fail) MUST_CHECK;
/* Which of server_settings_asked() the server knows; before that none of them is sent. */
void clickhouse_learn(struct clickhouse *clickhouse, const char *names);
/* The configuration's limit of one query from now on: clock_boot_ms(). */
int64_t clickhouse_deadline(const struct clickhouse *clickhouse);

struct query {
	const char *sql;
	/*
	 * What goes into the URL after the fixed settings:
	 * "&param_pos=7&insert_deduplication_token=…". Only numbers, UUIDs and names of our own:
	 * personal data travels in the body.
	 */
	const char *parameters;
	const char *data; /* rows for an INSERT, NULL otherwise */
	size_t data_len;
	size_t reply_max;     /* 0: 1 MiB */
	enum service service; /* as which it is counted; absent: a read, or a
				 write when there are rows */
	bool is_whole;	      /* a SELECT of many rows: see clickhouse_ask() */
	bool is_outside;      /* not within the configured database, which may not exist yet */
	int64_t deadline;     /* clock_boot_ms(); 0: the configuration's limit from now on */
};

/*
 * Parameters of a query that finds few rows, and is asked often. To set up a thread for each core,
 * and others that format the rows, costs more than all that they would do.
 */
#define CLICKHOUSE_FEW_ROWS "&max_threads=1&output_format_parallel_formatting=0"

/*
 * All rows of a branch as one text, to be read with FORMAT TabSeparatedRaw: each once, and at the
 * end a line of its own. What shortens an answer leaves out the line, too.
 */
#define CLICKHOUSE_WHOLE(columns)                                                                  \
	"concat(arrayStringConcat(groupUniqArray(formatRow('TabSeparated', " columns               \
	"))), '" CLICKHOUSE_END "')"
#define CLICKHOUSE_END "end"

/* Of http_reply.kept: the exception's number, and how many rows were read and written. */
enum { KEPT_CODE, KEPT_SUMMARY };

/*
 * Starts a query; done gets the reply as http.h says, to be judged with clickhouse_judge(). Beside
 * its own parameters it says all of server_settings.h. Rows that the server does not say it wrote
 * are ERR_UNSURE.
 */
void clickhouse_start(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    http_done *done, void *context);

/*
 * What a reply means. ERR_NONE: executed. ERR_UNREACHABLE: it never got there. ERR_UNSURE: it may
 * have, or it failed on the way. ERR_AUTH: user or password; ERR_SCHEMA: no such database, table or
 * column; ERR_REFUSED: it does not take this query or its data; ERR_BUSY: not for now. With the
 * last four nothing was written.
 */
enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* What is to be looked for when rows are missing of which the server knows. */
#define CLICKHOUSE_SHORT                                                                           \
	"a settings profile or a row policy of the user's shortens what is answered"

/*
 * One query by itself. *rows (may be NULL) is the reply's text in the arena, to be cut up freely.
 * One of many rows ends with FORMAT TabSeparated, and all of them come or it is ERR_GARBLED; its
 * statement has to name each column differently.
 */
enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail) MUST_CHECK;

#endif
