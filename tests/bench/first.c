/* SPDX-License-Identifier: MIT */
/*
 * first.c: from the start of a worker to its first page
 *
 *	first [-n TIMES] [-w SECONDS] SOCKET PORT PATH PROGRAM [ARGUMENT ...]
 *
 * Listens on the unix socket as systemd does, starts the program with it on fd 0, and asks
 * http://127.0.0.1:PORT/PATH once, which nginx brings to the socket. With -w the worker has that
 * long to get ready and the time is the page's alone; without, it counts from the start of the
 * program. Prints name=value words: the median, in microseconds, and of the last worker its memory
 * in KiB, proportional and at its peak.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 1000

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

static int listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(at.sun_path))
		die(path);
	strcpy(at.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || chmod(path, 0600) < 0 ||
	    listen(fd, 64) < 0)
		die(path);
	return fd;
}

static pid_t start(int listener, char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(listener, STDIN_FILENO);
	execv(argv[0], argv);
	die(argv[0]);
	return -1;
}

/* One request on a connection of its own; fails unless the answer is a whole 200. */
static void get(int port, const char *path)
{
	static char reply[4 << 20];
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t have = 0;
	ssize_t got;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	dprintf(fd, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);
	while (have < sizeof(reply) - 1 &&
	       (got = recv(fd, reply + have, sizeof(reply) - have - 1, 0)) > 0)
		have += (size_t)got;
	close(fd);
	reply[have] = '\0';
	if (strncmp(reply, "HTTP/1.1 200", 12) != 0) {
		fprintf(stderr, "%s: %.300s\n", path, have ? reply : "no answer");
		exit(1);
	}
}

/* A line such as "Pss:  1234 kB" of a file in /proc/PID. */
static long kib(pid_t pid, const char *name, const char *field)
{
	char path[64], line[256];
	long found = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, field, strlen(field)) == 0)
			found = atol(line + strlen(field));
	if (file)
		fclose(file);
	return found;
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
	long times = 1, pss = 0, peak = 0;
	int64_t took[TIMES_MAX];
	double wait_s = 0;
	int option, listener, port;

	while ((option = getopt(argc, argv, "+n:w:")) != -1) {
		if (option == 'n')
			times = atol(optarg);
		else if (option == 'w')
			wait_s = atof(optarg);
		else
			return 2;
	}
	if (argc - optind < 4 || times < 1 || times > TIMES_MAX) {
		fprintf(stderr, "usage: first [option ...] SOCKET PORT PATH PROGRAM ...\n");
		return 2;
	}
	port = atoi(argv[optind + 1]);
	listener = listen_at(argv[optind]);
	for (long i = 0; i < times; i++) {
		int64_t began = now_us();
		pid_t pid = start(listener, argv + optind + 3);

		if (wait_s > 0) {
			usleep((useconds_t)(wait_s * 1e6));
			began = now_us();
		}
		get(port, argv[optind + 2]);
		took[i] = now_us() - began;
		pss = kib(pid, "smaps_rollup", "Pss:");
		peak = kib(pid, "status", "VmHWM:");
		kill(pid, SIGTERM);
		if (waitpid(pid, NULL, 0) < 0)
			die("wait");
	}
	qsort(took, (size_t)times, sizeof(took[0]), by_value);
	printf("times=%ld p50=%lld max=%lld pss=%ld peak=%ld\n", times, (long long)took[times / 2],
	    (long long)took[times - 1], pss, peak);
	return 0;
}
