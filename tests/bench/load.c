/* SPDX-License-Identifier: MIT */
/*
 * load.c: an HTTP client that keeps a number of connections busy, or asks two servers in turn
 *
 *	load [-c CLIENTS] [-r RATE] [-s SECONDS] [-n REQUESTS] [-l LINES [-k SKIP]] [-x STATUS] PORT
 *REQUEST load -a PORT2:REQUEST2 [-n PAIRS] [-x STATUS] PORT REQUEST
 *
 * REQUEST is a file with a whole HTTP/1.1 request, but for its Content-Length, which is added. With
 * -l each request takes the next line of LINES, and {1} to {4} in the request stand for the line's
 * fields, which are separated by tabs; the run ends with the lines. With -r at most so many
 *requests leave in a second, evenly, as far as clients are free. With -a the requests go to the one
 *and the other server in turn, and what the first takes beyond the mean of the two answers of the
 *second around it is the difference. Prints name=value words; times are in microseconds. Everything
 *is on 127.0.0.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 512
#define REPLY_MAX (4 << 20)

struct target {
	int port;
	char *head, *body; /* the body is what follows the empty line */
};

struct client {
	int fd;
	bool is_waiting;
	int64_t sent;
	char *reply;
	size_t have;
};

struct times {
	int64_t *list;
	size_t count, room;
};

struct lines {
	char **list;
	size_t count, at;
};

static struct lines lines;
static int wanted_status = 200;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void *must(void *memory)
{
	if (!memory)
		die("memory");
	return memory;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t have = 0, room = 1 << 16;
	char *bytes = must(malloc(room));
	size_t got;

	if (!file)
		die(path);
	while ((got = fread(bytes + have, 1, room - have - 1, file)) > 0) {
		have += got;
		if (have + 1 == room)
			bytes = must(realloc(bytes, room *= 2));
	}
	fclose(file);
	bytes[have] = '\0';
	return bytes;
}

static struct target target_read(const char *port, const char *path)
{
	struct target target = {.port = atoi(port), .head = read_file(path)};
	char *end = strstr(target.head, "\r\n\r\n");

	if (!end || target.port <= 0) {
		fprintf(stderr, "%s: no request, or %s is no port\n", path, port);
		exit(2);
	}
	end[2] = '\0';
	target.body = end + 4;
	return target;
}

static void lines_read(const char *path, size_t skip)
{
	char *text = read_file(path), *line;
	size_t room = 0;

	for (; (line = strsep(&text, "\n")) && *line;) {
		if (lines.count == room)
			lines.list =
			    must(realloc(lines.list, (room = room * 2 + 1024) * sizeof(char *)));
		lines.list[lines.count++] = line;
	}
	lines.at = skip;
}

/* Copies a pattern, with {n} replaced by the n-th field of the line. */
static size_t fill(char *out, const char *pattern, const char *line)
{
	char *at = out;

	while (*pattern) {
		if (line && pattern[0] == '{' && pattern[1] >= '1' && pattern[1] <= '4' &&
		    pattern[2] == '}') {
			const char *field = line;
			size_t len;

			for (int n = pattern[1] - '1'; n > 0 && field; n--)
				field = strchr(field, '\t') ? strchr(field, '\t') + 1 : NULL;
			len = field ? strcspn(field, "\t") : 0;
			memcpy(at, field ? field : "", len);
			at += len;
			pattern += 3;
			continue;
		}
		*at++ = *pattern++;
	}
	return (size_t)(at - out);
}

static void dial(struct client *client, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = send(fd, bytes, len, MSG_NOSIGNAL);

		if (put < 0 && errno != EINTR)
			return false;
		bytes += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
	return true;
}

