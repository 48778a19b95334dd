/* SPDX-License-Identifier: MIT */
/*
 * stub.c: a server on 127.0.0.1 that answers at once, or after a given time
 *
 *	stub [-d MS] google BUSY	Google's token endpoint, freeBusy and events
 *	stub [-d MS] [-o DIR] PORT	ClickHouse at PORT: each request is passed on once and its
 *					answer remembered; the same request gets it from here
 *
 * Prints its own port. BUSY is how many busy intervals freeBusy names. Requests that are passed on
 * are written to DIR/1.request, DIR/2.request and so on, without their Content-Length. It ends with
 * the process that started it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX (1 << 20)
#define CONNECTIONS 1024
#define REPLIES 4096

struct bytes {
	char *at;
	size_t len;
};

struct connection {
	int fd;
	char *in;
	size_t have;
	int64_t due; /* when the reply leaves, in microseconds */
	struct bytes reply;
	struct connection *later;
};

static struct {
	struct bytes request, reply;
} known[REPLIES];
static size_t known_count;

static struct connection *connections[CONNECTIONS], *first_due, **last_due = &first_due;
static int64_t delay_us;
static int upstream_port;
static const char *out_dir;
static struct bytes token, busy, event, gone;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void *must(void *memory)
{
	if (!memory)
		die("memory");
	return memory;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int address(uint16_t port, struct sockaddr_in *out)
{
	*out = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

/* Google */

static struct bytes json_reply(const char *status, const char *body)
{
	struct bytes reply = {must(malloc(strlen(body) + 200)), 0};

	reply.len = (size_t)sprintf(reply.at,
	    "HTTP/1.1 %s\r\nContent-Type: application/json; charset=UTF-8\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    status, strlen(body), body);
	return reply;
}

/* Busy intervals of half an hour, the first an hour from now, one every five hours. */
static void google_prepare(int count)
{
	char *body = must(malloc((size_t)count * 100 + 200)), *at = body;
	time_t start = time(NULL) / 1800 * 1800 + 3600;

	at += sprintf(at, "{\"kind\":\"calendar#freeBusy\",\"calendars\":{\"primary\":{\"busy\":[");
	for (int i = 0; i < count; i++, start += 18000) {
		time_t end = start + 1800;

		at += strftime(
		    at, 60, i ? ",{\"start\":\"%FT%TZ\"" : "{\"start\":\"%FT%TZ\"", gmtime(&start));
		at += strftime(at, 60, ",\"end\":\"%FT%TZ\"}", gmtime(&end));
	}
	strcpy(at, "]}}}");
	busy = json_reply("200 OK", body);
	token = json_reply("200 OK",
	    "{\"access_token\":\"ya29.bench\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
	event = json_reply("200 OK", "{\"kind\":\"calendar#event\",\"status\":\"confirmed\"}");
	gone = json_reply("410 Gone", "{\"error\":{\"code\":410,\"message\":\"deleted\"}}");
	free(body);
}

static struct bytes google_answer(const char *request)
{
	size_t line = strcspn(request, "\r\n");

	if (memmem(request, line, "/token", 6))
		return token;
	if (memmem(request, line, "/freeBusy", 9))
		return busy;
	return strncmp(request, "DELETE", 6) == 0 ? gone : event;
}

/* ClickHouse */

static void keep_request(const char *request, size_t head, size_t len)
{
	char path[4096];
	FILE *file;

	if (!out_dir)
		return;
	snprintf(path, sizeof(path), "%s/%zu.request", out_dir, known_count + 1);
	file = fopen(path, "we");
	if (!file)
		die(path);
	for (const char *line = request; line < request + head;) {
		const char *next = strstr(line, "\r\n") + 2;

		if (strncasecmp(line, "Content-Length:", 15) != 0)
			fwrite(line, 1, (size_t)(next - line), file);
		line = next;
	}
	fwrite(request + head, 1, len - head, file);
	fclose(file);
}

/* The answer as it came, but for its word that the connection ends. */
static struct bytes pass_on(const char *request, size_t head, size_t len)
{
	static const char close_line[] = "Connection: close\r\n";
	struct bytes reply = {NULL, 0};
	struct sockaddr_in to;
	size_t room = 1 << 16;
	char *line;
	ssize_t got;
	int fd = address((uint16_t)upstream_port, &to);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect to ClickHouse");
	if (!send_all(fd, request, head - 2) || !send_all(fd, close_line, strlen(close_line)) ||
	    !send_all(fd, request + head - 2, len - head + 2))
		die("send to ClickHouse");
	reply.at = must(malloc(room));
	while ((got = recv(fd, reply.at + reply.len, room - reply.len - 1, 0)) > 0) {
		reply.len += (size_t)got;
		if (reply.len + 1 == room)
			reply.at = must(realloc(reply.at, room *= 2));
	}
	close(fd);
	reply.at[reply.len] = '\0';
	line = strcasestr(reply.at, "\r\nConnection: close");
	if (line) {
		char *end = strstr(line + 2, "\r\n");

		reply.len -= (size_t)(end - line);
		memmove(line, end, reply.len - (size_t)(line - reply.at));
	}
	return reply;
}

static struct bytes clickhouse_answer(const char *request, size_t head, size_t len)
{
	struct bytes reply;

	for (size_t i = known_count; i-- > 0;)
		if (known[i].request.len == len && memcmp(known[i].request.at, request, len) == 0)
			return known[i].reply;
	keep_request(request, head, len);
	reply = pass_on(request, head, len);
	if (known_count < REPLIES) {
		known[known_count].request = (struct bytes){must(malloc(len)), len};
		memcpy(known[known_count].request.at, request, len);
		known[known_count++].reply = reply;
	}
	return reply;
}

/* Connections */

static void end(struct connection *connection)
{
	/* One that waits for its time is found closed then. */
	close(connection->fd);
	connections[connection->fd] = NULL;
	connection->fd = -1;
	if (!connection->due) {
		free(connection->in);
		free(connection);
	}
}

static void answer(struct connection *connection, size_t head, size_t len)
{
	struct bytes reply = upstream_port ? clickhouse_answer(connection->in, head, len)
					   : google_answer(connection->in);

	connection->have = 0;
	if (!delay_us) {
		send_all(connection->fd, reply.at, reply.len);
		return;
	}
	connection->reply = reply;
	connection->due = now_us() + delay_us;
	connection->later = NULL;
	*last_due = connection;
	last_due = &connection->later;
}

static void on_input(struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->in + connection->have,
	    REQUEST_MAX - connection->have - 1, 0);
	char *head, *length;
	size_t len;

	if (got <= 0) {
		end(connection);
		return;
	}
	connection->have += (size_t)got;
	connection->in[connection->have] = '\0';
	head = strstr(connection->in, "\r\n\r\n");
	if (!head)
		return;
	len = (size_t)(head + 4 - connection->in);
	length = strcasestr(connection->in, "\r\nContent-Length:");
	if (length && length < head)
		len += strtoul(length + 17, NULL, 10);
	if (connection->have >= len)
		answer(connection, (size_t)(head + 4 - connection->in), len);
}

static void send_due(void)
{
	while (first_due && first_due->due <= now_us()) {
		struct connection *connection = first_due;

		first_due = connection->later;
		if (!first_due)
			last_due = &first_due;
		connection->due = 0;
		if (connection->fd >= 0) {
			send_all(connection->fd, connection->reply.at, connection->reply.len);
			continue;
		}
		free(connection->in);
		free(connection);
	}
}

/* Waits for input, and no longer than until the next reply is due. */
static int wait_input(int epoll, struct epoll_event *events, int max)
{
	int64_t left = first_due ? first_due->due - now_us() : 0;
	struct timespec limit = {left / 1000000, left % 1000000 * 1000};

	if (first_due && left <= 0)
		limit = (struct timespec){0, 0};
	return epoll_pwait2(epoll, events, max, first_due ? &limit : NULL, NULL);
}

static void serve(int listener)
{
	struct epoll_event events[64], event_of = {.events = EPOLLIN, .data.fd = listener};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event_of);
	for (;;) {
		int count = wait_input(epoll, events, 64);

		send_due();
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd != listener) {
				if (connections[fd])
					on_input(connections[fd]);
				continue;
			}
			fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			if (fd < 0 || fd >= CONNECTIONS) {
				close(fd);
				continue;
			}
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
			connections[fd] = must(calloc(1, sizeof(struct connection)));
			connections[fd]->fd = fd;
			connections[fd]->in = must(malloc(REQUEST_MAX));
			event_of.data.fd = fd;
			epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event_of);
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int option, listener;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while ((option = getopt(argc, argv, "d:o:")) != -1) {
		if (option == 'd')
			delay_us = atoi(optarg) * 1000;
		else if (option == 'o')
			out_dir = optarg;
		else
			return 2;
	}
	if (argc - optind == 2 && strcmp(argv[optind], "google") == 0)
		google_prepare(atoi(argv[optind + 1]));
	else if (argc - optind == 1)
		upstream_port = atoi(argv[optind]);
	else
		return 2;
	listener = address(0, &at);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, len) < 0 ||
	    listen(listener, 512) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	serve(listener);
}
