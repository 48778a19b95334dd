/* SPDX-License-Identifier: MIT */
/* schema.h: the database's schema and its version */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/clickhouse.h"

/* The number of the last migration that this program knows and needs. */
#define SCHEMA_VERSION 11
#define SCHEMA_TEXT(number) SCHEMA_TEXT_(number)
#define SCHEMA_TEXT_(number) #number
/* As each program says it for --version: "0.1.0, schema 11". */
#define PROGRAM_VERSION PACKAGE_VERSION ", schema " SCHEMA_TEXT(SCHEMA_VERSION)

/*
 * ERR_SCHEMA: the database is older or newer than this program, or not there, or the server is too
 * old; the detail is one sentence that says what to do. Else what clickhouse_judge() says.
 */
enum err schema_check(
    struct clickhouse *clickhouse, struct arena *arena, struct fail *fail) MUST_CHECK;

/* 0: nothing was ever applied. */
enum err schema_version(struct clickhouse *clickhouse, struct arena *arena, uint64_t *out,
    struct fail *fail) MUST_CHECK;

/* Whether the user may do all that the migrations after this version do: rights_need()'s. */
enum err schema_may_migrate(struct clickhouse *clickhouse, struct arena *arena,
    const struct conf *conf, uint64_t version, struct fail *fail) MUST_CHECK;

/* Makes the database and the table of migrations, when they are not there. */
enum err schema_begin(struct clickhouse *clickhouse, struct arena *arena, const char *database,
    struct fail *fail) MUST_CHECK;

/* Runs a migration's statements, each ended by a ";" at a line's end, and records it. */
enum err schema_apply(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    const char *name, const char *statements, struct fail *fail) MUST_CHECK;

#endif