/* Sends the next request; false when the lines are used up. */
static bool ask(struct client *client, const struct target *target)
{
	static char out[1 << 20], body[1 << 19];
	const char *line = NULL;
	size_t body_len, len;

	if (lines.list) {
		if (lines.at == lines.count)
			return false;
		line = lines.list[lines.at++];
	}
	body_len = fill(body, target->body, line);
	len = fill(out, target->head, line);
	len += (size_t)sprintf(out + len, "Content-Length: %zu\r\n\r\n", body_len);
	memcpy(out + len, body, body_len);
	client->have = 0;
	client->is_waiting = true;
	client->sent = now_us();
	if (!send_all(client->fd, out, len + body_len)) {
		/* The server has closed the idle connection. */
		close(client->fd);
		dial(client, target->port);
		client->sent = now_us();
		if (!send_all(client->fd, out, len + body_len))
			die("send");
	}
	return true;
}

/* Where the value of a header starts, or NULL; the name has its colon. */
static const char *header(const char *reply, const char *end, const char *name)
{
	const char *at = strcasestr(reply, name);

	return at && at < end && at[-1] == '\n' ? at + strlen(name) : NULL;
}

/* Whether the reply is there as a whole. */
static bool is_whole(const struct client *client)
{
	const char *end = strstr(client->reply, "\r\n\r\n"), *length;
	size_t head;

	if (!end)
		return false;
	head = (size_t)(end + 4 - client->reply);
	length = header(client->reply, end, "Content-Length:");
	if (length)
		return client->have >= head + strtoul(length, NULL, 10);
	if (header(client->reply, end, "Transfer-Encoding: chunked"))
		return client->have >= head + 5 &&
		       memcmp(client->reply + client->have - 5, "0\r\n\r\n", 5) == 0;
	return true;
}

