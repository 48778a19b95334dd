/* SPDX-License-Identifier: MIT */
/* migrate.c: applies the migrations that the database is missing */
#include "ctl/ctl.h"
#include "net/schema.h"

#include <inttypes.h>
#include <stdio.h>

static enum err migrate(struct ctl *ctl, struct fail *fail)
{
	struct clickhouse *clickhouse = ctl->upstream.clickhouse;
	uint64_t version;
	enum err err;

	if ((err = schema_begin(clickhouse, ctl->arena, ctl->conf->clickhouse.database, fail)) ||
	    (err = schema_version(clickhouse, ctl->arena, &version, fail)))
		return err;
	if (version > SCHEMA_VERSION)
		return schema_check(clickhouse, ctl->arena, fail);
	for (; ctl_migrations[version].text; version++) {
		err = schema_apply(clickhouse, ctl->arena, version + 1,
		    ctl_migrations[version].name, ctl_migrations[version].text, fail);
		if (err)
			return err;
		printf("applied %s\n", ctl_migrations[version].name);
	}
	printf("the schema is version %" PRIu64 "\n", version);
	return ERR_NONE;
}

int ctl_migrate(const char *conf_path, int argc, char **argv)
{
	struct fail fail;
	struct ctl ctl;
	enum err err;

	if (argc != 1) {
		fprintf(stderr, "usage: slotguardctl %s\n", argv[0]);
		return 2;
	}
	if (ctl_open(conf_path, &ctl))
		return 1;
	err = migrate(&ctl, &fail);
	ctl_close(&ctl);
	return err ? ctl_fail(&fail) : 0;
}
