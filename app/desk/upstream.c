/* SPDX-License-Identifier: MIT */
/* upstream.c: a program's connections to everything outside it */
#include "desk/upstream.h"

enum err upstream_open(const struct conf *conf, const volatile sig_atomic_t *stop,
    struct upstream *out, struct fail *fail)
{
	struct upstream made = {.conf = conf};

	made.http = http_new(stop);
	if (made.http)
		http_use_proxy(made.http, conf->network.proxy);
	if (made.http)
		made.clickhouse = clickhouse_new(conf, made.http);
	if (made.clickhouse)
		made.journal = journal_new(made.clickhouse);
	if (made.journal)
		journal_keep(made.journal, conf->site.runtime_dir);
	if (made.journal)
		made.imported = imported_new(conf->site.host);
	if (made.imported && conf_has_google(conf))
		made.google = google_new(conf, made.http);
	if (!made.imported || (conf_has_google(conf) && !made.google)) {
		upstream_close(&made);
		return fail_set(fail, ERR_SYSTEM, "upstream", "no memory");
	}
	*out = made;
	return ERR_NONE;
}

void upstream_close(struct upstream *upstream)
{
	google_free(upstream->google);
	imported_free(upstream->imported);
	journal_free(upstream->journal);
	clickhouse_free(upstream->clickhouse);
	http_free(upstream->http);
}
