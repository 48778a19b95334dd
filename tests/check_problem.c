/* SPDX-License-Identifier: MIT */
/* check_problem.c: the table of problems, and their words in every language */
#include "web/problem.h"
#include "base/arena.h"
#include "base/counters.h"
#include "base/template.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const parts[] = {"title", "text", "next"};

static const char *folder(void)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/templates", srcdir ? srcdir : ".");
	return path;
}

START_TEST(every_problem_is_in_the_table)
{
	for (int i = PROBLEM_NONE + 1; i < PROBLEMS; i++) {
		const struct problem_kind *kind = problem_kind((enum problem)i);

		ck_assert_msg(kind->slug && kind->status >= 200, "problem %d has no row", i);
		ck_assert_msg(
		    kind->status == 503 || !kind->retry_after_s, "%s names a time", kind->slug);
	}
}
END_TEST

START_TEST(every_language_has_its_words)
{
	struct templates *templates;
	const char *language;
	struct fail fail;
	char key[64];
	size_t count;

	ck_assert_msg(!templates_load(folder(), NULL, &templates, &fail), "%s", fail.detail);
	for (count = 0; (language = template_language(templates, count)); count++)
		for (int i = PROBLEM_NONE + 1; i < PROBLEMS; i++)
			for (size_t part = 0; part < 3; part++) {
				snprintf(key, sizeof(key), "problem.%s_%s",
				    problem_kind((enum problem)i)->slug, parts[part]);
				ck_assert_msg(template_message(templates, language, key) != NULL,
				    "%s has no %s", language, key);
			}
	ck_assert_uint_ge(count, 2);
	templates_free(templates);
}
END_TEST

static bool is_used(const char *name)
{
	char known[64];

	for (int i = PROBLEM_NONE + 1; i < PROBLEMS; i++)
		for (size_t part = 0; part < 3; part++) {
			snprintf(known, sizeof(known), "%s_%s", problem_kind((enum problem)i)->slug,
			    parts[part]);
			if (strcmp(known, name) == 0)
				return true;
		}
	return false;
}

/* Words that nobody says would have to be translated all the same. */
static void check_catalogue(const char *language)
{
	char path[4200], line[512], name[64], section[64] = "";
	FILE *file;
	int count = 0;

	snprintf(path, sizeof(path), "%s/%s/messages.ini", folder(), language);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s cannot be read", path);
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "[%63[^]]", section);
		if (strcmp(section, "problem") != 0 || sscanf(line, "%63[a-z_] =", name) != 1)
			continue;
		ck_assert_msg(is_used(name), "%s: no problem says %s", path, name);
		count++;
	}
	fclose(file);
	ck_assert_int_gt(count, 0);
}

START_TEST(no_words_are_left_over)
{
	struct templates *templates;
	const char *language;
	struct fail fail;

	ck_assert_msg(!templates_load(folder(), NULL, &templates, &fail), "%s", fail.detail);
	for (size_t i = 0; (language = template_language(templates, i)); i++)
		check_catalogue(language);
	templates_free(templates);
}
END_TEST

/* What a client can do about it decides the class of the status. */
START_TEST(failures_have_their_problems)
{
	static const struct {
		enum err err;
		int status;
	} rows[] = {{ERR_INPUT, 400}, {ERR_NOT_FOUND, 404}, {ERR_TOO_LARGE, 413}, {ERR_TYPE, 415},
	    {ERR_UNREACHABLE, 503}, {ERR_UNSURE, 503}, {ERR_BUSY, 503}, {ERR_SCHEMA, 503},
	    {ERR_LEDGER, 503}, {ERR_SYSTEM, 500}, {ERR_CONFIG, 500}, {ERR_GRANT, 500},
	    {ERR_REFUSED, 503}, {ERR_AUTH, 503}, {ERR_GARBLED, 503}, {ERR_STOPPING, 503}};

	ck_assert_int_eq(problem_of(ERR_NONE), PROBLEM_NONE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(problem_kind(problem_of(rows[i].err))->status, rows[i].status);
	ck_assert_str_eq(problem_kind(problem_of(ERR_LEDGER))->slug, "ledger");
}
END_TEST

static const char *route(unsigned number)
{
	return number == 0 ? "/" : NULL;
}

/* Whoever watches the metrics sees of each kind of reply how many there were. */
START_TEST(every_status_is_counted)
{
	struct counters *counters = counters_open("/nonexistent");
	struct arena *arena = arena_new(1 << 17);
	struct text text;

	ck_assert(counters && arena);
	for (int i = PROBLEM_NONE + 1; i < PROBLEMS; i++)
		counters_request(counters, 0, problem_kind((enum problem)i)->status, 1);
	text = text_new(arena, 1 << 16);
	counters_write(counters, route, &text);
	for (int i = PROBLEM_NONE + 1; i < PROBLEMS; i++)
		ck_assert_ptr_nonnull(strstr(
		    text.data, arena_printf(arena, "requests_total{route=\"/\",status=\"%d\"} ",
				   problem_kind((enum problem)i)->status)));
	ck_assert_ptr_nonnull(strstr(text.data, "requests_total{route=\"/\",status=\"0\"} 0\n"));
	counters_close(counters);
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("problem");
	TCase *table = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(table, every_problem_is_in_the_table);
	tcase_add_test(table, every_language_has_its_words);
	tcase_add_test(table, no_words_are_left_over);
	tcase_add_test(table, failures_have_their_problems);
	tcase_add_test(table, every_status_is_counted);
	suite_add_tcase(suite, table);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
