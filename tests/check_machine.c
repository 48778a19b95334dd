/* SPDX-License-Identifier: MIT */
/* check_machine.c: what the operator's tool says of a machine's programs, and how it gets the right
 * to a calendar, in the courier's world, line by line: tests/golden/traces */
#include "tool.h"

#include "base/roll.h"
#include "ctl/check_programs.h"
#include "ctl/print.h"
#include "net/fastcgi.h"
#include "net/google_login.h"
#include "store/calendar_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ---- The machine */

static struct {
	enum err pages, clicks, elsewhere, health; /* how each answers */
	int status;				   /* of /healthz */
	int worker;				   /* how its own test ends */
	const char *listens;			   /* what systemd says of a socket */
	unsigned asked;				   /* of which the answer is still open */
	const char *unit; /* the only one of which it says so; NULL: of each */
} machine;

static enum err as_told(enum err err, struct fail *fail)
{
	return err ? fail_set(fail, err, "machine", "as it was told to") : ERR_NONE;
}

enum err fastcgi_ping(const char *path, int64_t deadline, struct fail *fail)
{
	begin_line();
	say("ping %s within=%" PRId64 "\n", path, deadline - world.boot_ms);
	return as_told(strstr(path, "worker.sock")  ? machine.pages
		       : strstr(path, "click.sock") ? machine.clicks
						    : machine.elsewhere,
	    fail);
}

enum err fastcgi_get(
    const char *path, const char *uri, int64_t deadline, int *status, struct fail *fail)
{
	begin_line();
	say("get %s of %s within=%" PRId64 "\n", uri, path, deadline - world.boot_ms);
	if (!machine.health)
		*status = machine.status;
	return as_told(machine.health, fail);
}

FILE *__wrap_popen(const char *command, const char *mode);
FILE *__wrap_popen(const char *command, const char *mode)
{
	say("ask %s (%s)\n", command, mode);
	if (!machine.listens || (machine.unit && !strstr(command, machine.unit)))
		return NULL;
	machine.asked++;
	return fmemopen((char *)machine.listens, strlen(machine.listens), "r");
}

int __wrap_pclose(FILE *output);
int __wrap_pclose(FILE *output)
{
	machine.asked--;
	return fclose(output);
}

int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[])
{
	(void)actions, (void)attributes, (void)environment;
	say("run");
	for (int i = 0; arguments[i]; i++)
		say(" %s", arguments[i]);
	say("\n");
	ck_assert_str_eq(path, arguments[0]);
	if (machine.worker < 0)
		return ENOENT;
	*pid = fork();
	if (*pid == 0)
		_exit(machine.worker);
	return *pid < 0 ? errno : 0;
}

static int look(struct ctl *ctl)
{
	struct checking checking = {ctl, ctl->is_json ? json_new_list() : NULL, 0, 0};
	struct counters *counters = counters_look(ctl->conf->site.runtime_dir);

	check_programs(&checking, counters);
	check_clocks(&checking, counters);
	check_clients(&checking, counters);
	counters_close(counters);
	ck_assert_uint_eq(machine.asked, 0);
	if (ctl->is_json)
		print_json(ctl->arena, checking.list);
	return (int)checking.faults;
}

static const struct ctl_command machine_check = {.name = "look", .help = "look", .run = look};

/* Without what is told of every route, duty and service alike, and of the build. */
static void measure(void)
{
	size_t from = trace_len;
	char *to, *next;

	run(&ctl_metrics, NULL);
	to = trace + from;
	for (char *line = to; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (*line == '#' || memmem(line, (size_t)(next - line), "build_info", 10) ||
		    memmem(line, (size_t)(next - line), "route=", 6) ||
		    memmem(line, (size_t)(next - line), "duty=", 5) ||
		    memmem(line, (size_t)(next - line), "service=", 8))
			continue;
		memmove(to, line, (size_t)(next - line));
		to += next - line;
	}
	*to = '\0';
	trace_len = (size_t)(to - trace);
}

static void begin(void)
{
	umask(022);
	begin_tool();
	memset(&machine, 0, sizeof(machine));
	machine.status = 200;
	world.certificate_end_s = clock_wall_s() + 40 * 86400;
}

/* ---- The programs */

static void courier_looked(int64_t ago_ms)
{
	counters_set(courier.upstream.counters, GAUGE_COURIER_ROUND_MS, world.boot_ms - ago_ms);
}

