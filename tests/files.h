/* SPDX-License-Identifier: MIT */
/* files.h: a folder for the test at hand, and files in it; recorded replies */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

static inline void make_folder(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/slotguard.XXXXXX", parent ? parent : P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* How many files there are; with an action, done to each. */
static inline int each_file(int (*action)(const char *path))
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[600];
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (action)
			action(path);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

static inline void remove_folder(void)
{
	each_file(remove);
	rmdir(folder);
}

static inline const char *path_of(const char *name)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline void write_bytes(const char *name, const char *bytes, size_t len)
{
	FILE *out = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(bytes, 1, len, out), len);
	ck_assert_int_eq(fclose(out), 0);
}

static inline void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

/* What a shell does in the test's folder, FOLDER in the command. */
static inline void shell(const char *command)
{
	char line[3 * PATH_MAX], *out = line;

	for (const char *at = command; *at;)
		if (strncmp(at, "FOLDER", 6) == 0) {
			out += snprintf(out, sizeof(line) - (size_t)(out - line), "%s", folder);
			at += 6;
		} else {
			*out++ = *at++;
		}
	*out = '\0';
	ck_assert_int_eq(system(line), 0);
}

/* A whole file as text, to be freed by the caller. */
static inline char *read_text(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	ck_assert_msg(in && text, "%s cannot be read", path);
	ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, in), (1 << 20) - 1);
	fclose(in);
	return text;
}

/* tests/fixtures/NAME, found from wherever the tests are run. */
static inline char *read_fixture(const char *name)
{
	const char *top = getenv("srcdir");
	char path[600];

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", name);
	return read_text(path);
}

#endif
