/* SPDX-License-Identifier: MIT */
/* check_multistatus.c: what a WebDAV server says of several resources, and what is no such answer
 */
#include "read/multistatus.h"
#include "base/text.h"
#include "times.h"

#include <string.h>

static struct arena *arena;
static struct dav_resource *list;
static struct fail fail;

static void set_up(void)
{
	arena = arena_new(2 << 20);
	ck_assert_ptr_nonnull(arena);
	list = (struct dav_resource *)arena;
}

static void tear_down(void)
{
	arena_free(arena);
}

#define HEAD "<D:multistatus xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"
#define TAIL "</D:multistatus>"
#define OK "<D:status>HTTP/1.1 200 OK</D:status>"
#define ONE(properties)                                                                            \
	HEAD "<D:response><D:href>/a</D:href><D:propstat><D:prop>" properties "</D:prop>" OK       \
	     "</D:propstat></D:response>" TAIL

/* A resource whose state is told by this, up to its end. */
#define ETAG(status)                                                                                    \
	HEAD                                                                                            \
	    "<D:response><D:href>/a</D:href><D:propstat><D:prop><D:getetag/></D:prop><D:status>" status \
	    "</D:status></D:propstat></D:response>"
#define STATUS(line)                                                                               \
	HEAD "<D:response><D:href>/a</D:href><D:propstat><D:prop><C:calendar-data>B"               \
	     "</C:calendar-data></D:prop><D:status>" line                                          \
	     "</D:status></D:propstat></D:response>" TAIL
#define RIGHTS(some) "<D:current-user-privilege-set>" some "</D:current-user-privilege-set>"

/* "href type data, …" of what was read. */
static const char *told(void)
{
	struct text text = text_new(arena, 4096);

	for (const struct dav_resource *at = list; at; at = at->next)
		text_printf(&text, "%s%s%s%s%s%s %s", at == list ? "" : ", ", at->href,
		    at->is_calendar ? " calendar" : "", at->is_read_only ? " read-only" : "",
		    at->etag ? " " : "", at->etag ? at->etag : "", at->data ? at->data : "-");
	return text.data;
}