static void all_is_well(void)
{
	roll_enter(folder, "pages");
	roll_enter(folder, ROLL_COURIER);
	courier_looked(3000);
	counters_set(courier.upstream.counters, GAUGE_BACKLOG, 4);
	counters_set(courier.upstream.counters, GAUGE_BACKLOG_SINCE_MS, world.boot_ms - 900000);
	run(&machine_check, NULL);
	run(&machine_check, "--json", NULL);
	measure();
}

static void pools_fail(void)
{
	machine.clicks = ERR_UNREACHABLE;
	machine.health = ERR_UNREACHABLE;
	run(&machine_check, NULL);
	machine.pages = machine.clicks = ERR_NOT_FOUND;
	machine.health = ERR_NONE;
	machine.status = 503;
	run(&machine_check, NULL);
	machine.listens = "/run/slotguard/worker.sock (Stream)\n";
	run(&machine_check, NULL);
	machine.listens = "/run/slot:guard/worker.sock (Stream)\n10.0.0.2:9000 (Stream)\n"
			  "10.0.0.3:9000 (Stream)\n";
	run(&machine_check, NULL);
	machine.unit = " slotguard.socket ";
	run(&machine_check, NULL);
	machine.unit = NULL;
	machine.elsewhere = ERR_BUSY;
	run(&machine_check, NULL);
	measure();
}

static void courier_fails(void)
{
	run(&machine_check, NULL);
	courier_looked(3000);
	run(&machine_check, NULL);
	roll_enter(folder, ROLL_COURIER);
	courier_looked(120999);
	run(&machine_check, NULL);
	courier_looked(121000);
	run(&machine_check, NULL);
	counters_set(courier.upstream.counters, GAUGE_COURIER_ROUND_MS, 0);
	run(&machine_check, NULL);
	courier_looked(0);
	counters_set(courier.upstream.counters, GAUGE_OBEY_REFUSED, 1);
	counters_set(courier.upstream.counters, GAUGE_BACKLOG_SINCE_MS, world.boot_ms - 901000);
	run(&machine_check, NULL);
	measure();
}

/* The worker that is tried is the one beside the tool. */
static void look_beside(void)
{
	char worker[PATH_MAX] = "";

	ck_assert_int_gt(readlink("/proc/self/exe", worker, sizeof(worker) - 32), 0);
	strcpy(strrchr(worker, '/'), "/slotguard-worker");
	ck_assert_int_eq(symlink("/bin/true", worker), 0);
	run(&machine_check, NULL);
	ck_assert_int_eq(unlink(worker), 0);
	replace(worker, "BESIDE/slotguard-worker");
}

/* A limit on the size of files is as good as a full disk. */
static void full_disk(void)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 32768;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	run(&machine_check, NULL);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A courier was run by hand, as root. */
static void made_by_hand(void)
{
	put_file("roll.courier", "");
	ck_assert_int_eq(chmod(path_of("roll.courier"), 0640), 0);
	run(&machine_check, NULL);
	ck_assert_int_eq(chmod(folder, 0770), 0);
	run(&machine_check, NULL);
	ck_assert_int_eq(unlink(path_of("roll.courier")), 0);
	/* And so were the counters. */
	run(&machine_check, NULL);
	ck_assert_int_eq(chmod(folder, 0700), 0);
}

static void spool_and_templates(void)
{
	full_disk();
	made_by_hand();
	spool_file(7, "");
	spool_file(8, "");
	run(&machine_check, NULL);
	put_file("1796000400500-00000000-0000-0000-0000-00000000000b.damaged", "{");
	machine.worker = 1;
	run(&machine_check, NULL);
	machine.worker = -1;
	measure();
	look_beside();
	put_file("large.damaged", "");
	ck_assert_int_eq(truncate(path_of("large.damaged"), SPOOL_BYTES_MAX), 0);
	run(&machine_check, NULL);
}

static void site_fails(void)
{
	static const struct answer answers[] = {
	    {.err = ERR_UNREACHABLE}, {.status = 502}, {.status = 503}, {.status = 429}};

	for (size_t i = 0; i < COUNT(answers); i++) {
		world.answers[OUTSIDE_SITE] = answers[i];
		run(&machine_check, NULL);
	}
	machine.pages = ERR_BUSY;
	world.answers[OUTSIDE_SITE] = answers[1];
	run(&machine_check, NULL);
	world.answers[OUTSIDE_SITE].status = 0;
	world.certificate_end_s = clock_wall_s() + 14 * 86400 - 1;
	run(&machine_check, NULL);
	world.certificate_end_s = clock_wall_s() + 14 * 86400;
	run(&machine_check, NULL);
	world.certificate_end_s = clock_wall_s() - 86400;
	run(&machine_check, NULL);
	world.certificate_end_s = 0;
	run(&machine_check, NULL);
}

