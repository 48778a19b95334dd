/* SPDX-License-Identifier: MIT */
/* formers.c: the briefs that a form was sent with before, which its newest takes the place of */
#include "web/formers.h"
#include "base/log.h"
#include "core/address.h"
#include "store/spool.h"
#include "web/token.h"

#include <string.h>

/* By how much the clocks of several machines may differ. */
#define CLOCKS_DIFFER_MS 60000
/* Of one file of the spool, and of their list. */
#define FILE_BYTES (1024 * 1024)
#define LIST_BYTES (8 * 1024 * 1024)

struct uuid formers_name(
    const struct visit *visit, const struct uuid *before, const char *const *texts)
{
	char id[UUID_TEXT];

	return token_name(
	    visit->app->conf->secrets.signing_key, uuid_format(before, id), texts, BRIEF_FIELDS);
}

/* Its own id says so, as it was given out or as the spool has it. */
static bool is_former(const struct visit *visit, const struct origin *origin,
    const struct lead *newest, struct lead *lead)
{
	const char *texts[BRIEF_FIELDS];
	struct uuid name, spooled;

	for (int i = 0; i < BRIEF_FIELDS; i++)
		texts[i] = *lead_typed(lead, brief_field_name((enum brief_field)i));
	name = formers_name(visit, &origin->name, texts);
	spooled = formers_name(visit, &name, texts);
	return (uuid_equal(&name, &lead->booking) || uuid_equal(&spooled, &lead->booking)) &&
	       !uuid_equal(&lead->booking, &newest->booking);
}

enum err formers_supersede(
    struct visit *visit, const struct origin *origin, const struct lead *newest)
{
	struct clickhouse *clickhouse = visit->app->upstream.clickhouse;
	struct arena *arena = visit->request->arena;
	struct lead_list leads = {NULL, 0};
	enum err err = leads_alike(
	    clickhouse, arena, newest, origin->made_ms - CLOCKS_DIFFER_MS, &leads, &visit->fail);

	for (size_t i = 0; !err && i < leads.count; i++) {
		if (!is_former(visit, origin, newest, &leads.list[i]))
			continue;
		leads.list[i].held = LEAD_SUPERSEDED;
		err = leads_put(clickhouse, arena, &leads.list[i], &visit->fail);
	}
	return err;
}

/* As leads_alike() has it: whoever else has the form cannot take a brief's place with another. */
static bool is_alike(struct arena *arena, const struct lead *a, const struct lead *b)
{
	return strcmp(a->name, b->name) == 0 || strcmp(a->brief, b->brief) == 0 ||
	       strcmp(address_normal(arena, a->email), address_normal(arena, b->email)) == 0;
}

static void supersede_file(const struct visit *visit, const struct origin *origin,
    const struct lead *newest, const struct spool_file *file, struct arena *arena)
{
	struct lead lead;
	struct fail fail;

	if (file->kind != SPOOL_BRIEF || spool_read(file->path, arena, &lead, &fail) ||
	    lead.created_ms < origin->made_ms - CLOCKS_DIFFER_MS ||
	    !is_former(visit, origin, newest, &lead) || !is_alike(arena, newest, &lead))
		return;
	lead.held = LEAD_SUPERSEDED;
	if (spool_put(visit->app->conf->site.spool_dir, arena, &lead, &fail))
		log_fail(LOG_LEVEL_WARNING, "brief_not_superseded", &fail);
}

void formers_supersede_spooled(
    const struct visit *visit, const struct origin *origin, const struct lead *newest)
{
	struct arena *list = arena_new(LIST_BYTES), *arena = arena_new(FILE_BYTES);
	struct spool_files files = {.count = 0};
	struct fail fail;

	if (!list || !arena || spool_list(visit->app->conf->site.spool_dir, list, &files, &fail))
		files.count = 0;
	for (size_t i = 0; i < files.count; i++) {
		supersede_file(visit, origin, newest, &files.list[i], arena);
		arena_reset(arena);
	}
	arena_free(arena);
	arena_free(list);
}
