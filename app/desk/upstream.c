/* SPDX-License-Identifier: MIT */
/* upstream.c: a program's connections to everything outside it */
#include "desk/upstream.h"

static bool has_same_account(const struct conf_calendar *a, const struct conf_calendar *b)
{
	return a->client_id == b->client_id && a->client_secret == b->client_secret &&
	       a->refresh_token == b->refresh_token;
}

/* The account of a calendar: another's, when that has the same credentials. */
static bool open_account(struct upstream *made, size_t place)
{
	const struct conf_calendar *list = made->conf->calendars.list;

	if (list[place].kind != CALENDAR_GOOGLE || !conf_calendar_is_on(&list[place]))
		return true;
	for (size_t i = 0; i < made->conf->calendars.count; i++)
		if (made->accounts[i] && has_same_account(&list[i], &list[place])) {
			made->accounts[place] = made->accounts[i];
			return true;
		}
	made->accounts[place] = google_new(made->conf, &list[place], made->http);
	return made->accounts[place];
}

static bool open_caldavs(struct upstream *made)
{
	for (size_t i = 0; i < made->conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &made->conf->calendars.list[i];

		if (calendar->kind != CALENDAR_CALDAV || !conf_calendar_is_on(calendar))
			continue;
		made->caldavs[i] = caldav_new(calendar, made->http);
		if (!made->caldavs[i])
			return false;
		if (calendar->writes)
			made->caldav = made->caldavs[i];
	}
	return true;
}

/* The one that is written to comes first: an account's events are those of its first. */
static bool open_accounts(struct upstream *made)
{
	const struct conf_calendar *writer = conf_writer(made->conf);
	size_t first = writer ? (size_t)(writer - made->conf->calendars.list) : 0;

	if (!open_account(made, first))
		return false;
	for (size_t i = 0; i < made->conf->calendars.count; i++)
		if (i != first && !open_account(made, i))
			return false;
	made->google = writer ? made->accounts[first] : NULL;
	return true;
}

static void close_accounts(struct upstream *upstream)
{
	for (size_t i = 0; i < CONF_CALENDARS_MAX; i++) {
		caldav_free(upstream->caldavs[i]);
		upstream->caldavs[i] = NULL;
	}
	for (size_t i = 0; i < CONF_CALENDARS_MAX; i++) {
		struct google *google = upstream->accounts[i];

		for (size_t j = i; google && j < CONF_CALENDARS_MAX; j++)
			if (upstream->accounts[j] == google)
				upstream->accounts[j] = NULL;
		google_free(google);
	}
}

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
		made.imported = imported_new(conf->site.owner);
	if (!made.imported || !open_accounts(&made) || !open_caldavs(&made)) {
		upstream_close(&made);
		return fail_set(fail, ERR_SYSTEM, "upstream", "no memory");
	}
	*out = made;
	return ERR_NONE;
}

void upstream_count(struct upstream *upstream)
{
	upstream->counters = counters_open(upstream->conf->site.runtime_dir);
	http_count(upstream->http, upstream->counters);
	http_read_clocks(upstream->http, counters_clocks(upstream->counters));
	journal_count(upstream->journal, upstream->counters);
}

bool upstream_has_events(const struct upstream *upstream)
{
	return upstream->google || upstream->caldav;
}

bool upstream_has_meet(const struct upstream *upstream)
{
	return upstream->google && conf_writer(upstream->conf)->has_meet;
}

void upstream_close(struct upstream *upstream)
{
	close_accounts(upstream);
	imported_free(upstream->imported);
	journal_free(upstream->journal);
	clickhouse_free(upstream->clickhouse);
	http_free(upstream->http);
	counters_close(upstream->counters);
}