/* The other clock shows so many milliseconds more than ours. */
static void clock_shows(enum peer peer, int64_t more_ms)
{
	int64_t now_ms = clock_wall_ms() + more_ms;

	clocks_read(counters_clocks(courier.upstream.counters), peer,
	    &(struct clock_reading){.boot_ms = world.boot_ms,
		.from_ms = now_ms,
		.asked_ms = world.boot_ms,
		.until_ms = now_ms + 100});
}

static void clocks_and_clients(void)
{
	struct counters *counters = courier.upstream.counters;

	clock_shows(PEER_NGINX, 0);
	run(&machine_check, NULL);
	clock_shows(PEER_GOOGLE, -1500);
	counters_set(counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms);
	run(&machine_check, NULL);
	measure();
	clock_shows(PEER_CLICKHOUSE, 5200);
	counters_set(counters, GAUGE_CLIENT_INSIDE_MS, world.boot_ms + 1);
	run(&machine_check, NULL);
	clocks_note(counters_clocks(counters), world.boot_ms, clock_wall_ms() + 9000);
	world.boot_ms += 86400000 - 1;
	run(&machine_check, NULL);
	world.boot_ms++;
	run(&machine_check, NULL);
	world.boot_ms++;
	run(&machine_check, NULL);
}

/* ---- The right to a calendar */

/* What comes while the tool waits for its answer. */
struct visit {
	/* Of a browser, of which what follows a form feed comes when the rest was read; "-": none
	 * that can be accepted. */
	const char *request;
	const char *pasted; /* "": nobody is there to paste */
};

static const struct visit *visits; /* the next; without either nobody comes any more */
static int browser = -1, paste = -1;
static const char *rest;
static bool is_looked_at;

/* What the browser was shown. */
static void leave(void)
{
	static char page[4096];
	ssize_t len;

	if (browser < 0)
		return;
	len = recv(browser, page, sizeof(page) - 1, 0);
	say("the browser is shown: %.*s\n", len < 0 ? 0 : (int)len, page);
	close(browser);
	browser = -1;
}

void __real_google_login_begin(const struct conf_calendar *calendar, enum google_right right,
    int port, struct google_login *out);
void __wrap_google_login_begin(const struct conf_calendar *calendar, enum google_right right,
    int port, struct google_login *out);
void __wrap_google_login_begin(const struct conf_calendar *calendar, enum google_right right,
    int port, struct google_login *out)
{
	__real_google_login_begin(calendar, right, port, out);
	strcpy(out->state, "state-of-ours");
	strcpy(out->verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *len);
int __real_getsockname(int fd, struct sockaddr *address, socklen_t *len);
int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *len)
{
	struct sockaddr_in *at = (struct sockaddr_in *)address;

	ck_assert_int_eq(__real_getsockname(fd, address, len), 0);
	ck_assert_uint_eq(ntohl(at->sin_addr.s_addr), INADDR_LOOPBACK);
	at->sin_port = htons(4711);
	return 0;
}

int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *len, int flags)
{
	const char *request = visits[-1].request;
	size_t size = strcspn(request, "\f");
	int pair[2];

	(void)listener, (void)address, (void)len, (void)flags;
	if (strcmp(request, "-") == 0)
		return -1;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	browser = pair[1];
	ck_assert_int_eq(send(browser, request, size, 0), (ssize_t)size);
	rest = request[size] ? request + size + 1 : NULL;
	is_looked_at = false;
	if (size && !rest)
		ck_assert_int_eq(shutdown(browser, SHUT_WR), 0);
	return pair[0];
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct visit *visit;

	if (count == 1) {
		say("  wait for the browser %d\n", timeout);
		if (rest && is_looked_at) {
			ck_assert_int_gt(send(browser, rest, strlen(rest), 0), 0);
			ck_assert_int_eq(shutdown(browser, SHUT_WR), 0);
			rest = NULL;
		}
		is_looked_at = true;
		return ppoll(fds, count, &(struct timespec){0, 0}, NULL);
	}
	leave();
	begin_line();
	say("wait for an answer %d%s\n", timeout, fds[1].fd < 0 ? ", at the port alone" : "");
	ck_assert(fds[1].fd == STDIN_FILENO || fds[1].fd < 0);
	visit = visits++;
	if (!visit->request && !visit->pasted) {
		world.boot_ms += timeout;
		return 0;
	}
	fds[0].revents = visit->request ? POLLIN : 0;
	fds[1].revents = visit->pasted ? POLLIN : 0;
	if (visit->pasted && !*visit->pasted)
		close(paste);
	else if (visit->pasted)
		ck_assert_int_eq(write(paste, visit->pasted, strlen(visit->pasted)),
		    (ssize_t)strlen(visit->pasted));
	return 1;
}

