/* SPDX-License-Identifier: MIT */
/*
 * bare.c: the least that a page costs: one libcurl request, and a page that was ready before
 *
 *	bare PAGE REQUEST PORT [FIRST-URL ...]
 *
 * A FastCGI responder by libfcgi on fd 0. Each request sends the HTTP request in the file REQUEST
 * to PORT of 127.0.0.1 over one kept connection and answers with the bytes of PAGE. The first
 * request asks FIRST-URL ... too, each once, as a worker asks Google for a token and for the
 * calendar. REQUEST is a POST, as stub.c writes it.
 */
#include <curl/curl.h>
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char reply[1 << 20];
static size_t reply_len;

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	(void)context;
	if (size * count > sizeof(reply) - reply_len)
		return 0;
	memcpy(reply + reply_len, bytes, size * count);
	reply_len += size * count;
	return size * count;
}

static char *read_file(const char *path, size_t *len)
{
	static char bytes[2][1 << 20];
	static int next;
	char *into = bytes[next++ % 2];
	FILE *file = fopen(path, "re");

	if (!file) {
		perror(path);
		exit(1);
	}
	*len = fread(into, 1, sizeof(bytes[0]) - 1, file);
	into[*len] = '\0';
	fclose(file);
	return into;
}

static CURL *handle_new(void)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		exit(1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, "/etc/ssl/certs");
	return easy;
}

/* The request as libcurl is to send it again: its address, its headers, its body. */
static CURL *prepare(char *request, const char *port)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	char *at = strstr(request, "\r\n") + 2, *body = strstr(request, "\r\n\r\n") + 4;
	CURL *easy = handle_new();
	char url[8192];

	snprintf(url, sizeof(url), "http://127.0.0.1:%s%.*s", port, (int)strcspn(request + 5, " "),
	    request + 5);
	while (at + 2 < body) {
		char *end = strstr(at, "\r\n");

		*end = '\0';
		if (strncmp(at, "Host:", 5) != 0)
			headers = curl_slist_append(headers, at);
		at = end + 2;
	}
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	return easy;
}

static void ask(CURL *easy)
{
	long status = 0;

	reply_len = 0;
	if (curl_easy_perform(easy) || curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) ||
	    status != 200) {
		fprintf(stderr, "bare: an upstream does not answer\n");
		exit(1);
	}
}

static void ask_once(CURL *easy, const char *url)
{
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{}");
	ask(easy);
}

int main(int argc, char **argv)
{
	size_t page_len, len;
	FCGX_Request fcgi;
	const char *page;
	CURL *easy, *first;

	if (argc < 4 || curl_global_init(CURL_GLOBAL_DEFAULT) || FCGX_Init() ||
	    FCGX_InitRequest(&fcgi, 0, 0))
		return 2;
	page = read_file(argv[1], &page_len);
	easy = prepare(read_file(argv[2], &len), argv[3]);
	first = argc > 4 ? handle_new() : NULL;
	while (FCGX_Accept_r(&fcgi) == 0) {
		ask(easy);
		for (int i = 4; first && i < argc; i++)
			ask_once(first, argv[i]);
		if (first)
			curl_easy_cleanup(first);
		first = NULL;
		FCGX_FPrintF(fcgi.out,
		    "Status: 200\r\nCache-Control: no-store\r\n"
		    "Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
		    (int)page_len);
		FCGX_PutStr(page, (int)page_len, fcgi.out);
		FCGX_Finish_r(&fcgi);
	}
	return 0;
}
