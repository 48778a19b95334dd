/* SPDX-License-Identifier: MIT */
/* check_template.c: what templates render, what is refused and with which file:line, bounds.
 * It is long for its two tables, which are read as the template language's specification. */
#include "base/template.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FILES 4

/* A file of the template folder; the first of a case is the one that is rendered. The byte 0x1a
 * stands for a NUL. */
struct file {
	const char *name, *bytes;
};

static char folder[128];
static struct arena *arena;

static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char inner[512];

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR)
			remove_tree(inner);
		else
			remove(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void set_up(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/check_template.XXXXXX", parent ? parent : P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	remove_tree(folder);
	arena_free(arena);
}

static const char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static const char *printed(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *printed(const char *format, ...)
{
	static char text[1000];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return text;
}

/* The system's scandir(), which fails once, after so many others. */
static int scan_error, scans_left;

int __real_scandir(const char *dir, struct dirent ***list, int (*filter)(const struct dirent *),
    int (*compare)(const struct dirent **, const struct dirent **));
int __wrap_scandir(const char *dir, struct dirent ***list, int (*filter)(const struct dirent *),
    int (*compare)(const struct dirent **, const struct dirent **));
int __wrap_scandir(const char *dir, struct dirent ***list, int (*filter)(const struct dirent *),
    int (*compare)(const struct dirent **, const struct dirent **))
{
	if (scan_error && scans_left-- == 0) {
		errno = scan_error;
		scan_error = 0;
		return -1;
	}
	return __real_scandir(dir, list, filter, compare);
}

static void make_folder(const char *name)
{
	ck_assert_int_eq(mkdir(path_of(name), 0700), 0);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	FILE *out = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(bytes, 1, len, out), len);
	ck_assert_int_eq(fclose(out), 0);
}

static void write_language(const char *language, const struct file files[FILES])
{
	char name[256], bytes[1024];

	make_folder(language);
	for (size_t i = 0; i < FILES && files[i].name; i++) {
		size_t len = strlen(files[i].bytes);

		ck_assert_uint_lt(len, sizeof(bytes));
		for (size_t at = 0; at < len; at++)
			bytes[at] = files[i].bytes[at] == '\x1a' ? '\0' : files[i].bytes[at];
		snprintf(name, sizeof(name), "%s/%s", language, files[i].name);
		write_file(name, bytes, len);
	}
}

/* FOLDER/own over FOLDER/packaged: a file and a message that are lacking are the packaged ones. */
START_TEST(borrowed)
{
	struct templates *templates = NULL;
	const char *own = strdupa(path_of("own")), *packaged = strdupa(path_of("packaged"));
	struct fail fail = {0};

	make_folder("own");
	make_folder("packaged");
	write_language("own/en", (const struct file[FILES]){
				     {"a.txt", "own {{>b.txt}}"}, {"messages.ini", "old = Own\n"}});
	write_language(
	    "packaged/en", (const struct file[FILES]){{"a.txt", "packaged"}, {"b.txt", "new"},
			       {"messages.ini", "old = Packaged\nnew = New\nnewer = Newer\n"}});
	write_language("packaged/es", (const struct file[FILES]){{"a.txt", "otro"}});
	ck_assert_msg(!templates_load(own, packaged, &templates, &fail), "%s", fail.detail);
	ck_assert_str_eq(template_message(templates, "en", "old"), "Own");
	ck_assert_str_eq(template_message(templates, "en", "new"), "New");
	ck_assert_ptr_null(template_message(templates, "en", "none"));
	ck_assert_str_eq(
	    template_text(arena, template_find(templates, "en", "a.txt"), NULL, 99), "own new");
	ck_assert_str_eq(templates_borrowed(templates, 0), "en/b.txt");
	ck_assert_str_eq(templates_borrowed(templates, 1), "en/messages.ini: new");
	ck_assert_str_eq(templates_borrowed(templates, 2), "en/messages.ini: newer");
	ck_assert_ptr_null(templates_borrowed(templates, 3));
	/* A language that the operator does not have is not offered. */
	ck_assert_ptr_null(template_language(templates, 1));
	templates_free(templates);
	/* The packaged folder itself, or none, lends nothing. */
	ck_assert_int_eq(templates_load(packaged, packaged, &templates, &fail), ERR_NONE);
	ck_assert_ptr_null(templates_borrowed(templates, 0));
	templates_free(templates);
	ck_assert_int_eq(templates_load(own, "/nonexistent", &templates, &fail), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(fail.detail, "there is no partial \"b.txt\""));
}
END_TEST

/* Of a language without messages of its own all are the packaged ones; what is broken there is
 * told, and a language that the package has not lacks nothing. */
START_TEST(borrowed_messages)
{
	struct templates *templates = NULL;
	const char *own = strdupa(path_of("own")), *packaged = strdupa(path_of("packaged"));
	struct fail fail = {0};

	make_folder("own");
	make_folder("packaged");
	write_language("own/de", (const struct file[FILES]){{"a.txt", "own"}});
	write_language("own/fr", (const struct file[FILES]){{"a.txt", "own"}});
	write_language("packaged/de",
	    (const struct file[FILES]){{"messages.ini", "a = A\n"}, {".b.txt", "{{"}});
	ck_assert_msg(!templates_load(own, packaged, &templates, &fail), "%s", fail.detail);
	ck_assert_str_eq(templates_borrowed(templates, 0), "de/messages.ini");
	ck_assert_ptr_null(templates_borrowed(templates, 1));
	ck_assert_str_eq(template_message(templates, "de", "a"), "A");
	ck_assert_ptr_null(template_message(templates, "fr", "a"));
	templates_free(templates);
	write_file("packaged/de/b.txt", "{{", 2);
	ck_assert_int_eq(templates_load(own, packaged, &templates, &fail), ERR_CONFIG);
	ck_assert_ptr_nonnull(
	    strstr(fail.detail, "/packaged/de/b.txt:1: a tag is not closed on its line"));
	ck_assert_int_eq(remove(path_of("packaged/de/b.txt")), 0);
	write_file("packaged/de/messages.ini", "a\n", 2);
	ck_assert_int_eq(templates_load(own, packaged, &templates, &fail), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(fail.detail, "/packaged/de/messages.ini:1: neither"));
	write_file("own/de/messages.ini", "b = B\n", 6);
	ck_assert_int_eq(templates_load(own, packaged, &templates, &fail), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(fail.detail, "/packaged/de/messages.ini:1: neither"));
}
END_TEST

/* More is not named than there is room for, and still lent. */
START_TEST(many_that_are_borrowed)
{
	struct text source = text_new(arena, 100000);
	struct templates *templates = NULL;
	struct fail fail = {0};
	size_t count = 0;

	make_folder("own");
	make_folder("own/en");
	make_folder("packaged");
	make_folder("packaged/en");
	for (int i = 0; i < 4200; i++)
		text_printf(&source, "k%04d = x%d\n", i, i);
	write_file("packaged/en/messages.ini", source.data, source.len);
	write_file("own/en/messages.ini", "a = b\n", 6);
	ck_assert_msg(!templates_load(
			  strdupa(path_of("own")), strdupa(path_of("packaged")), &templates, &fail),
	    "%s", fail.detail);
	while (templates_borrowed(templates, count))
		count++;
	ck_assert_uint_eq(count, 4096);
	ck_assert_str_eq(templates_borrowed(templates, 4095), "en/messages.ini: k4095");
	ck_assert_str_eq(template_message(templates, "en", "k4199"), "x4199");
	ck_assert_str_eq(template_message(templates, "en", "a"), "b");
	templates_free(templates);
}
END_TEST

static struct templates *load(void)
{
	struct templates *templates = NULL;
	struct fail fail = {0};
	enum err err = templates_load(folder, NULL, &templates, &fail);

	ck_assert_msg(!err, "%s", fail.detail);
	return templates;
}

/* Expects ERR_CONFIG with "FOLDER/" and then exactly this, and *out untouched. */
static void refuse(const char *what, const char *expected)
{
	struct templates *templates = NULL;
	struct fail fail = {0};
	enum err err = templates_load(folder, NULL, &templates, &fail);
	size_t prefix = strlen(folder);

	ck_assert_msg(err == ERR_CONFIG, "%s: %s", what, err_name(err));
	ck_assert_ptr_null(templates);
	ck_assert_int_eq(fail.code, ERR_CONFIG);
	ck_assert_str_eq(fail.where, "template");
	ck_assert_msg(strncmp(fail.detail, folder, prefix) == 0 &&
			  strcmp(fail.detail + prefix, expected) == 0,
	    "%s: %s, not %s", what, fail.detail, expected);
}

/* The view of all cases. */
static struct view *fill(struct arena *memory)
{
	struct view *view = view_new(memory), *day, *slot;

	view_text(view, "plain", "x");
	view_text(view, "angry", "&<>\"'");
	view_text(view, "odd", "q\" b\\ n\n c\x01 d\x7f \xc3\xa9");
	view_text(view, "empty", "");
	view_text(view, "null", NULL);
	view_text(view, "code", "{{plain}}{{#on}}");
	view_text(view, "dotted.na-me_2", "dotted");
	view_text(view, "place", "America/New York?&=\xc3\xa9");
	view_flag(view, "on", true);
	view_flag(view, "off", false);
	view_text(view, "twice", "old");
	view_text(view, "twice", "new");
	view_flag(view, "gone", true);
	view_flag(view, "gone", false);
	day = view_item(view, "days");
	view_text(day, "label", "Mon");
	view_flag(day, "first", true);
	slot = view_item(day, "slots");
	view_text(slot, "at", "1");
	slot = view_item(day, "slots");
	view_text(slot, "at", "2");
	view_text(slot, "label", "inner");
	day = view_item(view, "days");
	view_text(day, "label", "Tue");
	view_text(day, "plain", "y");
	view_text(day, "days", "none");
	return view;
}

static const struct {
	const char *what;
	struct file files[FILES];
	const char *expected;
} renders[] = {
    {"no tag", {{"a.html", "<p>1 < 2 & 3</p>\n"}}, "<p>1 < 2 & 3</p>\n"},
    {"an empty file", {{"a.html", ""}}, ""},
    {"a value", {{"a.html", "[{{plain}}]"}}, "[x]"},
    {"blanks in a tag", {{"a.html", "{{ plain }}{{\tplain}}{{ # on }}!{{/ on }}"}}, "xx!"},
    {"values in a row", {{"a.txt", "{{plain}}{{plain}}"}}, "xx"},
    {"an unknown value", {{"a.html", "[{{nobody}}]"}}, "[]"},
    {"a NULL value", {{"a.html", "[{{null}}]"}}, "[]"},
    {"a flag as a value", {{"a.html", "[{{on}}]"}}, "[]"},
    {"a list as a value", {{"a.html", "[{{days}}]"}}, "[]"},
    {"a name with everything", {{"a.txt", "{{dotted.na-me_2}}"}}, "dotted"},
    {"a beginning of a name", {{"a.txt", "[{{plai}}{{plainer}}]"}}, "[]"},
    {"a name set twice", {{"a.txt", "{{twice}}{{#gone}}!{{/gone}}"}}, "new"},
    {"a value is no template", {{"a.txt", "{{code}}"}}, "{{plain}}{{#on}}"},
    {"a remark", {{"a.txt", "1{{! {{plain} }}2{{!}}3{{!\n\n}}4"}}, "1234"},
    {"single braces", {{"a.txt", "{ {a} } }} {{plain}}}"}}, "{ {a} } }} x}"},
    {"UTF-8", {{"a.html", "\xe2\x80\xa6{{plain}}\xf0\x9f\x98\x80"}},
	"\xe2\x80\xa6x\xf0\x9f\x98\x80"},

    {"HTML text", {{"a.html", "{{angry}}"}}, "&amp;&lt;&gt;&quot;&#39;"},
    {"HTML attributes", {{"a.html", "<a b=\"{{angry}}\" c = '{{angry}}'>"}},
	"<a b=\"&amp;&lt;&gt;&quot;&#39;\" c = '&amp;&lt;&gt;&quot;&#39;'>"},
    {"JSON", {{"a.json", "\"{{odd}}{{angry}}\""}},
	"\"q\\\" b\\\\ n\\u000a c\\u0001 d\\u007f \xc3\xa9&<>\\\"'\""},
    {"text", {{"a.txt", "{{angry}}{{odd}}"}}, "&<>\"'q\" b\\ n\n c\x01 d\x7f \xc3\xa9"},
    {"a URL in HTML", {{"a.html", "<a href=\"/?tz={{%place}}&amp;q={{%angry}}\">"}},
	"<a href=\"/?tz=America%2FNew%20York%3F%26%3D%C3%A9&amp;q=%26%3C%3E%22%27\">"},
    {"a URL in JSON", {{"a.json", "\"{{%odd}}\""}},
	"\"q%22%20b%5C%20n%0A%20c%01%20d%7F%20%C3%A9\""},
    {"a URL in text", {{"a.txt", "{{% angry}}{{%on}}{{%nobody}}"}}, "%26%3C%3E%22%27"},

    {"a set flag", {{"a.txt", "{{#on}}1{{/on}}{{^on}}2{{/on}}"}}, "1"},
    {"a clear flag", {{"a.txt", "{{#off}}1{{/off}}{{^off}}2{{/off}}"}}, "2"},
    {"a text as a flag", {{"a.txt", "{{#plain}}[{{plain}}]{{/plain}}{{^plain}}2{{/plain}}"}},
	"[x]"},
    {"an empty text as a flag", {{"a.txt", "{{#empty}}1{{/empty}}{{^empty}}2{{/empty}}"}}, "2"},
    {"an unknown section", {{"a.txt", "{{#nobody}}1{{/nobody}}{{^nobody}}2{{/nobody}}"}}, "2"},
    {"a list", {{"a.txt", "{{#days}}<{{label}}>{{/days}}{{^days}}2{{/days}}"}}, "<Mon><Tue>"},
    {"an empty section", {{"a.txt", "1{{#days}}{{/days}}{{^off}}{{/off}}2"}}, "12"},
    {"a list in a list, looking outwards",
	{{"a.txt", "{{#days}}{{label}}{{plain}}:{{#slots}}{{at}}{{label}}{{plain}} {{/slots}}"
		   "{{^slots}}-{{/slots}}{{/days}}{{label}}"}},
	"Monx:1Monx 2innerx Tuey:-"},
    {"a name of an item hides an outer list",
	{{"a.txt", "{{#days}}{{#days}}[{{label}}]{{/days}}{{/days}}"}}, "[Mon][Tue][Tue]"},
    {"flags in items", {{"a.txt", "{{#days}}{{^first}}, {{/first}}{{label}}{{/days}}"}},
	"Mon, Tue"},
    {"one name within itself", {{"a.txt", "{{#on}}{{#on}}1{{/on}}2{{/on}}"}}, "12"},
    {"sections in and around HTML tags",
	{{"a.html", "<a{{#on}} b=\"{{plain}}\"{{/on}}{{#off}} c{{/off}} d=\"{{#on}}e{{/on}}\">"
		    "{{#on}}<b>{{/on}}</b>"}},
	"<a b=\"x\" d=\"e\"><b></b>"},
    {"HTML that is only text", {{"a.html", "1 < {{plain}} = {{plain}} it's 2<3 <= {{plain}}"}},
	"1 < x = x it's 2<3 <= x"},
    {"signs that open no tag",
	{{"a.html", "<@{{plain}}<[{{plain}}<`{{plain}}<{ {{plain}}<0{{plain}}"}},
	"<@x<[x<`x<{ x<0x"},
    {"blanks before a quote", {{"a.html", "<a b= \t\n\r\f\"{{plain}}\" c=\f'{{plain}}'>"}},
	"<a b= \t\n\r\f\"x\" c=\f'x'>"},
    {"a script and what follows it",
	{{"a.html", "<script>if (a < b) {}</script >{{plain}}<script></SCRIPT>{{plain}}"}},
	"<script>if (a < b) {}</script >x<script></SCRIPT>x"},
    {"names of all letters",
	{{"a.txt", "{{a}}{{z}}{{A}}{{Z}}{{0}}{{9}}{{_}}{{a-}}{{a.}}{{a_}}{{aZ9}}[{{plain}}]"}},
	"[x]"},
    {"an HTML comment", {{"a.html", "<!-- it's <a b=c -->{{plain}}<!---->{{plain}}"}},
	"<!-- it's <a b=c -->x<!---->x"},
    {"a style sheet", {{"a.html", "<STYLE>a[b=\"c\"] > it's{}</p></style>{{plain}}"}},
	"<STYLE>a[b=\"c\"] > it's{}</p></style>x"},
    {"elements with longer names", {{"a.html", "<styles>{{plain}}<script-x>{{plain}}"}},
	"<styles>x<script-x>x"},

    {"lines with one tag", {{"a.txt", "1\n{{#on}}\n2\n{{/on}}\n{{^off}}\n3\n{{/off}}\n4\n"}},
	"1\n2\n3\n4\n"},
    {"… indented", {{"a.txt", "1\n \t{{#on}} \t\n  2\n  {{/on}}\n3"}}, "1\n  2\n3"},
    {"… with CR LF", {{"a.txt", "1\r\n  {{#on}}\r\n2\r\n{{/on}}\r\n{{! no }}\r\n3\r\n"}},
	"1\r\n2\r\n3\r\n"},
    {"… with CR LF at the end", {{"a.txt", "{{#on}}\r\n1\r\n{{/on}}\r\n"}}, "1\r\n"},
    {"… at both ends of a file", {{"a.txt", "  {{#on}}\n1\n  {{/on}}  "}}, "1\n"},
    {"… with a remark over lines", {{"a.txt", "1\n {{! a\n b\n}} \n2\n"}}, "1\n2\n"},
    {"… with a partial", {{"a.txt", "1\n  {{>b.txt}}\n2\n"}, {"b.txt", "p\nq\n"}}, "1\np\nq\n2\n"},
    {"… in a list", {{"a.txt", "{{#days}}\n- {{label}}\n{{/days}}\n"}}, "- Mon\n- Tue\n"},
    {"lines with a value", {{"a.txt", "1\n {{plain}} \n {{%plain}}\n"}}, "1\n x \n x\n"},
    {"lines with two tags", {{"a.txt", " {{#on}}{{/on}}\n {{#on}} {{! no }} {{/on}}\n"}},
	" \n   \n"},
    {"lines with a tag and text", {{"a.txt", "a {{#on}}\nb\n{{/on}} c\n"}}, "a \nb\n c\n"},
    {"a tag after a remark over lines", {{"a.txt", "{{!\n}} {{#on}}\n1{{/on}}\n"}}, " \n1\n"},
    {"a CR without an LF", {{"a.txt", "{{#on}}\r1{{/on}}\r"}}, "\r1\r"},

    {"a partial", {{"a.html", "[{{>b.html}}]"}, {"b.html", "{{angry}}"}},
	"[&amp;&lt;&gt;&quot;&#39;]"},
    {"a partial twice, and within another",
	{{"a.txt", "{{> b.txt }}{{>c.txt}}"}, {"b.txt", "b"}, {"c.txt", "c{{>b.txt}}"}}, "bcb"},
    {"a partial in a list",
	{{"a.txt", "{{#days}}{{>b.txt}}{{/days}}"}, {"b.txt", "{{label}}{{plain}} "}},
	"Monx Tuey "},
    {"a partial that comes first",
	{{"b.txt", "{{>a.txt}}"}, {"a.txt", "{{>c.txt}}"}, {"c.txt", "c"}}, "c"},
    {"an empty partial", {{"a.txt", "1{{>b.txt}}2"}, {"b.txt", ""}}, "12"},
};

START_TEST(render)
{
	struct text out = text_new(arena, 4096);
	struct templates *templates;
	const struct template *tpl;

	write_language("en", renders[_i].files);
	templates = load();
	tpl = template_find(templates, "en", renders[_i].files[0].name);
	ck_assert_ptr_nonnull(tpl);
	template_render(tpl, fill(arena), &out);
	ck_assert(!text_overflowed(&out));
	ck_assert(!arena_overflowed(arena));
	ck_assert_msg(strcmp(out.data, renders[_i].expected) == 0, "%s: %s, not %s",
	    renders[_i].what, out.data, renders[_i].expected);
	templates_free(templates);
}
END_TEST

#define NAME_64 "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh"
#define KEY_48 "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh"
#define OPEN_8 "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}"
#define CLOSE_8 "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"
#define SEVEN "{{^a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}"
#define BRACES "{{{ is refused: every value is escaped; before a brace, write a blank"
#define CHARACTERS "a name has letters, digits, \"_\", and later \"-\" and \".\""
#define UNQUOTED "an attribute value that is not quoted"
#define QUOTED "a value inside an HTML tag stands in a quoted attribute value"
#define BETWEEN "a partial stands between HTML tags"
#define COMMENT "a tag in an HTML comment; {{! remarks }} do not reach the reader"
#define RAW "a value in a script or a style sheet, where no escape holds"
#define PLACES "begins and ends at different places of an HTML tag"

static const struct {
	const char *what;
	struct file files[FILES];
	const char *expected;
} refusals[] = {
    {"a value in the tag right behind a comment", {{"a.html", "<!-- a --><b {{plain}}>"}},
	"/en/a.html:1: " QUOTED},
    {"an unclosed tag", {{"a.txt", "1\n2 {{plain\n}}"}},
	"/en/a.txt:2: a tag is not closed on its line"},
    {"… at the end", {{"a.txt", "1\n\n{{"}}, "/en/a.txt:3: a tag is not closed on its line"},
    {"… by one brace", {{"a.txt", "{{plain}"}}, "/en/a.txt:1: a tag is not closed on its line"},
    {"an unclosed remark", {{"a.txt", "\n{{! a\nb"}}, "/en/a.txt:2: a remark is not closed"},
    {"an unclosed section", {{"a.txt", "1\n{{#a}}\n2\n"}},
	"/en/a.txt:2: the section {{#a}} is not closed"},
    {"an unclosed inner section", {{"a.txt", "{{#a}}\n\n{{^b}}"}},
	"/en/a.txt:3: the section {{^b}} is not closed"},
    {"a mismatched close", {{"a.txt", "{{#a}}\n{{#b}}\n{{/a}}\n{{/b}}"}},
	"/en/a.txt:3: {{/a}} where {{/b}} is due, for line 2"},
    {"a close that begins alike", {{"a.txt", "{{#ab}}{{/a}}"}},
	"/en/a.txt:1: {{/a}} where {{/ab}} is due, for line 1"},
    {"a close without a section", {{"a.txt", "{{#a}}{{/a}}\n{{/a}}"}},
	"/en/a.txt:2: {{/a}} closes no section"},
    {"an unknown sigil", {{"a.txt", "\n\n{{&plain}}"}}, "/en/a.txt:3: unknown tag {{&"},
    {"changed delimiters", {{"a.txt", "{{=<% %>=}}"}}, "/en/a.txt:1: unknown tag {{="},
    {"the present item", {{"a.txt", "{{.}}"}}, "/en/a.txt:1: unknown tag {{."},
    {"a name that begins with a dot", {{"a.txt", "{{#.a}}{{/.a}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"two sigils", {{"a.txt", "{{#^a}}{{/a}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"three braces", {{"a.html", "\n{{{plain}}}"}}, "/en/a.html:2: " BRACES},
    {"three braces in JSON", {{"a.json", "{\"a\":{{{b}}}"}}, "/en/a.json:1: " BRACES},
    {"no name", {{"a.txt", "\n{{}}"}}, "/en/a.txt:2: a tag without a name"},
    {"a blank name", {{"a.txt", "{{   }}"}}, "/en/a.txt:1: a tag without a name"},
    {"a section without a name", {{"a.txt", "{{#}}{{/}}"}}, "/en/a.txt:1: a tag without a name"},
    {"a partial without a name", {{"a.txt", "{{> }}"}}, "/en/a.txt:1: a tag without a name"},
    {"a blank in a name", {{"a.txt", "{{a b}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"a letter beyond ASCII", {{"a.txt", "{{\xc3\xa9}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"a control in a name", {{"a.txt", "{{\x01}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"a delete",
	{{"a.txt", "{{\x7f"
		   "a}}"}},
	"/en/a.txt:1: " CHARACTERS},
    {"the last sign of ASCII", {{"a.txt", "{{~a}}"}}, "/en/a.txt:1: unknown tag {{~"},
    {"a sign before the letters", {{"a.txt", "{{a@}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"… behind the capital ones", {{"a.txt", "{{a[}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"… before the small ones", {{"a.txt", "{{a`}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"… behind them", {{"a.txt", "{{a{}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"… before the digits", {{"a.txt", "{{a/}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"… behind them", {{"a.txt", "{{a:}}"}}, "/en/a.txt:1: " CHARACTERS},
    {"a partial's name that begins with a sign", {{"a.txt", "{{>-a}}"}},
	"/en/a.txt:1: " CHARACTERS},
    {"a long name", {{"a.txt", "\n{{" NAME_64 "}}{{" NAME_64 "i}}"}},
	"/en/a.txt:2: a name has up to 64 bytes"},

    {"an unquoted attribute", {{"a.html", "<p>\n<a href={{plain}}>"}}, "/en/a.html:2: " UNQUOTED},
    {"… after a blank", {{"a.html", "<a href= {{plain}}>"}}, "/en/a.html:1: " UNQUOTED},
    {"… that ends in a value", {{"a.html", "\n<a href=/b?c={{%plain}}>"}},
	"/en/a.html:2: " UNQUOTED},
    {"… of a section", {{"a.html", "<a b={{#on}}\"c\"{{/on}}>"}}, "/en/a.html:1: " UNQUOTED},
    {"… without any tag", {{"a.html", "<a\nb=c>"}}, "/en/a.html:2: " UNQUOTED},
    {"an attribute's name", {{"a.html", "<a\n{{plain}}>"}}, "/en/a.html:2: " QUOTED},
    {"an element's name", {{"a.html", "<{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"an element's name in part", {{"a.html", "</h{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"… of the first letter", {{"a.html", "<a{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"… of the last", {{"a.html", "<z{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"… of the first capital one", {{"a.html", "<A{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"… of the last", {{"a.html", "<Z{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"a declaration", {{"a.html", "<!{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"an instruction", {{"a.html", "<?{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"an end", {{"a.html", "</{{plain}}>"}}, "/en/a.html:1: " QUOTED},
    {"a partial's place in a script", {{"a.html", "<script>{{>a.html}}</script>"}},
	"/en/a.html:1: " BETWEEN},
    {"a script in capitals", {{"a.html", "<SCRIPT>{{plain}}</SCRIPT>"}}, "/en/a.html:1: " RAW},
    {"a section in a script that is left open",
	{{"a.html", "<p>\n<script>{{#on}}</p>{{/on}}</scrip>"}},
	"/en/a.html:2: an HTML tag or comment is not closed"},
    {"a stray quote", {{"a.html", "<a\n b\"c{{plain}}\">"}},
	"/en/a.html:2: a quote that opens no attribute value"},
    {"a value in a comment", {{"a.html", "<!--\n{{plain}} -->"}}, "/en/a.html:2: " COMMENT},
    {"a section in a comment", {{"a.html", "<!-- {{#on}}{{/on}} -->"}}, "/en/a.html:1: " COMMENT},
    {"a value in a script", {{"a.html", "<script>\n\"</b>\" + {{plain}}</script>"}},
	"/en/a.html:2: " RAW},
    {"… that names itself", {{"a.html", "<script>a script = {{plain}}</script>"}},
	"/en/a.html:1: " RAW},
    {"a value in a style sheet", {{"a.html", "<style a=\"{{plain}}\">\n{{plain}}</style>"}},
	"/en/a.html:2: " RAW},
    {"… behind a section of its tag",
	{{"a.html", "<style{{#on}} a=\"b\"{{/on}}>{{plain}}</style>"}}, "/en/a.html:1: " RAW},
    {"… of a script's", {{"a.html", "<script{{#on}} a=\"b\"{{/on}}>{{plain}}</script>"}},
	"/en/a.html:1: " RAW},
    {"… that only seems to end", {{"a.html", "<script>'</scripts>' + {{plain}}</script>"}},
	"/en/a.html:1: " RAW},
    {"… with a line end in its tag", {{"a.html", "<STYLE\n>{{plain}}</style>"}},
	"/en/a.html:2: " RAW},
    {"… whose tag is empty", {{"a.html", "<style/>{{plain}}</style>"}}, "/en/a.html:1: " RAW},
    {"a partial in a tag", {{"a.html", "<a {{>a.html}}>"}}, "/en/a.html:1: " BETWEEN},
    {"a partial in an attribute", {{"a.html", "<a b='{{>a.html}}'>"}}, "/en/a.html:1: " BETWEEN},
    {"a section that opens a quote", {{"a.html", "<a {{#on}}b=\"{{/on}}c\">"}},
	"/en/a.html:1: the section \"on\" " PLACES},
    {"a section that closes a tag", {{"a.html", "<a\n{{^on}}\n>{{/on}}"}},
	"/en/a.html:3: the section \"on\" " PLACES},
    {"an open tag at the end", {{"a.html", "<p>\n<a b=\"c\n\n"}},
	"/en/a.html:2: an HTML tag or comment is not closed"},
    {"an open comment at the end", {{"a.html", "<p>\n\n<!-- -- >"}},
	"/en/a.html:3: an HTML tag or comment is not closed"},

    {"a NUL byte", {{"a.txt", "1\n2\x1a\n"}}, "/en/a.txt:2: a NUL byte"},
    {"a NUL byte in a tag", {{"a.txt", "{{a\x1a}}"}}, "/en/a.txt:1: a NUL byte"},
    {"bytes that are not UTF-8", {{"a.txt", "\xc3\xa9\n\n\xff\n"}}, "/en/a.txt:3: not UTF-8"},
    {"a character cut by a line's end", {{"a.txt", "1\n\xc3\n\xa9"}}, "/en/a.txt:2: not UTF-8"},
    {"a byte order mark", {{"a.txt", "\xef\xbb\xbfx"}}, "/en/a.txt:1: a byte order mark"},
    {"33 sections", {{"a.txt", OPEN_8 OPEN_8 "\n" OPEN_8 OPEN_8 "\n{{#a}}"}},
	"/en/a.txt:3: sections nest more than 32 deep"},

    {"a missing partial", {{"a.txt", "\n{{>b.txt}}"}},
	"/en/a.txt:2: there is no partial \"b.txt\""},
    {"a partial's name without its ending", {{"a.txt", "{{>b}}"}, {"b.txt", ""}},
	"/en/a.txt:1: there is no partial \"b\""},
    {"a missing partial of a partial", {{"a.txt", "{{>b.txt}}"}, {"b.txt", "\n\n{{>c.txt}}"}},
	"/en/b.txt:3: there is no partial \"c.txt\""},
    {"a missing partial where nothing shows", {{"a.txt", "{{#off}}{{>b.txt}}{{/off}}"}},
	"/en/a.txt:1: there is no partial \"b.txt\""},
    {"a partial that escapes less", {{"a.html", "\n{{>b.txt}}"}, {"b.txt", ""}},
	"/en/a.html:2: the partial \"b.txt\" escapes in another way"},
    {"a partial in itself", {{"a.txt", "\n{{>a.txt}}"}},
	"/en/a.txt:2: the partial \"a.txt\" contains itself"},
    {"three partials in a circle",
	{{"a.txt", "{{>b.txt}}"}, {"b.txt", "\n{{>c.txt}}"}, {"c.txt", "\n\n{{>a.txt}}"}},
	"/en/c.txt:3: the partial \"a.txt\" contains itself"},
    {"a partial whose innermost section is one too deep",
	{{"a.txt", OPEN_8 OPEN_8 "{{>b.txt}}" CLOSE_8 CLOSE_8},
	    {"b.txt", OPEN_8 OPEN_8 CLOSE_8 CLOSE_8}},
	"/en/a.txt:1: the partial \"b.txt\" nests more than 32 deep"},
    {"a broken partial", {{"a.txt", "{{>b.txt}}"}, {"b.txt", "\n{{#a}}"}},
	"/en/b.txt:2: the section {{#a}} is not closed"},
    {"a second file that is broken", {{"a.txt", ""}, {"b.txt", "\n{{"}},
	"/en/b.txt:2: a tag is not closed on its line"},

    {"a message twice", {{"messages.ini", "a = 1\nb = 2\na = 3\n"}},
	"/en/messages.ini:3: \"a\" is there already"},
    {"a message twice in a section", {{"messages.ini", "date.long = 1\n\n[date]\nlong = 2\n"}},
	"/en/messages.ini:4: \"date.long\" is there already"},
    {"a message twice in two sections of a name",
	{{"messages.ini", "[d]\na = 1\n[e]\na = 2\n[d]\n  a = 3\n"}},
	"/en/messages.ini:6: \"d.a\" is there already"},
    {"a catalogue that is not UTF-8", {{"messages.ini", "a = 1\nb = \xe9\n"}},
	"/en/messages.ini:2: not UTF-8"},
    {"a NUL byte in a catalogue", {{"messages.ini", "a = 1\n\nb\x1a = 2\n"}},
	"/en/messages.ini:3: a NUL byte"},
    {"a byte order mark in a catalogue",
	{{"messages.ini", "\xef\xbb\xbf"
			  "a = 1\n"}},
	"/en/messages.ini:1: a byte order mark"},
    {"a line that is no message", {{"messages.ini", "a = 1\nhello\n"}},
	"/en/messages.ini:2: neither `key = text` nor [section]"},
    {"a section that is not closed", {{"messages.ini", "\n[date\nlong = 1\na = 2\na = 3\n"}},
	"/en/messages.ini:2: neither `key = text` nor [section]"},
    {"a message without a key", {{"messages.ini", "\n= 1\n"}},
	"/en/messages.ini:2: a key and a section have 1 to 48 bytes"},
    {"a long key", {{"messages.ini", NAME_64 " = 1\n"}},
	"/en/messages.ini:1: a key and a section have 1 to 48 bytes"},
    {"a long section", {{"messages.ini", "[" NAME_64 "]\na = 1\n"}},
	"/en/messages.ini:2: a key and a section have 1 to 48 bytes"},
    {"a long line", {{"messages.ini", "a = 1\nb = " NAME_64 NAME_64 NAME_64 "...\n"}},
	"/en/messages.ini:2: the line is longer than 198 bytes; go on in an indented line"},
    {"a key of 49 bytes", {{"messages.ini", KEY_48 "x = 1\n"}},
	"/en/messages.ini:1: a key and a section have 1 to 48 bytes"},
    {"a section of 49 bytes", {{"messages.ini", "[" KEY_48 "x]\na = 1\n"}},
	"/en/messages.ini:2: a key and a section have 1 to 48 bytes"},
    {"a line of 199 bytes", {{"messages.ini", "b = " KEY_48 KEY_48 KEY_48 KEY_48 "abc\n"}},
	"/en/messages.ini:1: the line is longer than 198 bytes; go on in an indented line"},
    {"a text that a tab would cut", {{"messages.ini", "a = one\t;two\n"}},
	"/en/messages.ini:1: a semicolon after a blank would cut the text off"},
    {"a text that would be cut at its first sign", {{"messages.ini", "a = ;two\n"}},
	"/en/messages.ini:1: a semicolon after a blank would cut the text off"},
    {"a text that would be cut", {{"messages.ini", "a = one; two\nb = one ; two\n"}},
	"/en/messages.ini:2: a semicolon after a blank would cut the text off"},
};

START_TEST(refusal)
{
	write_language("en", refusals[_i].files);
	refuse(refusals[_i].what, refusals[_i].expected);
}
END_TEST

/* 32 sections are allowed, and so are 64 bytes of a name. */
START_TEST(bounds_are_reached)
{
	char source[2048] = "{{" NAME_64 "}}" OPEN_8 OPEN_8 OPEN_8 OPEN_8;
	const struct template *tpl = NULL;
	struct text out = text_new(arena, 10);
	struct view *view = view_new(arena);
	struct fail fail;

	strcat(source, "y");
	for (int i = 0; i < 32; i++)
		strcat(source, "{{/a}}");
	ck_assert_int_eq(
	    template_compile(arena, "a.txt", source, strlen(source), &tpl, &fail), ERR_NONE);
	view_flag(view, "a", true);
	view_text(view, NAME_64, "x");
	template_render(tpl, view, &out);
	ck_assert_str_eq(out.data, "xy");
}
END_TEST

/* With its sections a partial is as deep as may be. */
START_TEST(sections_of_a_partial)
{
	static const struct file files[FILES] = {
	    {"a.txt", OPEN_8 OPEN_8 "{{>b.txt}}" CLOSE_8 CLOSE_8},
	    {"b.txt", SEVEN OPEN_8 "x" CLOSE_8 "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"}};

	write_language("en", files);
	templates_free(load());
}
END_TEST

/* By itself a template has no partial, and not itself either. */
static const struct {
	const char *source, *wrong;
} alone[] = {
    {"{{", "a.txt:1: a tag is not closed on its line"},
    {"\n{{>b.txt}}", "a.txt:2: there is no partial \"b.txt\""},
    {"{{>a.txt}}", "a.txt:1: the partial \"a.txt\" contains itself"},
};

START_TEST(template_by_itself)
{
	const struct template *tpl = NULL;
	struct fail fail = {0};

	ck_assert_int_eq(template_compile(arena, "a.txt", alone[_i].source,
			     strlen(alone[_i].source), &tpl, &fail),
	    ERR_CONFIG);
	ck_assert_ptr_null(tpl);
	ck_assert_str_eq(fail.detail, alone[_i].wrong);
}
END_TEST

/* A chain of partials, each in a section: two levels for each. */
static void write_chain(int count)
{
	char name[64], source[64];

	make_folder("en");
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "en/%03d.txt", i);
		snprintf(source, sizeof(source), "\n{{#on}}{{>%03d.txt}}{{/on}}", i + 1);
		write_file(name, source, strlen(source));
	}
	snprintf(name, sizeof(name), "en/%03d.txt", count);
	write_file(name, "end", 3);
}

START_TEST(partials_nest_to_the_bound)
{
	struct text out = text_new(arena, 1000);
	struct templates *templates;

	write_chain(16);
	templates = load();
	template_render(template_find(templates, "en", "000.txt"), fill(arena), &out);
	ck_assert_uint_eq(out.len, 16 + 3);
	templates_free(templates);
}
END_TEST

START_TEST(partials_nest_too_deep)
{
	write_chain(17);
	refuse("17 partials in sections",
	    "/en/000.txt:2: the partial \"001.txt\" nests more than 32 deep");
}
END_TEST

/* The chain is longer than the linker would follow. */
START_TEST(partials_nest_much_too_deep)
{
	write_chain(300);
	refuse("300 partials", "/en/032.txt:2: the partial \"033.txt\" nests more than 32 deep");
}
END_TEST

START_TEST(folder_that_does_not_exist)
{
	tear_down();
	arena = NULL;
	refuse("nothing", ": No such file or directory");
}
END_TEST

START_TEST(folder_that_is_a_file)
{
	size_t len = strlen(folder);

	write_file("file", "", 0);
	strcat(folder, "/file");
	refuse("a file", ": Not a directory");
	folder[len] = '\0';
}
END_TEST

/* Files beside the languages, hidden folders, odd names and folders without a source do not count.
 */
START_TEST(folder_without_a_language)
{
	refuse("nothing", ": there is no language");
	write_file("page.html", "{{", 2);
	write_file("en", "", 0);
	make_folder(".git");
	write_file(".git/a.html", "{{", 2);
	make_folder("en.bak");
	write_file("en.bak/a.html", "{{", 2);
	make_folder("static");
	write_file("static/style.css", "{{", 2);
	refuse("nothing of use", ": there is no language");
}
END_TEST

START_TEST(template_that_is_a_folder)
{
	make_folder("en");
	make_folder("en/a.html");
	refuse("a folder", "/en/a.html: not a regular file");
}
END_TEST

START_TEST(template_that_is_a_pipe)
{
	make_folder("en");
	ck_assert_int_eq(mkfifo(path_of("en/a.html"), 0600), 0);
	refuse("a pipe", "/en/a.html: not a regular file");
}
END_TEST

START_TEST(template_that_is_gone)
{
	make_folder("en");
	ck_assert_int_eq(symlink("nowhere", path_of("en/a.html")), 0);
	refuse("a link to nothing", "/en/a.html: No such file or directory");
}
END_TEST

/* Root reads everything, so that only others can run into this. */
/* A name is told as it is. */
START_TEST(folder_with_a_percent_sign)
{
	struct templates *templates = NULL;
	struct fail fail = {0};

	make_folder("a%sb");
	make_folder("a%sb/en");
	make_folder("a%sb/en/x.html");
	ck_assert_int_eq(templates_load(path_of("a%sb"), NULL, &templates, &fail), ERR_CONFIG);
	ck_assert_msg(
	    strstr(fail.detail, "/a%sb/en/x.html: not a regular file"), "%s", fail.detail);
}
END_TEST

START_TEST(language_that_is_gone)
{
	ck_assert_int_eq(symlink("nowhere", path_of("en")), 0);
	refuse("a link to nothing", "/en: No such file or directory");
}
END_TEST

/* What the system cannot do at the moment is no fault of the operator's. */
static const struct {
	int error;
	enum err err;
} scans[] = {{ENOMEM, ERR_SYSTEM}, {EMFILE, ERR_SYSTEM}, {ENFILE, ERR_SYSTEM}, {EIO, ERR_SYSTEM},
    {EACCES, ERR_CONFIG}, {ENOENT, ERR_CONFIG}, {ELOOP, ERR_CONFIG}};

/* Of the folder, and of a language's. */
START_TEST(folder_that_cannot_be_listed)
{
	struct templates *templates = NULL;
	struct fail fail = {0};

	make_folder("en");
	write_file("en/a.html", "a", 1);
	for (int which = 0; which < 2; which++) {
		scan_error = scans[_i].error;
		scans_left = which;
		ck_assert_int_eq(templates_load(folder, NULL, &templates, &fail), scans[_i].err);
		ck_assert_int_eq(scan_error, 0);
		ck_assert_str_eq(fail.detail,
		    printed("%s%s: %s", folder, which ? "/en" : "", strerror(scans[_i].error)));
		ck_assert_ptr_null(templates);
	}
}
END_TEST

START_TEST(template_that_may_not_be_read)
{
	if (geteuid() == 0)
		return;
	make_folder("en");
	write_file("en/a.html", "", 0);
	ck_assert_int_eq(chmod(path_of("en/a.html"), 0), 0);
	refuse("a file of others", "/en/a.html: Permission denied");
}
END_TEST

START_TEST(template_that_is_huge)
{
	make_folder("en");
	write_file("en/a.html", "", 0);
	ck_assert_int_eq(truncate(path_of("en/a.html"), 1 << 20), 0);
	refuse("1 MiB of NUL bytes", "/en/a.html:1: a NUL byte");
	ck_assert_int_eq(truncate(path_of("en/a.html"), (1 << 20) + 1), 0);
	refuse("more", "/en/a.html: larger than 1048576 bytes");
}
END_TEST

START_TEST(templates_that_are_too_many)
{
	static char megabyte[1 << 20];
	char name[32], expected[64];

	memset(megabyte, 'x', sizeof(megabyte));
	make_folder("en");
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "en/%02d.txt", i);
		write_file(name, megabyte, sizeof(megabyte));
	}
	snprintf(expected, sizeof(expected), "/%s: no room is left", name);
	refuse("16 MiB", expected);
}
END_TEST

/* The last file of the folder, whose messages do not fit beside all the others. */
START_TEST(messages_that_are_too_many)
{
	static char megabyte[1 << 20];
	char name[32];

	memset(megabyte, 'x', sizeof(megabyte));
	make_folder("en");
	for (int i = 0; i < 15; i++) {
		snprintf(name, sizeof(name), "en/%02d.txt", i);
		write_file(name, megabyte, sizeof(megabyte));
	}
	for (size_t i = 0; i < sizeof(megabyte); i += 128) {
		snprintf(name, sizeof(name), "key%07zu = ", i);
		memcpy(megabyte + i, name, strlen(name));
		megabyte[i + 127] = '\n';
	}
	write_file("en/messages.ini", megabyte, sizeof(megabyte));
	refuse("16 MiB", "/en/messages.ini: no room is left");
}
END_TEST

/* What a program needs, whatever else there is. */
START_TEST(templates_that_are_needed)
{
	static const char *const names[] = {NULL, "a.html", "b.txt", "c.json", NULL};
	struct templates *templates;
	struct fail fail = {0};

	make_folder("en");
	write_file("en/a.html", "a", 1);
	write_file("en/b.txt", "b", 1);
	templates = load();
	ck_assert_int_eq(templates_need(templates, "folder", "en", names + 1, &fail), ERR_CONFIG);
	ck_assert_str_eq(fail.detail, "folder/en has no c.json");
	ck_assert_int_eq(templates_need(templates, "folder", "de", names + 1, &fail), ERR_CONFIG);
	ck_assert_str_eq(fail.detail, "[site] language = de: folder has no such folder");
	templates_free(templates);
	write_file("en/c.json", "{}", 2);
	templates = load();
	ck_assert_int_eq(templates_need(templates, "folder", "en", names + 1, &fail), ERR_NONE);
	templates_free(templates);
}
END_TEST

START_TEST(other_files_are_ignored)
{
	static const char *const names[] = {"style.css", "a.html~", "a.html.orig", ".a.html",
	    "html", ".html", "#a.html#", "messages.ini.bak", "README"};
	struct templates *templates;
	char name[64];

	make_folder("en");
	write_file("en/a.html", "a", 1);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(name, sizeof(name), "en/%s", names[i]);
		write_file(name, "{{", 2);
	}
	templates = load();
	ck_assert_ptr_nonnull(template_find(templates, "en", "a.html"));
	for (size_t i = 0; i < COUNT(names); i++)
		ck_assert_ptr_null(template_find(templates, "en", names[i]));
	templates_free(templates);
}
END_TEST

START_TEST(languages_are_apart)
{
	static const struct file english[FILES] = {
	    {"a.txt", "{{>b.txt}}"}, {"b.txt", "one"}, {"messages.ini", "a = one\n"}};
	static const struct file german[FILES] = {{"a.txt", "{{>b.txt}}"}, {"b.txt", "eins"}};
	struct text out = text_new(arena, 100);
	struct templates *templates;

	write_language("en", english);
	write_language("de-CH", german);
	templates = load();
	template_render(template_find(templates, "en", "a.txt"), NULL, &out);
	template_render(template_find(templates, "de-CH", "a.txt"), NULL, &out);
	ck_assert_str_eq(out.data, "oneeins");
	ck_assert_ptr_null(template_find(templates, "en", "c.txt"));
	ck_assert_ptr_null(template_find(templates, "fr", "a.txt"));
	ck_assert_ptr_null(template_find(templates, "en", "messages.ini"));
	ck_assert_str_eq(template_message(templates, "en", "a"), "one");
	ck_assert_ptr_null(template_message(templates, "de-CH", "a"));
	ck_assert_ptr_null(template_message(templates, "fr", "a"));
	templates_free(templates);
	templates_free(NULL);
}
END_TEST

static const char catalogue[] = "; a remark\n"
				"# another\n"
				"zebra = last\n"
				"plain=  one; {{two}} = <three>\t\r\n"
				"empty =\n"
				"quoted = \"kept\"\n"
				"long = once\n"
				"  upon a time ; it\n"
				"\tended\n"
				"\n"
				"[date]\n"
				"  long = %s \xe2\x80\xa6\n"
				"short = 2\n"
				"[mail]\n"
				"long: three\n"
				"[date]\n"
				"again = 4";

static const struct {
	const char *key, *text;
} messages[] = {
    {"zebra", "last"},
    {"plain", "one; {{two}} = <three>"},
    {"empty", ""},
    {"quoted", "\"kept\""},
    {"long", "once upon a time ; it ended"},
    {"date.long", "%s \xe2\x80\xa6"},
    {"date.short", "2"},
    {"mail.long", "three"},
    {"date.again", "4"},
    {"short", NULL},
    {"date", NULL},
    {"date.", NULL},
    {"", NULL},
    {"zzz", NULL},
};

START_TEST(message)
{
	static const struct file files[FILES] = {{"messages.ini", catalogue}};
	struct templates *templates;
	const char *text;

	write_language("en", files);
	templates = load();
	text = template_message(templates, "en", messages[_i].key);
	if (messages[_i].text)
		ck_assert_msg(text && strcmp(text, messages[_i].text) == 0, "%s: %s",
		    messages[_i].key, text ? text : "nothing");
	else
		ck_assert_ptr_null(text);
	templates_free(templates);
}
END_TEST

/* A key and a section of 48 bytes, and a line of 198. */
START_TEST(catalogue_at_its_bounds)
{
	static const struct file files[FILES] = {
	    {"messages.ini", "b = " KEY_48 KEY_48 KEY_48 KEY_48 "ab\nc =\n one\n\ttwo\n[" KEY_48
			     "]\n" KEY_48 " = x\n"}};
	struct templates *templates;

	write_language("en", files);
	templates = load();
	ck_assert_str_eq(template_message(templates, "en", "b"), KEY_48 KEY_48 KEY_48 KEY_48 "ab");
	ck_assert_str_eq(template_message(templates, "en", "c"), "one two");
	ck_assert_str_eq(template_message(templates, "en", KEY_48 "." KEY_48), "x");
	templates_free(templates);
}
END_TEST

/* The largest that is read, nearly all of it remarks. */
START_TEST(catalogue_of_a_megabyte)
{
	static char bytes[1 << 20];
	struct templates *templates;

	memset(bytes, 'x', sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i += 128) {
		bytes[i] = ';';
		bytes[i + 127] = '\n';
	}
	memcpy(bytes + sizeof(bytes) - 128, "a = b\n;", 7);
	make_folder("en");
	write_file("en/messages.ini", bytes, sizeof(bytes));
	templates = load();
	ck_assert_str_eq(template_message(templates, "en", "a"), "b");
	templates_free(templates);
}
END_TEST

START_TEST(catalogue_with_many_messages)
{
	struct text source = text_new(arena, 100000);
	struct templates *templates;
	char key[32], text[32];

	for (int i = 0; i < 1000; i++)
		text_printf(&source, "key%d = text %d\n", i * 7919 % 1000, i * 7919 % 1000);
	make_folder("en");
	write_file("en/messages.ini", source.data, source.len);
	templates = load();
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		snprintf(text, sizeof(text), "text %d", i);
		ck_assert_str_eq(template_message(templates, "en", key), text);
		snprintf(key, sizeof(key), "key%d", 1000 + i);
		ck_assert_ptr_null(template_message(templates, "en", key));
	}
	templates_free(templates);
}
END_TEST

static const char everything[] = "<ul title=\"{{angry}}\">\n{{#days}}\n<li>{{label}} {{%place}}"
				 "{{#slots}}<b>{{at}}</b>{{/slots}}\n{{/days}}\n</ul>";

/* Renders `everything` into out; false when it did not compile. */
static bool render_everything(struct arena *memory, size_t max, struct text *out)
{
	const struct template *tpl = NULL;
	struct fail fail = {0};
	enum err err =
	    template_compile(memory, "a.html", everything, sizeof(everything) - 1, &tpl, &fail);

	ck_assert(err == ERR_NONE || (err == ERR_CONFIG && arena_overflowed(memory)));
	ck_assert((err == ERR_NONE) == (tpl != NULL));
	if (err) {
		ck_assert_str_eq(fail.detail, "a.html: no room is left");
		return false;
	}
	*out = text_new(memory, max);
	template_render(tpl, fill(memory), out);
	return true;
}

/* Whatever the arena's size: what is complete is right, and what is not says so. */
START_TEST(arena_of_any_size)
{
	size_t complete = 0, needed;
	struct text whole = {0}, out = {0};

	ck_assert(render_everything(arena, 500, &whole));
	ck_assert(!text_overflowed(&whole) && !arena_overflowed(arena));
	needed = arena_used(arena);
	for (size_t size = 1; size < needed + 64; size++) {
		struct arena *memory = arena_new(size);

		ck_assert_ptr_nonnull(memory);
		if (render_everything(memory, 500, &out) && !arena_overflowed(memory)) {
			ck_assert_str_eq(out.data, whole.data);
			complete++;
		}
		ck_assert_int_eq(arena_overflowed(memory), size < needed);
		arena_free(memory);
	}
	ck_assert_uint_eq(complete, 64);
}
END_TEST

START_TEST(output_of_any_size)
{
	struct text whole = {0}, out = {0};

	ck_assert(render_everything(arena, 500, &whole));
	for (size_t max = 0; max < whole.len + 2; max++) {
		ck_assert(render_everything(arena, max, &out));
		ck_assert_int_eq(text_overflowed(&out), max < whole.len);
		ck_assert_uint_le(out.len, max);
		ck_assert_uint_eq(strlen(out.data), out.len);
		ck_assert_int_eq(memcmp(out.data, whole.data, out.len), 0);
		if (max < whole.len) {
			text_str(&out, "");
			ck_assert(text_overflowed(&out));
		} else
			ck_assert_uint_eq(out.len, whole.len);
	}
	ck_assert(!arena_overflowed(arena));
}
END_TEST

START_TEST(null_views)
{
	const struct template *tpl = NULL;
	struct text out = text_new(arena, 100);
	struct fail fail;
	static const char source[] = "[{{a}}{{#a}}1{{/a}}{{^a}}2{{/a}}]";

	view_text(NULL, "a", "b");
	view_text(NULL, "a", NULL);
	view_flag(NULL, "a", true);
	ck_assert_ptr_null(view_item(NULL, "a"));
	ck_assert_int_eq(
	    template_compile(arena, "a.txt", source, sizeof(source) - 1, &tpl, &fail), ERR_NONE);
	template_render(tpl, NULL, &out);
	ck_assert_str_eq(out.data, "[2]");
}
END_TEST

/* A text in a list's place ends the list, and the next item begins another. */
START_TEST(list_after_a_text_of_its_name)
{
	static const char source[] = "{{#a}}{{b}}{{/a}}";
	const struct template *tpl = NULL;
	struct view *view = view_new(arena);
	struct text out = text_new(arena, 100);
	struct fail fail;

	ck_assert_int_eq(
	    template_compile(arena, "a.txt", source, sizeof(source) - 1, &tpl, &fail), ERR_NONE);
	view_text(view_item(view, "a"), "b", "1");
	view_text(view_item(view, "a"), "b", "2");
	view_flag(view, "a", false);
	template_render(tpl, view, &out);
	ck_assert_str_eq(out.data, "");
	view_text(view_item(view, "a"), "b", "3");
	view_text(view_item(view, "a"), "b", "4");
	template_render(tpl, view, &out);
	ck_assert_str_eq(out.data, "34");
}
END_TEST

START_TEST(compile_needs_an_ending)
{
	static const char *const names[] = {"a.htm", "a", ".html", "html", "a.html.bak", ""};
	const struct template *tpl = NULL;
	struct fail fail = {0};

	ck_assert_int_eq(template_compile(arena, names[_i], "x", 1, &tpl, &fail), ERR_CONFIG);
	ck_assert_ptr_null(tpl);
}
END_TEST

START_TEST(languages)
{
	struct templates *templates;

	make_folder("fr");
	write_file("fr/a.txt", "a", 1);
	make_folder("en");
	write_file("en/a.txt", "a", 1);
	make_folder("de-CH");
	write_file("de-CH/messages.ini", "a = b\n", 6);
	make_folder("none");
	templates = load();
	ck_assert_str_eq(template_language(templates, 0), "de-CH");
	ck_assert_str_eq(template_language(templates, 1), "en");
	ck_assert_str_eq(template_language(templates, 2), "fr");
	ck_assert_ptr_null(template_language(templates, 3));
	templates_free(templates);
}
END_TEST

static const struct {
	const char *source, *expected;
	size_t max;
} texts[] = {
    {"{{plain}}y\n", "xy", 10},
    {"{{plain}}\ny\n\n\n", "x\ny", 10},
    {"\n\n", "", 10},
    {"", "", 10},
    {"1234", "1234", 4},
    {"{{plain}}", "x", 1},
};

/* Without the newlines at its end, and in no more room than it takes. */
START_TEST(text_by_itself)
{
	const struct template *tpl = NULL;
	struct fail fail;
	struct view *view = fill(arena);
	const char *text;
	size_t used;

	ck_assert_int_eq(template_compile(arena, "t.txt", texts[_i].source,
			     strlen(texts[_i].source), &tpl, &fail),
	    ERR_NONE);
	/* The arena aligns what it gives. */
	arena_alloc(arena, 16);
	used = arena_used(arena);
	text = template_text(arena, tpl, view, texts[_i].max);
	ck_assert_uint_eq(arena_used(arena), used + strlen(texts[_i].expected) + 1);
	memset(arena_alloc(arena, 100), 'z', 100);
	ck_assert_str_eq(text, texts[_i].expected);
	ck_assert_str_eq(template_text(arena, NULL, view, 10), "");
}
END_TEST

START_TEST(mark_and_nothing_else)
{
	make_folder("en");
	write_file("en/a.txt", "\xef\xbb\xbf", 3);
	refuse("a byte order mark", "/en/a.txt:1: a byte order mark");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("template");
	TCase *rendering = tcase_create("render"), *refusing = tcase_create("refuse");
	TCase *folders = tcase_create("folder"), *catalogues = tcase_create("catalogue");
	TCase *bounds = tcase_create("bounds");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(rendering, set_up, tear_down);
	tcase_add_loop_test(rendering, render, 0, (int)COUNT(renders));
	tcase_add_test(rendering, list_after_a_text_of_its_name);
	suite_add_tcase(suite, rendering);

	tcase_add_checked_fixture(refusing, set_up, tear_down);
	tcase_add_loop_test(refusing, refusal, 0, (int)COUNT(refusals));
	tcase_add_test(refusing, partials_nest_too_deep);
	tcase_add_test(refusing, partials_nest_much_too_deep);
	tcase_add_loop_test(refusing, compile_needs_an_ending, 0, 6);
	suite_add_tcase(suite, refusing);

	tcase_add_checked_fixture(folders, set_up, tear_down);
	tcase_add_test(folders, folder_that_does_not_exist);
	tcase_add_test(folders, folder_that_is_a_file);
	tcase_add_test(folders, folder_without_a_language);
	tcase_add_test(folders, template_that_is_a_folder);
	tcase_add_test(folders, template_that_is_a_pipe);
	tcase_add_test(folders, template_that_is_gone);
	tcase_add_test(folders, template_that_may_not_be_read);
	tcase_add_test(folders, template_that_is_huge);
	tcase_add_test(folders, templates_that_are_too_many);
	tcase_add_test(folders, messages_that_are_too_many);
	tcase_add_test(folders, templates_that_are_needed);
	tcase_add_test(folders, other_files_are_ignored);
	tcase_add_test(folders, languages_are_apart);
	tcase_add_test(folders, borrowed);
	tcase_add_test(folders, borrowed_messages);
	tcase_add_test(folders, folder_with_a_percent_sign);
	tcase_add_test(folders, language_that_is_gone);
	tcase_add_loop_test(folders, folder_that_cannot_be_listed, 0, (int)COUNT(scans));
	tcase_add_test(folders, many_that_are_borrowed);
	tcase_add_test(catalogues, catalogue_of_a_megabyte);
	tcase_add_test(catalogues, catalogue_at_its_bounds);
	suite_add_tcase(suite, folders);

	tcase_add_checked_fixture(catalogues, set_up, tear_down);
	tcase_add_loop_test(catalogues, message, 0, (int)COUNT(messages));
	tcase_add_test(catalogues, catalogue_with_many_messages);
	suite_add_tcase(suite, catalogues);

	tcase_add_checked_fixture(bounds, set_up, tear_down);
	tcase_set_timeout(bounds, 60);
	tcase_add_test(bounds, bounds_are_reached);
	tcase_add_test(bounds, partials_nest_to_the_bound);
	tcase_add_test(bounds, sections_of_a_partial);
	tcase_add_loop_test(bounds, template_by_itself, 0, (int)COUNT(alone));
	tcase_add_test(bounds, arena_of_any_size);
	tcase_add_test(bounds, output_of_any_size);
	tcase_add_test(bounds, null_views);
	tcase_add_test(bounds, languages);
	tcase_add_loop_test(bounds, text_by_itself, 0, (int)COUNT(texts));
	tcase_add_test(bounds, mark_and_nothing_else);
	suite_add_tcase(suite, bounds);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
