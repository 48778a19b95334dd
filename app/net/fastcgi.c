/* SPDX-License-Identifier: MIT */
/* fastcgi.c: asks a pool of workers by its socket, as the web server would */
#include "net/fastcgi.h"
#include "base/clock.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* FastCGI Specification 1.0, section 8. */
enum record { BEGIN = 1, PARAMS = 4, STDIN = 5, STDOUT = 6, GET_VALUES = 9, GET_VALUES_RESULT };

#define HEADER 8
#define CONTENT (65535 + 255 + 1) /* of a record, with its padding and a NUL */
#define REQUEST_MAX 1024

struct buffer {
	unsigned char data[REQUEST_MAX];
	size_t len;
};

static void put(struct buffer *out, const void *bytes, size_t len)
{
	memcpy(out->data + out->len, bytes, len);
	out->len += len;
}

/* Of less than 256 bytes, and padded to 8. libfcgi waits for a byte after a management record
 * before it answers. */
static void put_record(struct buffer *out, enum record type, const struct buffer *content)
{
	static const unsigned char zeros[7];
	size_t padding = -content->len & 7;
	const unsigned char header[HEADER] = {1, (unsigned char)type, 0, type != GET_VALUES, 0,
	    (unsigned char)content->len, (unsigned char)padding, 0};

	put(out, header, sizeof(header));
	put(out, content->data, content->len);
	put(out, zeros, padding);
}

/* Names and values here are shorter than 128 bytes, and few: a request has room for them. */
static void put_pair(struct buffer *out, const char *name, const char *value)
{
	const unsigned char lengths[2] = {
	    (unsigned char)strlen(name), (unsigned char)strlen(value)};

	put(out, lengths, sizeof(lengths));
	put(out, name, lengths[0]);
	put(out, value, lengths[1]);
}

static bool wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd wait = {.fd = fd, .events = events};
	int64_t left = deadline - clock_boot_ms();

	return left > 0 && poll(&wait, 1, (int)left) > 0;
}

/* "10.0.0.2:9000" or "[fd00::2]:9000" */
static enum err open_address(const char *text, int64_t deadline, int *out, struct fail *fail)
{
	const struct addrinfo hints = {
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	const char *port = strrchr(text, ':') + 1, *host = text + (*text == '[');
	struct addrinfo *found = NULL;
	int fd = -1, wrong = EINVAL;
	socklen_t len = sizeof(wrong);
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)(port - 1 - host) - (*text == '['), host);
	if (getaddrinfo(name, port, &hints, &found) == 0)
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0)
		wrong = 0;
	else if (fd >= 0 && errno == EINPROGRESS)
		wrong = !wait_for(fd, POLLOUT, deadline)			 ? ETIMEDOUT
			: getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &len) < 0 ? errno
										 : wrong;
	else if (fd >= 0)
		wrong = errno;
	if (found)
		freeaddrinfo(found);
	if (!wrong) {
		*out = fd;
		return ERR_NONE;
	}
	if (fd >= 0)
		close(fd);
	return fail_set(fail, ERR_UNREACHABLE, "fastcgi", "%s: %s", text, strerror(wrong));
}

static enum err open_socket(const char *path, int64_t deadline, int *out, struct fail *fail)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (*path != '/' && strchr(path, ':'))
		return open_address(path, deadline, out, fail);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail_set(fail, ERR_SYSTEM, "fastcgi", "%s", strerror(errno));
	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    sizeof(address.sun_path))
		errno = ENAMETOOLONG;
	else if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		*out = fd;
		return ERR_NONE;
	}
	fail_set(fail,
	    errno == ENOENT   ? ERR_NOT_FOUND
	    : errno == EAGAIN ? ERR_BUSY
			      : ERR_UNREACHABLE,
	    "fastcgi", "%s: %s", path, errno == EAGAIN ? "its backlog is full" : strerror(errno));
	close(fd);
	return fail->code;
}

/* Reads so many bytes; false: they do not come in time. */
static bool read_all(int fd, void *to, size_t len, int64_t deadline)
{
	char *at = to;

	while (len) {
		ssize_t got;

		if (!wait_for(fd, POLLIN, deadline) || (got = read(fd, at, len)) <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

/* One record, with its padding. 0: none came in time. */
static int read_record(int fd, int64_t deadline, char content[CONTENT])
{
	unsigned char header[HEADER];
	size_t len;

	if (!read_all(fd, header, sizeof(header), deadline))
		return 0;
	len = (size_t)(header[4] << 8 | header[5]) + header[6];
	if (!read_all(fd, content, len, deadline))
		return 0;
	content[len] = '\0';
	return header[1];
}

/* Sends what fits a socket's buffer at once, and returns the first record of the answer. */
static enum err ask(const char *path, const struct buffer *request, int64_t deadline,
    char content[CONTENT], struct fail *fail)
{
	enum err err;
	int fd = -1, type;

	if ((err = open_socket(path, deadline, &fd, fail)))
		return err;
	type = send(fd, request->data, request->len, MSG_NOSIGNAL) == (ssize_t)request->len
		   ? read_record(fd, deadline, content)
		   : 0;
	close(fd);
	if (!type)
		return fail_set(fail, ERR_BUSY, "fastcgi", "%s: no worker answers", path);
	return type == STDOUT || type == GET_VALUES_RESULT
		   ? ERR_NONE
		   : fail_set(fail, ERR_GARBLED, "fastcgi", "%s: a strange answer", path);
}

enum err fastcgi_ping(const char *path, int64_t deadline, struct fail *fail)
{
	struct buffer request = {.len = 0}, names = {.len = 0};
	char content[CONTENT];

	put_pair(&names, "FCGI_MPXS_CONNS", "");
	put_record(&request, GET_VALUES, &names);
	return ask(path, &request, deadline, content, fail);
}

enum err fastcgi_get(
    const char *path, const char *uri, int64_t deadline, int *status, struct fail *fail)
{
	/* As a responder, and the connection is closed afterwards. */
	const struct buffer begin = {.data = {0, 1, 0}, .len = 8}, end = {.len = 0};
	struct buffer request = {.len = 0}, params = {.len = 0};
	char content[CONTENT];
	enum err err;

	put_pair(&params, "REQUEST_METHOD", "GET");
	put_pair(&params, "REQUEST_URI", uri);
	put_record(&request, BEGIN, &begin);
	put_record(&request, PARAMS, &params);
	put_record(&request, PARAMS, &end);
	put_record(&request, STDIN, &end);
	if ((err = ask(path, &request, deadline, content, fail)))
		return err;
	if (strncmp(content, "Status: ", 8) != 0)
		return fail_set(fail, ERR_GARBLED, "fastcgi", "%s: a strange answer", path);
	*status = (int)strtol(content + 8, NULL, 10);
	return ERR_NONE;
}