/* The file that a login has just made is of the real clock. */
static void forget_since(size_t from)
{
	const char *line = strstr(trace + from, "\nsince     ");
	char kept[100];

	if (!line)
		return;
	snprintf(kept, sizeof(kept), "%.*s", (int)strcspn(line + 1, "\n") + 1, line);
	replace(kept, "\nsince     just now");
}

/* A login to which this comes, in this order. */
static void log_in(const struct visit *come, const char *name, const char *option)
{
	size_t from = trace_len;
	char *token = NULL;
	struct stat file;
	int ends[2];
	const char *path;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	clearerr(stdin);
	paste = ends[1];
	visits = come;
	run(&ctl_google, "login", name ? name : option, name ? option : NULL, NULL);
	leave();
	forget_since(from);
	close(paste);
	path = path_of(name && strcmp(name, "club") == 0 ? "club-google-refresh-token"
							 : "google-refresh-token");
	if (stat(path, &file) == 0) {
		token = read_text(path);
		say("%03o %s", file.st_mode & 0777, token);
		free(token);
	}
}

#define SCOPE "https://www.googleapis.com/auth/calendar."
#define GRANT(scopes)                                                                              \
	"{\"access_token\":\"t\",\"expires_in\":3600,\"token_type\":\"Bearer\","                   \
	"\"refresh_token\":\"1//new\",\"scope\":\"" scopes "\"}"
#define ANSWER "GET /?state=state-of-\fours&code=4/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

static void a_browser_answers(void)
{
	static char endless[20000];
	static const struct visit come[] = {
	    {"GET /favicon.ico HTTP/1.1\r\n\r\n", NULL},
	    {"POST /?state=state-of-ours&code=4/x HTTP/1.1\r\n\r\n", NULL},
	    {"", NULL},
	    {"GET /?state=state-of-ours&code=4/x", NULL},
	    {"-", NULL},
	    {endless, NULL},
	    {"GET /?state=another&code=4/x HTTP/1.1\r\n\r\n", NULL},
	    {ANSWER, NULL},
	};
	static const struct visit refused[] = {
	    {"G\fET /?state=state-of-ours&error=access_denied HTTP/1.1\r\n\r\n", NULL}};

	memset(endless, 'x', sizeof(endless) - 1);
	world.token = GRANT(SCOPE "events.owned " SCOPE "freebusy");
	log_in(come, NULL, NULL);
	log_in(refused, NULL, NULL);
}

static void an_answer_is_pasted(void)
{
	static const struct visit come[] = {
	    {NULL, "http://127.0.0.1:4711/?state=another&code=4/x\n"}, {NULL, "what do you mean\n"},
	    {NULL, "http://127.0.0.1:4711/?state=state-of-ours&code=4/x\n"}};
	static const struct visit bare[] = {{NULL, "4/x\n"}};
	static const struct visit nobody[] = {
	    {NULL, ""}, {"GET / HTTP/1.1\r\n", NULL}, {NULL, NULL}};

	world.token = GRANT(SCOPE "events " SCOPE "freebusy");
	log_in(come, NULL, "--shared");
	log_in(nobody, NULL, NULL);
	world.token = GRANT(SCOPE "events.owned");
	log_in(bare, NULL, NULL);
	world.answers[OUTSIDE_GOOGLE] =
	    (struct answer){.status = 400, .body = "{\"error\":\"invalid_grant\"}"};
	log_in(bare, NULL, NULL);
	world.answers[OUTSIDE_GOOGLE] = (struct answer){0};
	ck_assert_int_eq(unlink(path_of("google-client-secret")), 0);
	log_in(bare, NULL, NULL);
}

/* Since when the file of the token stands there. */
static void token_came(const char *name, int64_t at_s)
{
	const struct timespec times[2] = {{.tv_sec = at_s}, {.tv_sec = at_s}};

	ck_assert_int_eq(utimensat(AT_FDCWD, path_of(name), times, 0), 0);
}