/* Reads what is there. 1: the reply is whole; 0: not yet; -1: the connection has ended. */
static int take(struct client *client)
{
	ssize_t got = recv(
	    client->fd, client->reply + client->have, REPLY_MAX - client->have - 1, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (got == 0)
		return -1;
	client->have += (size_t)got;
	client->reply[client->have] = '\0';
	return is_whole(client);
}

/* nginx ends a connection after a thousand requests, and says so. */
static bool is_last(const struct client *client)
{
	return header(client->reply, strstr(client->reply, "\r\n\r\n"), "Connection: close");
}

static void complain(const struct client *client)
{
	const char *body = strstr(client->reply, "\r\n\r\n");

	fprintf(stderr, "load: not %d: %.12s %.300s\n", wanted_status, client->reply,
	    body ? body + 4 : "the connection has ended");
}

static bool is_wanted(const struct client *client)
{
	return client->have > 12 && atoi(client->reply + 9) == wanted_status;
}

static void note(struct times *times, int64_t us)
{
	if (times->count == times->room)
		times->list =
		    must(realloc(times->list, (times->room = times->room * 2 + 1024) * 8));
	times->list[times->count++] = us;
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void print_times(const char *prefix, struct times *times)
{
	if (!times->count)
		return;
	qsort(times->list, times->count, sizeof(int64_t), by_value);
	printf(" %sp50=%lld %sp99=%lld", prefix, (long long)times->list[times->count / 2], prefix,
	    (long long)times->list[times->count * 99 / 100]);
}

static void start(struct client *client, int port)
{
	client->reply = must(calloc(1, REPLY_MAX));
	dial(client, port);
}

/* Whether the next request may leave; 0: at any time. */
static bool is_due(double rate, size_t asked, int64_t began)
{
	return rate <= 0 || (double)asked * 1e6 <= (double)(now_us() - began) * rate;
}

static void run_load(
    const struct target *target, int count, double rate, double seconds, size_t max)
{
	static struct client clients[CLIENTS_MAX];
	static struct pollfd fds[CLIENTS_MAX];
	int64_t began = now_us(), until = began + (int64_t)(seconds * 1e6), ended;
	size_t asked = 0, failed = 0;
	struct times times = {0};
	int waiting = 0;

	for (int i = 0; i < count; i++) {
		start(&clients[i], target->port);
		waiting += asked < max && is_due(rate, asked, began) && ask(&clients[i], target) &&
			   ++asked;
		fds[i] = (struct pollfd){clients[i].fd, POLLIN, 0};
	}
	while (waiting || (rate > 0 && now_us() < until && asked < max)) {
		if (poll(fds, (nfds_t)count, rate > 0 ? 1 : 30000) <= 0 && rate <= 0) {
			fprintf(stderr, "no answer for 30 s\n");
			exit(1);
		}
		for (int i = 0; i < count && rate > 0; i++)
			if (!clients[i].is_waiting && now_us() < until && asked < max &&
			    is_due(rate, asked, began) && ask(&clients[i], target)) {
				asked++;
				waiting++;
				fds[i].fd = clients[i].fd;
			}
		for (int i = 0; i < count; i++) {
			struct client *client = &clients[i];
			int got = fds[i].revents && client->is_waiting ? take(client) : 0;

			if (!got)
				continue;
			client->is_waiting = false;
			waiting--;
			if (got < 0 || is_last(client)) {
				close(client->fd);
				dial(client, target->port);
				fds[i].fd = client->fd;
			}
			if (got < 0 || !is_wanted(client)) {
				if (!failed++)
					complain(client);
			} else {
				note(&times, now_us() - client->sent);
			}
			if (rate <= 0 && now_us() < until && asked < max && ask(client, target)) {
				asked++;
				waiting++;
				fds[i].fd = client->fd;
			}
		}
	}
	ended = now_us();
	printf("requests=%zu failed=%zu rate=%.1f", times.count, failed,
	    (double)times.count * 1e6 / (double)(ended - began));
	print_times("", &times);
	printf(" used=%zu\n", lines.at);
}

static int64_t once(struct client *client, const struct target *target)
{
	struct pollfd fd;
	int64_t took;
	int got = 0;

	if (!ask(client, target))
		return -1;
	while (!got) {
		fd = (struct pollfd){client->fd, POLLIN, 0};
		if (poll(&fd, 1, 30000) <= 0)
			die("no answer");
		got = take(client);
	}
	if (got < 0 || !is_wanted(client)) {
		complain(client);
		exit(1);
	}
	took = now_us() - client->sent;
	if (is_last(client)) {
		close(client->fd);
		dial(client, target->port);
	}
	return took;
}

static void run_turns(const struct target *one, const struct target *other, size_t pairs)
{
	struct times ones = {0}, others = {0}, beyond = {0};
	struct client a = {0}, b = {0};
	int64_t before, after;

	start(&a, one->port);
	start(&b, other->port);
	before = once(&b, other);
	for (size_t i = 0; i < pairs; i++) {
		int64_t took = once(&a, one);

		after = once(&b, other);
		note(&ones, took);
		note(&others, after);
		note(&beyond, took - (before + after) / 2);
		before = after;
	}
	printf("pairs=%zu", pairs);
	print_times("", &ones);
	print_times("other_", &others);
	print_times("beyond_", &beyond);
	putchar('\n');
}

int main(int argc, char **argv)
{
	size_t max = SIZE_MAX, skip = 0;
	const char *path = NULL;
	char *other = NULL;
	double seconds = 3600, rate = 0;
	struct target target;
	int option, count = 1;

	while ((option = getopt(argc, argv, "a:c:k:l:n:r:s:x:")) != -1) {
		switch (option) {
		case 'a':
			other = optarg;
			break;
		case 'c':
			count = atoi(optarg);
			break;
		case 'k':
			skip = strtoul(optarg, NULL, 10);
			break;
		case 'l':
			path = optarg;
			break;
		case 'n':
			max = strtoul(optarg, NULL, 10);
			break;
		case 'r':
			rate = atof(optarg);
			break;
		case 's':
			seconds = atof(optarg);
			break;
		case 'x':
			wanted_status = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 2 || count < 1 || count > CLIENTS_MAX) {
		fprintf(stderr, "usage: load [option ...] PORT REQUEST\n");
		return 2;
	}
	target = target_read(argv[optind], argv[optind + 1]);
	if (path)
		lines_read(path, skip);
	if (other) {
		char *colon = strchr(other, ':');
		struct target second;

		if (!colon)
			return 2;
		*colon = '\0';
		second = target_read(other, colon + 1);
		run_turns(&target, &second, max == SIZE_MAX ? 100 : max);
	} else {
		run_load(&target, count, rate, seconds, max);
	}
	return 0;
}
