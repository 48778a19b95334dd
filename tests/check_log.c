/* SPDX-License-Identifier: MIT */
/* check_log.c: the log's lines, which hold no id and nothing that is no line */
#include "base/log.h"
#include "files.h"
#include "times.h"

#include <fcntl.h>
#include <sodium.h>

#define ID "01234567-89ab-4cde-8f01-23456789abcd"
#define HIDDEN "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

static int kept_stderr;
static char *kept_text;

/* The log's lines go into a file until said() reads them. */
static void set_up(void)
{
	int fd;

	make_folder();
	kept_stderr = dup(STDERR_FILENO);
	fd = open(path_of("log"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	ck_assert(kept_stderr >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	unsetenv("JOURNAL_STREAM");
	log_open();
}

static void tear_down(void)
{
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	free(kept_text);
	kept_text = NULL;
	remove_folder();
}

static const char *said(void)
{
	free(kept_text);
	return kept_text = read_text(path_of("log"));
}

static const struct {
	const char *text, *line;
} lines[] = {
    {"event key=value", "event key=value\n"},
    {"", "\n"},
    {"a\nb\tc\rd\x7f"
     "e\x1f"
     "f g",
	"a?b?c?d?e?f g\n"},
    {"caf\xc3\xa9", "caf\xc3\xa9\n"},
    /* CSI, an override of direction, a line's separator; half a character. */
    {"a\xc2\x9b"
     "31m\xe2\x80\xae z\xe2\x80\xa8.",
	"a?31m? z?.\n"},
    {"a\xc3 \xff\xe2\x82", "a? ???\n"},
    {"path=/spool/17-" ID ".json", "path=/spool/17-" HIDDEN ".json\n"},
    {ID, HIDDEN "\n"},
    {"a=" ID " b=" ID, "a=" HIDDEN " b=" HIDDEN "\n"},
    {"01234567-89AB-4CDE", "xxxxxxxx-xxxx-xxxx\n"},
    /* Cut where it cannot be mistaken any more. */
    {"01234567-89ab-", "xxxxxxxx-xxxx-\n"},
    {"01234567-89ab", "01234567-89ab\n"},
    {"0123456-89ab-4cde", "0123456-89ab-4cde\n"},
    {"01234567-89a-4cde", "01234567-89a-4cde\n"},
    {"01234567_89ab-4cde", "01234567_89ab-4cde\n"},
    {"01234567-89ab4cde", "01234567-89ab4cde\n"},
    {"2026-12-01T14:00:00Z", "2026-12-01T14:00:00Z\n"},
};

START_TEST(line)
{
	log_event(LOG_LEVEL_INFO, "%s", lines[_i].text);
	ck_assert_str_eq(said(), lines[_i].line);
}
END_TEST

START_TEST(failure)
{
	struct fail fail = {0};

	fail_set(&fail, ERR_BUSY, "clickhouse", "too many");
	log_fail(LOG_LEVEL_ERROR, "append", &fail);
	ck_assert_str_eq(said(), "append code=busy where=clickhouse detail=\"too many\"\n");
	/* Whoever prints it, on whatever. */
	fail_set(&fail, ERR_BUSY, "resend", "%s", "Invalid\n\x1b[2J\xc2\x9b 1 \xe2\x81\xa6");
	ck_assert_str_eq(fail.detail, "Invalid??[2J? 1 ?");
}
END_TEST

/* The request stands at the end, also of a line that is cut. */
START_TEST(request)
{
	char text[3000], expected[1100];
	size_t len = 1024 - 1 - strlen(" request=abc") - 1;

	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_request("abc");
	log_event(LOG_LEVEL_INFO, "%s", text);
	log_request(NULL);
	log_event(LOG_LEVEL_INFO, "next");
	memset(expected, 'y', len);
	strcpy(expected + len, " request=abc\nnext\n");
	ck_assert_str_eq(said(), expected);
}
END_TEST

/* JOURNAL_STREAM as systemd sets it, and what is not stderr's own device and inode. */
START_TEST(journal)
{
	unsigned long long device, inode;
	char streams[6][60];
	struct stat st;

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	device = st.st_dev;
	inode = st.st_ino;
	snprintf(streams[0], sizeof(streams[0]), "%llu:%llu", device, inode);
	snprintf(streams[1], sizeof(streams[1]), "%llu:%llu", device, inode + 1);
	snprintf(streams[2], sizeof(streams[2]), "%llu:%llu", device + 1, inode);
	snprintf(streams[3], sizeof(streams[3]), "%llu", device);
	snprintf(streams[4], sizeof(streams[4]), "%llu:x", device);
	streams[5][0] = '\0';
	setenv("JOURNAL_STREAM", streams[_i], 1);
	log_open();
	log_event(LOG_LEVEL_WARNING, "a");
	log_event(LOG_LEVEL_INFO, "b");
	ck_assert_str_eq(said(), _i == 0 ? "<4>a\n<6>b\n" : "a\nb\n");
}
END_TEST

/* With its level in front it is no longer than without. */
START_TEST(long_line_for_the_journal)
{
	char text[3000], stream[60], expected[1100];
	size_t len = 1024 - strlen("<6>") - 1 - strlen(" request=abc") - 1;
	struct stat st;

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open();
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_request("abc");
	log_event(LOG_LEVEL_INFO, "%s", text);
	log_request(NULL);
	strcpy(expected, "<6>");
	memset(expected + 3, 'y', len);
	strcpy(expected + 3 + len, " request=abc\n");
	ck_assert_str_eq(said(), expected);
	/* Without a stream of the journal's there is none. */
	unsetenv("JOURNAL_STREAM");
	log_open();
	log_event(LOG_LEVEL_INFO, "%s", "");
	ck_assert_ptr_nonnull(strstr(said(), "abc\n\n"));
}
END_TEST

START_TEST(hash)
{
	char one[LOG_HASH_TEXT], same[LOG_HASH_TEXT], other[LOG_HASH_TEXT];

	ck_assert_ptr_eq(log_hash("abc", 3, one), one);
	ck_assert_uint_eq(strspn(one, "0123456789abcdef"), 12);
	ck_assert_uint_eq(strlen(one), 12);
	ck_assert_str_eq(log_hash("abcd", 3, same), one);
	ck_assert_str_ne(log_hash("abcd", 4, other), one);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *log = tcase_create("line");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(log, set_up, tear_down);
	tcase_add_loop_test(log, line, 0, (int)COUNT(lines));
	tcase_add_test(log, failure);
	tcase_add_test(log, request);
	tcase_add_loop_test(log, journal, 0, 6);
	tcase_add_test(log, long_line_for_the_journal);
	tcase_add_test(log, hash);
	suite_add_tcase(suite, log);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
