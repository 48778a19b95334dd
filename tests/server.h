/* SPDX-License-Identifier: MIT */
/* server.h: an HTTP server of this process's own, whose answers the test writes beforehand */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_REQUESTS 400

/*
 * Each request takes the next answer: its bytes as they are sent, and whether the connection is
 * closed after them. Without one that is left, it is never answered. Each connection has a thread,
 * which ends with the process, and so with the test when Check forks.
 */
static struct {
	pthread_mutex_t lock;
	int listening;
	char url[40]; /* "http://127.0.0.1:PORT" */
	struct server_answer {
		char *bytes;
		size_t len;
		int closes;
	} answers[SERVER_REQUESTS];
	unsigned answered, written;
	char *requests[SERVER_REQUESTS]; /* whole, each with its body */
	unsigned connections[SERVER_REQUESTS];
	unsigned request_count, connection_count;
	void (*on_request)(void); /* before it is answered; may be NULL */
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Reads one request; NULL: the connection is closed. */
static inline char *server_read(int fd)
{
	size_t room = 1 << 22, len = 0, wanted = 0;
	char *text = malloc(room), *end, *length;

	while (text && len < room - 1) {
		ssize_t got = read(fd, text + len, room - 1 - len);

		if (got <= 0)
			break;
		len += (size_t)got;
		text[len] = '\0';
		if (!wanted && (end = strstr(text, "\r\n\r\n"))) {
			length = strstr(text, "Content-Length: ");
			wanted = (size_t)(end - text) + 4 +
				 (length && length < end ? strtoul(length + 16, NULL, 10) : 0);
		}
		if (wanted && len >= wanted)
			return text;
	}
	free(text);
	return NULL;
}

static inline void *server_serve(void *argument)
{
	int fd = (int)(long)argument;
	unsigned connection;
	char *text;

	pthread_mutex_lock(&server.lock);
	connection = ++server.connection_count;
	pthread_mutex_unlock(&server.lock);
	while ((text = server_read(fd))) {
		struct server_answer answer = {NULL, 0, 0};

		pthread_mutex_lock(&server.lock);
		server.connections[server.request_count] = connection;
		server.requests[server.request_count++] = text;
		if (server.answered < server.written)
			answer = server.answers[server.answered++];
		pthread_mutex_unlock(&server.lock);
		if (server.on_request)
			server.on_request();
		for (size_t sent = 0; sent < answer.len;) {
			ssize_t put =
			    send(fd, answer.bytes + sent, answer.len - sent, MSG_NOSIGNAL);

			if (put <= 0)
				break;
			sent += (size_t)put;
		}
		if (answer.closes)
			break;
	}
	close(fd);
	return NULL;
}

static inline void *server_accept(void *argument)
{
	int fd;

	(void)argument;
	while ((fd = accept(server.listening, NULL, NULL)) >= 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, server_serve, (void *)(long)fd) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

/* A fixture: a server with no answers yet. */
static inline void server_start(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	pthread_t thread;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(server.listening, 0);
	ck_assert_int_eq(bind(server.listening, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(server.listening, 100), 0);
	ck_assert_int_eq(getsockname(server.listening, (struct sockaddr *)&address, &len), 0);
	snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%u", ntohs(address.sin_port));
	server.answered = server.written = server.request_count = server.connection_count = 0;
	server.on_request = NULL;
	ck_assert_int_eq(pthread_create(&thread, NULL, server_accept, NULL), 0);
	pthread_detach(thread);
}

/* The bytes of the next answer, after which the connection is closed or kept. */
static inline void server_sends(const char *bytes, size_t len, int closes)
{
	struct server_answer *answer = &server.answers[server.written];

	answer->bytes = malloc(len + 1);
	ck_assert_ptr_nonnull(answer->bytes);
	memcpy(answer->bytes, bytes, len);
	answer->len = len;
	answer->closes = closes;
	pthread_mutex_lock(&server.lock);
	server.written++;
	pthread_mutex_unlock(&server.lock);
}

/* The next answer: whole, with a status, more headers (each with its line's end; "" for none) and a
 * body. */
static inline void server_answers(int status, const char *headers, const char *body)
{
	size_t room = strlen(headers) + strlen(body) + 200;
	char *bytes = malloc(room);
	int len;

	ck_assert_ptr_nonnull(bytes);
	len = snprintf(bytes, room, "HTTP/1.1 %d Said\r\n%sContent-Length: %zu\r\n\r\n%s", status,
	    headers, strlen(body), body);
	server_sends(bytes, (size_t)len, 0);
	free(bytes);
}

/* The request of this number, from 0; it has arrived. */
static inline const char *server_request(unsigned number)
{
	const char *text;

	pthread_mutex_lock(&server.lock);
	ck_assert_uint_lt(number, server.request_count);
	text = server.requests[number];
	pthread_mutex_unlock(&server.lock);
	return text;
}

static inline const char *server_body(unsigned number)
{
	return strstr(server_request(number), "\r\n\r\n") + 4;
}

static inline unsigned server_count(void)
{
	unsigned count;

	pthread_mutex_lock(&server.lock);
	count = server.request_count;
	pthread_mutex_unlock(&server.lock);
	return count;
}

#endif
