/* SPDX-License-Identifier: MIT */
/* migrate.c: applies the migrations that the database is missing */
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "store/server_trial.h"
#include "store/schema.h"

#include <inttypes.h>
#include <stdio.h>

static enum err migrate(
    struct ctl *ctl, struct json_object *applied, uint64_t *out, struct fail *fail)
{
	struct clickhouse *clickhouse = ctl->upstream.clickhouse;
	uint64_t version;
	char *server;
	enum err err;

	/* While there is nothing to make, a user who may not make anything is enough. */
	if ((err = server_trial_version(clickhouse, ctl->arena, &server, fail)) ||
	    (err = schema_version(clickhouse, ctl->arena, &version, fail)) ||
	    (version < SCHEMA_VERSION &&
		(err = schema_may_migrate(clickhouse, ctl->arena, ctl->conf, version, fail))) ||
	    (!version &&
		(err = schema_begin(clickhouse, ctl->arena, ctl->conf->clickhouse.database, fail))))
		return err;
	if (version > SCHEMA_VERSION)
		return schema_check(clickhouse, ctl->arena, fail);
	for (; ctl_migrations[version].text; version++) {
		err = schema_apply(clickhouse, ctl->arena, version + 1,
		    ctl_migrations[version].name, ctl_migrations[version].text, fail);
		if (err)
			return err;
		json_add_text(applied, NULL, ctl_migrations[version].name);
		if (!ctl->is_json)
			printf("applied %s\n", ctl_migrations[version].name);
	}
	*out = version;
	return ERR_NONE;
}

static int run(struct ctl *ctl)
{
	struct json_object *document = json_new(), *applied = json_new_list();
	uint64_t version = 0;
	struct fail fail;
	enum err err;

	json_add(document, "applied", applied);
	/* A unit runs it with the others: what is not set up yet makes no tables. */
	err = conf_need_services(ctl->conf, &fail);
	if (!err)
		err = migrate(ctl, applied, &version, &fail);
	if (err) {
		json_give_back(document);
		return ctl_fail(&fail);
	}
	if (!ctl->is_json)
		printf("the schema is version %" PRIu64 "\n", version);
	json_add_integer(document, "version", (int64_t)version);
	if (ctl->is_json)
		print_json(ctl->arena, document);
	else
		json_give_back(document);
	return CTL_DONE;
}

const struct ctl_command ctl_migrate = {
    .name = "migrate",
    .help = "bring the database's schema up to this program's version",
    .secrets = CREDENTIALS_CLICKHOUSE,
    .run = run,
};
