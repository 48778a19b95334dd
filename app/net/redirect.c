/* SPDX-License-Identifier: MIT */
/* redirect.c: where an answer leads on to (RFC 9110, section 15.4) */
#include "net/redirect.h"

#include <curl/curl.h>
#include <stdio.h>

bool redirect_is(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool redirect_origin(const char *address, bool has_port, char out[ORIGIN_TEXT])
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLU *url = curl_url();
	int len = ORIGIN_TEXT;

	if (url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
		/* What it does not have stays NULL. */
		(void)curl_url_get(url, CURLUPART_HOST, &host, 0);
		(void)curl_url_get(url, CURLUPART_PORT, &port, has_port ? CURLU_DEFAULT_PORT : 0);
		len = snprintf(out, ORIGIN_TEXT, "%s://%s%s%s", scheme, host ? host : "",
		    port ? ":" : "", port ? port : "");
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return len < ORIGIN_TEXT;
}