static const struct {
	const char *text, *told;
} answers[] = {
    {HEAD TAIL, ""},
    {"<?xml version='1.0' encoding='utf-8'?>\n<multistatus xmlns=\"DAV:\" />", ""},
    {"<m xmlns=\"DAV:\"/>", NULL},
    {ONE("<C:calendar-data>BEGIN:A\nX:&lt;b&gt; &amp;amp; é &#233;\n</C:calendar-data>"),
	"/a BEGIN:A\nX:<b> &amp; é é\n"},
    {ONE("<C:calendar-data><![CDATA[<!DOCTYPE html> & ]]>]]&gt;</C:calendar-data>"),
	"/a <!DOCTYPE html> & ]]>"},
    /* The other prefixes, and the one of another's property. */
    {"<multistatus xmlns=\"DAV:\"><response><href>/b</href><propstat><prop>"
     "<x:calendar-data xmlns:x=\"urn:ietf:params:xml:ns:caldav\">B</x:calendar-data>"
     "</prop><status>HTTP/1.0 200 OK</status></propstat></response></multistatus>",
	"/b B"},
    {ONE("<calendar-data>BEGIN</calendar-data><D:calendar-data>BEGIN</D:calendar-data>"), "/a -"},
    {ONE("<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"), "/a calendar -"},
    {ONE("<D:resourcetype><D:collection/></D:resourcetype>"), "/a -"},
    {ONE("<D:getetag>&quot;7&quot;</D:getetag>"), "/a \"7\" -"},
    {ONE("<C:getetag>7</C:getetag>"), "/a -"},
    {ONE("<D:resourcetype><D:calendar/></D:resourcetype>"), "/a -"},
    /* What its user may do there: nothing of it is to put something into it, or some is. */
    {ONE(RIGHTS("<D:privilege><D:read/></D:privilege>")), "/a read-only -"},
    {ONE(RIGHTS("")), "/a read-only -"},
    {ONE(RIGHTS("<D:privilege><D:read/></D:privilege><D:privilege><D:bind/></D:privilege>")),
	"/a -"},
    {ONE(RIGHTS("<D:privilege><D:all/></D:privilege>")), "/a -"},
    {ONE(RIGHTS("<D:privilege><D:write/></D:privilege>")), "/a -"},
    {ONE(RIGHTS("<D:privilege><D:write-content/></D:privilege>")), "/a -"},
    {ONE(RIGHTS("<D:privilege><D:write-properties/></D:privilege>")), "/a read-only -"},
    {ONE(RIGHTS("<D:privilege><C:write/></D:privilege><C:privilege><D:write/></C:privilege>")),
	"/a read-only -"},
    {ONE(RIGHTS("<D:write/>")), "/a read-only -"},
    /* Each property has a status of its own. */
    {HEAD "<D:response><D:href>/a</D:href>"
	  "<D:propstat><D:prop><C:calendar-data>NO</C:calendar-data></D:prop>"
	  "<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
	  "<D:propstat><D:prop><D:resourcetype><C:calendar/></D:resourcetype></D:prop>" OK
	  "</D:propstat></D:response>" TAIL,
	"/a calendar -"},
    {STATUS("HTTP/1.1 200"), "/a B"},
    {STATUS("HTTP/1.1 299 Odd"), "/a B"},
    {STATUS("HTTP/1.1 300 Many"), "/a -"},
    {STATUS("HTTP/1.1 199 Odd"), "/a -"},
    {STATUS("HTTP/1.1 20"), "/a -"},
    {STATUS("HTTP/1.1"), "/a -"},
    {STATUS("HTTP/1.1 "), "/a -"},
    {STATUS("200"), "/a -"},
    {HEAD "<D:response><D:href>/a</D:href><D:status>HTTP/1.1 299 Odd</D:status></D:response>" TAIL,
	"/a -"},
    /* What one part says the next does not take back. */
    {HEAD "<D:response><D:href>/a</D:href>"
	  "<D:propstat><D:prop><C:calendar-data>B</C:calendar-data><D:getetag>7</D:getetag>"
	  "<D:resourcetype><C:calendar/></D:resourcetype>" RIGHTS(
	      "") "</D:prop>" OK "</D:propstat>"
		  "<D:propstat><D:prop><D:resourcetype/>" RIGHTS(
		      "<D:privilege><D:all/></D:privilege>") "</D:prop>" OK
							     "</D:propstat></D:response>" TAIL,
	"/a calendar read-only 7 B"},
    /* What else stands there. */
    {HEAD
	"<!-- one --><D:responsedescription>Fine</D:responsedescription>\n <D:response>\n"
	"<D:error/><D:href>/a</D:href><D:propstat><!-- x --><D:prop>\n<D:displayname>x</D:displayname>"
	"<D:getetag>7</D:getetag>\n</D:prop>\n" OK "</D:propstat></D:response>" TAIL,
	"/a 7 -"},
    {HEAD "<D:response><D:href>/a</D:href><D:propstat>" OK "</D:propstat></D:response>" TAIL,
	"/a -"},
    {HEAD "<D:response><D:href>/a</D:href><D:propstat><D:prop><C:calendar-data>B</C:calendar-data>"
	  "</D:prop></D:propstat></D:response>" TAIL,
	"/a -"},
    /* radicale's word for a question that it does not know. */
    {HEAD "<D:response><D:href>/a</D:href></D:response>" TAIL, "/a -"},
    {HEAD "<D:response><D:href>/a</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>"
	  "<D:response><D:href>/b</D:href></D:response>" TAIL,
	"/b -"},
    /* Truncated (RFC 5323, section 2.5.1, and RFC 4791, section 7.8). */
    {HEAD "<D:response><D:href>/a</D:href></D:response><D:response><D:href>/</D:href>"
	  "<D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>" TAIL,
	NULL},
    {HEAD "<D:response><D:href>/a</D:href><D:status>HTTP/1.1 403 No</D:status></D:response>" TAIL,
	NULL},
    {HEAD "<D:response><D:href>/a</D:href><D:status>x</D:status></D:response>" TAIL, NULL},
    /* The same of its state alone, without which nobody knows whether it is there. */
    {ETAG("HTTP/1.1 404 Not Found") TAIL, ""},
    {ETAG("HTTP/1.1 404 Not Found") "<D:response><D:href>/b</D:href></D:response>" TAIL, "/b -"},
    {HEAD "<D:response><D:href>/a</D:href><D:propstat><D:prop><D:getetag/></D:prop>"
	  "<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
	  "<D:propstat><D:prop><C:calendar-data>B</C:calendar-data></D:prop>" OK
	  "</D:propstat></D:response>" TAIL,
	"/a B"},
    {ETAG("HTTP/1.1 500 Oh") TAIL, NULL},
    {ETAG("HTTP/1.1 403 No") TAIL, NULL},
    {ETAG("x") TAIL, NULL},
    {HEAD "<D:response><D:href>/a</D:href><D:status>HTTP/1.1 300 Many</D:status></D:response>" TAIL,
	NULL},
    {HEAD "<D:response><D:href>/a</D:href><D:status>HTTP/1.1 405 No</D:status></D:response>" TAIL,
	NULL},
    {HEAD "<D:response><D:status>HTTP/1.1 200 OK</D:status></D:response>" TAIL, NULL},
    {HEAD, NULL},
    {HEAD TAIL HEAD TAIL, NULL},
    {HEAD "<D:response><D:href>/a", NULL},
    {"", NULL},
    {"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", NULL},
    {"<html><body>Please log in</body></html>", NULL},
    {"<D:multistatus/>", NULL},
    {"<D:multistatus xmlns:D=\"dav:\"/>", NULL},
    {"<D:error xmlns:D=\"DAV:\"/>", NULL},
    {"<?xml version=\"1.0\" encoding=\"EBCDIC-CP-US\"?>" HEAD TAIL, ""},
    {HEAD "\xff" TAIL, NULL},
    /* No document type, whatever it holds. */
    {"<!DOCTYPE x>" HEAD TAIL, NULL},
    {"<!DOCTYPE x [<!ENTITY a \"/a\">]>" HEAD "<D:response><D:href>&a;</D:href></D:response>" TAIL,
	NULL},
    {"<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" HEAD
     "<D:response><D:href>&a;</D:href></D:response>" TAIL,
	NULL},
    {"<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">" HEAD TAIL, NULL},
    {HEAD "<D:response><D:href>&a;</D:href></D:response>" TAIL, NULL},
};

START_TEST(answer)
{
	enum err err =
	    multistatus_read(arena, answers[_i].text, strlen(answers[_i].text), &list, &fail);

	if (answers[_i].told) {
		ck_assert_int_eq(err, ERR_NONE);
		ck_assert_str_eq(told(), answers[_i].told);
		return;
	}
	ck_assert_int_eq(err, ERR_GARBLED);
	ck_assert_ptr_eq(list, arena);
	ck_assert_uint_gt(strlen(fail.detail), 20);
}
END_TEST

START_TEST(withheld)
{
	static const char text[] =
	    HEAD "<D:response><D:href>/</D:href><D:status>HTTP/1.1 507 Insufficient "
		 "Storage</D:status></D:response>" TAIL;

	ck_assert_int_eq(
	    multistatus_read(arena, text, sizeof(text) - 1, &list, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail,
	    "the calendar's server withholds a part of its answer (HTTP/1.1 507 Insufficient "
	    "Storage)");
}
END_TEST

/* A NUL ends nothing early, and what does not fit is no shorter answer. */
START_TEST(bytes)
{
	static const char cut[] = HEAD TAIL "\0" HEAD;
	struct text text = text_new(arena, 1 << 20);
	struct arena *small = arena_new(4096);
	struct dav_resource *late;

	ck_assert_int_eq(multistatus_read(arena, cut, sizeof(cut) - 1, &list, &fail), ERR_GARBLED);
	text_str(&text, HEAD);
	for (int i = 0; i < 200; i++)
		text_printf(&text, "<D:response><D:href>/%d</D:href></D:response>", i);
	text_str(&text, TAIL);
	ck_assert_int_eq(multistatus_read(small, text.data, text.len, &list, &fail), ERR_GARBLED);
	ck_assert_int_eq(multistatus_read(arena, text.data, text.len, &list, &fail), ERR_NONE);
	arena_free(small);
	/* A file that does not fit is not the same as none. */
	small = arena_new(4096);
	text = text_new(arena, 1 << 14);
	text_str(&text,
	    HEAD "<D:response><D:href>/a</D:href><D:propstat><D:prop><D:getetag>1</D:getetag>"
		 "<C:calendar-data>");
	for (int i = 0; i < 1000; i++)
		text_str(&text, "12345");
	text_str(&text, "</C:calendar-data></D:prop><D:status>HTTP/1.1 200 OK</D:status>"
			"</D:propstat></D:response>" TAIL);
	ck_assert_int_eq(multistatus_read(small, text.data, text.len, &late, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the answer of the calendar's server does not fit in memory");
	ck_assert_int_eq(multistatus_read(arena, text.data, text.len, &late, &fail), ERR_NONE);
	ck_assert_uint_eq(strlen(late->data), 5000);
	arena_free(small);
	for (int i = 0; i < 200; i++, list = list->next)
		ck_assert_str_eq(list->href, arena_printf(arena, "/%d", i));
	ck_assert_ptr_null(list);
}
END_TEST

/* As it comes from slotguard-reader. */
START_TEST(written)
{
	static const char expected[] = "1101/a\0\"7\"\0B\0"
				       "0010/b\0\0";
	struct dav_resource second = {.href = "/b", .is_calendar = true};
	char data[] = "B";
	struct dav_resource first = {
	    .href = "/a", .etag = "\"7\"", .data = data, .is_read_only = true, .next = &second};
	struct text text = text_new(arena, 100);

	ck_assert_uint_eq(multistatus_bytes(NULL), 0);
	ck_assert_uint_eq(multistatus_bytes(&first), sizeof(expected));
	multistatus_write(&first, &text);
	ck_assert_uint_eq(text.len, sizeof(expected));
	ck_assert_mem_eq(text.data, expected, sizeof(expected));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multistatus");
	TCase *reading = tcase_create("read");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_loop_test(reading, answer, 0, (int)COUNT(answers));
	tcase_add_test(reading, withheld);
	tcase_add_test(reading, bytes);
	tcase_add_test(reading, written);
	suite_add_tcase(suite, reading);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