static void calendars_of_many_accounts(void)
{
	static const struct visit bare[] = {{NULL, "4/x\n"}};

	reopen_with("[calendar club]\ncalendar = home@example.com\n[calendar work]\nwrites = yes\n"
		    "[calendar feed]\nkind = ics\nurl = http://127.0.0.1:4/home.ics\n");
	world.token = GRANT(SCOPE "freebusy");
	log_in(bare, "feed", NULL);
	log_in(bare, "club", "--shared");
	log_in(bare, "club", NULL);
	world.token = GRANT(SCOPE "events.owned " SCOPE "freebusy");
	log_in(bare, "work", "--shared");
	ck_assert_int_eq(unlink(path_of("work-google-refresh-token")), 0);
	log_in(bare, NULL, NULL);
	run(&ctl_google, "status", "none", NULL);
	run(&ctl_google, "status", "feed", NULL);
	token_came("google-refresh-token", clock_wall_s() - 86400);
	run(&ctl_google, "status", "work", "--json", NULL);
	run(&ctl_google, "other", NULL);
}

static void calendar_worked(const struct conf_calendar *calendar, int64_t ago_ms)
{
	const struct calendar_place place = calendar_place(courier.conf, calendar, courier.kept);
	const struct calendar_cache cached = {
	    .asked_ms = world.boot_ms - ago_ms, .window = {clock_wall_s(), clock_wall_s() + 86400}};

	ck_assert_int_eq(calendar_cache_store(&place, courier.kept, &cached, &failure), ERR_NONE);
}

static void standing_of_one(void)
{
	char text[600];

	world.token = GRANT(SCOPE "events.owned " SCOPE "freebusy");
	token_came("google-refresh-token", clock_wall_s() - 86400);
	run(&ctl_google, "status", NULL);
	run(&ctl_google, "status", "--json", NULL);
	world.about = "{\"summary\":\"Avo\\u0007's\",\"accessRole\":\"reader\"}";
	run(&ctl_google, "status", NULL);
	world.about = "{\"summary\":\"Avo's\"}";
	run(&ctl_google, "status", NULL);
	world.about = NULL;
	calendar_worked(&courier.conf->calendars.list[0], 7000);
	world.token = GRANT(SCOPE "freebusy");
	run(&ctl_google, "status", NULL);
	world.token = NULL;
	run(&ctl_google, "status", NULL);
	world.answers[OUTSIDE_GOOGLE] =
	    (struct answer){.status = 400, .body = "{\"error\":\"invalid_grant\"}"};
	run(&ctl_google, "status", NULL);
	run(&ctl_google, "status", "--json", NULL);
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	run(&ctl_google, "status", NULL);
	/* Without the zone's data no time can be said, and the rest is. */
	put_file("google-refresh-token", "1//old");
	snprintf(text, sizeof(text),
	    "[site]\nbase_url = https://book.example.com\nname = Avo\nruntime_dir = %s\n"
	    "[hours]\ntimezone = Nowhere/City\n",
	    folder);
	put_file("test.conf", text);
	run(&ctl_google, "status", NULL);
}

static void standing_of_many(void)
{
	reopen_with("[calendar work]\nwrites = yes\n[calendar club]\ncalendar = home@example.com\n"
		    "[calendar feed]\nkind = ics\nurl = http://127.0.0.1:4/home.ics\n");
	put_file("club-google-refresh-token", "1//club");
	token_came("club-google-refresh-token", clock_wall_s() - 3600);
	token_came("google-refresh-token", clock_wall_s() - 86400);
	world.token = GRANT(SCOPE "events.owned " SCOPE "freebusy");
	calendar_worked(&courier.conf->calendars.list[1], 60000);
	measure();
	run(&ctl_google, "status", NULL);
	run(&ctl_google, "status", "--json", NULL);
	run(&ctl_google, "status", "club", NULL);
	world.token = GRANT(SCOPE "freebusy");
	run(&ctl_google, "status", NULL);
	reopen_with("[calendar main]\nkind = ics\nurl = http://127.0.0.1:4/home.ics\n");
	run(&ctl_google, "status", NULL);
	put_file("test.conf", "[site]\nnothing = so\n");
	run(&ctl_google, "status", NULL);
}

static const struct {
	const char *name;
	void (*live)(void);
} stories[] = {
    {"machine-is-well", all_is_well},
    {"machine-pools", pools_fail},
    {"machine-courier", courier_fails},
    {"machine-spool", spool_and_templates},
    {"machine-site", site_fails},
    {"machine-clocks", clocks_and_clients},
    {"login-by-browser", a_browser_answers},
    {"login-by-paste", an_answer_is_pasted},
    {"login-of-many", calendars_of_many_accounts},
    {"standing-of-one", standing_of_one},
    {"standing-of-many", standing_of_many},
};

START_TEST(story)
{
	stories[_i].live();
	replace(SBINDIR, "SBINDIR");
	agreed_story(stories[_i].name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("machine");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, begin, tear_down);
	tcase_add_loop_test(all, story, 0, (int)COUNT(stories));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
