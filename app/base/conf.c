/* SPDX-License-Identifier: MIT */
/* conf.c: slotguard.conf and its secrets, and what they say together */
#include "base/conf.h"
#include "base/conf_calendars.h"
#include "base/conf_file.h"
#include "base/conf_keys.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum err conf_blame(const struct conf *conf, const char *section, const char *name,
    const struct fail *why, struct fail *fail)
{
	unsigned line = conf_line_of(conf, section, name);

	return line ? fail_set(fail, ERR_CONFIG, why->where, "%.150s:%u: [%s] %s = %.280s",
			  conf->path, line, section, name, why->detail)
		    : fail_set(fail, ERR_CONFIG, why->where, "[%s] %s = %.400s", section, name,
			  why->detail);
}

/* A program that has a user of its own is told so where it is told its password. */
static enum err use_user(struct conf *conf, const char *dir, struct fail *fail)
{
	const struct secret *user = conf->secrets.clickhouse_user;
	char wrong[CONF_WRONG];
	unsigned index;

	if (user && conf_key_find("clickhouse", "user", &index) &&
	    !conf_key_set(conf, index, user->text, wrong))
		return fail_set(fail, ERR_CONFIG, "secret", "%s/clickhouse-user %s", dir, wrong);
	return ERR_NONE;
}

static enum err check_api(const struct conf *conf, const char *dir, struct fail *fail)
{
	if (conf->site.api_wants_key && !credentials_count_api_keys(&conf->secrets))
		return fail_set(fail, ERR_CONFIG, "secret",
		    "%s/api-key is not there, and [site] api = keys lets no program in without one",
		    dir);
	return ERR_NONE;
}

static enum err read_secrets(struct conf *conf, const char *dir, unsigned wanted, struct fail *fail)
{
	enum err err;

	if (!dir)
		dir = credentials_dir();
	if ((err = credentials_load(dir, wanted, &conf->secrets, fail)) ||
	    ((wanted & CREDENTIALS_API) && (err = check_api(conf, dir, fail))) ||
	    ((wanted & CREDENTIALS_GOOGLE) &&
		(err = conf_calendars_load(conf, dir, !(wanted & CREDENTIALS_OPERATOR), fail))))
		return err;
	return use_user(conf, dir, fail);
}

enum err conf_load_bare(const char *path, struct conf **out, struct fail *fail)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	enum err err;

	if (!conf || !(conf->path = strdup(path)))
		err = fail_set(fail, ERR_SYSTEM, "conf", "no memory");
	else
		err = conf_file_read(conf, fail);
	if (err)
		conf_free(conf);
	else
		*out = conf;
	return err;
}

/* A secret crosses no network in clear. */
static enum err keep_secrets(const struct conf *conf, struct fail *fail)
{
	const struct secret *token = conf_calendars_token(conf);
	const struct {
		const char *key, *url;
		const struct secret *secret;
		const char *name;
	} ways[] = {
	    {"[clickhouse] url", conf->clickhouse.url, conf->secrets.clickhouse_password,
		"clickhouse-password"},
	    {"[google] token_url", conf->google.token_url, conf->secrets.google_client_secret,
		"google-client-secret"},
	    {"[google] api_url", conf->google.api_url, token, "Google's access token"},
	    {"[resend] api_url", conf->resend.api_url, conf->secrets.resend_api_key,
		"resend-api-key"},
	    {"[telegram] api_url", conf->telegram.api_url, conf->secrets.telegram_bot_token,
		"telegram-bot-token"},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].secret && !url_keeps_secrets(ways[i].url))
			return fail_set(fail, ERR_CONFIG, "conf",
			    "%s is http:// to another machine, and %s would cross the network in "
			    "clear: use https://",
			    ways[i].key, ways[i].name);
	return ERR_NONE;
}

enum err conf_load(const char *path, const char *credentials, unsigned wanted, struct conf **out,
    struct fail *fail)
{
	struct conf *conf;
	enum err err = conf_load_bare(path, &conf, fail);

	if (err)
		return err;
	if ((err = read_secrets(conf, credentials, wanted, fail)) ||
	    (err = keep_secrets(conf, fail))) {
		conf_free(conf);
		return err;
	}
	*out = conf;
	return ERR_NONE;
}

static void free_lines(struct conf_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->list[i].name);
		free(lines->list[i].value);
	}
	free(lines->list);
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	conf_texts_free(conf);
	conf_calendars_free(conf);
	credentials_free(&conf->secrets);
	free_lines(&conf->hours.lines);
	free_lines(&conf->dates.lines);
	free(conf->path);
	free(conf->lines_of);
	free(conf);
}

bool conf_has_google(const struct conf *conf)
{
	return conf->secrets.google_client_id && conf->secrets.google_client_secret &&
	       conf->secrets.google_refresh_token;
}

bool conf_lacks_google(const struct conf *conf)
{
	return !conf_has_google(conf) &&
	       (conf->secrets.google_client_id || conf->secrets.google_client_secret ||
		   conf->secrets.google_refresh_token);
}

enum err conf_need_services(const struct conf *conf, struct fail *fail)
{
	static const char *const needed[][2] = {{"resend", "from"}, {"telegram", "chat_id"}};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!conf_line_of(conf, needed[i][0], needed[i][1]))
			return fail_set(fail, ERR_CONFIG, "conf",
			    "%s: [%s] %s is missing; with an empty value that service is off",
			    conf->path, needed[i][0], needed[i][1]);
	return ERR_NONE;
}

bool conf_has_resend(const struct conf *conf)
{
	return conf->secrets.resend_api_key && conf->resend.from[0];
}

bool conf_has_telegram(const struct conf *conf)
{
	return conf->secrets.telegram_bot_token && conf->telegram.chat_id[0];
}
