/* SPDX-License-Identifier: MIT */
/* formers.c: the briefs that a form was sent with before, which its newest takes the place of */
#include "store/formers.h"
#include "core/address.h"
#include "core/civil.h"
#include "store/spool.h"

#include <sodium.h>
#include <string.h>

/* As long as a form is taken, and as the clocks of several machines may differ. */
#define FORM_MS (DAY_S * INT64_C(1000) + 60000)
/* How often the same words may have come back. */
#define TIMES_MAX 20
/* Of one file of the spool, and of their list. */
#define FILE_BYTES (1024 * 1024)
#define LIST_BYTES (8 * 1024 * 1024)

/* Each text goes in with its end, so that no two lists run together. */
static struct uuid name(const struct lead *lead, const char *purpose, const struct uuid *before)
{
	unsigned char hash[sizeof(lead->form.bytes)];
	crypto_generichash_state state;

	crypto_generichash_init(&state, lead->form.bytes, sizeof(lead->form.bytes), sizeof(hash));
	crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		const char *text = lead_text_value(lead, i);

		if (lead_is_typed(i))
			crypto_generichash_update(
			    &state, (const unsigned char *)text, strlen(text) + 1);
	}
	if (before)
		crypto_generichash_update(&state, before->bytes, sizeof(before->bytes));
	crypto_generichash_final(&state, hash, sizeof(hash));
	return uuid_from_bytes(hash);
}

struct uuid formers_name(const struct lead *lead, const struct uuid *before)
{
	return name(lead, "brief", before);
}

struct uuid formers_name_spooled(const struct lead *lead, const struct uuid *id)
{
	return name(lead, "spool", id);
}

/* Its own id says so. */
static bool is_of_form(const struct lead *lead, const struct uuid *form)
{
	struct lead named = *lead;
	struct uuid id, spooled;

	named.form = *form;
	id = formers_name(&named, NULL);
	for (int i = 0; i < TIMES_MAX; i++) {
		spooled = formers_name_spooled(&named, &id);
		if (uuid_equal(&id, &lead->booking) || uuid_equal(&spooled, &lead->booking))
			return true;
		id = formers_name(&named, &id);
	}
	return false;
}

static bool is_before(const struct lead *a, const struct lead *b)
{
	if (a->created_ms != b->created_ms)
		return a->created_ms < b->created_ms;
	return memcmp(a->booking.bytes, b->booking.bytes, sizeof(a->booking.bytes)) < 0;
}

enum err formers_settle(
    struct clickhouse *clickhouse, struct arena *arena, struct lead *lead, struct fail *fail)
{
	struct lead_list leads = {NULL, 0};
	enum err err =
	    leads_alike(clickhouse, arena, lead, lead->created_ms - FORM_MS, &leads, fail);

	for (size_t i = 0; !err && i < leads.count; i++) {
		struct lead *other = &leads.list[i], *older;

		if (uuid_equal(&other->booking, &lead->booking) || !is_of_form(other, &lead->form))
			continue;
		older = is_before(other, lead) ? other : lead;
		if (lead_is_superseded(older))
			continue;
		older->held = LEAD_SUPERSEDED;
		err = leads_put(clickhouse, arena, older, fail);
	}
	return err;
}

/* As leads_alike() has it: whoever else has the form cannot take a brief's place with another. */
static bool is_alike(struct arena *arena, const struct lead *a, const struct lead *b)
{
	return strcmp(a->name, b->name) == 0 || strcmp(a->brief, b->brief) == 0 ||
	       strcmp(address_normal(arena, a->email), address_normal(arena, b->email)) == 0;
}

static enum err settle_file(const char *dir, const struct lead *newest,
    const struct spool_file *file, struct arena *arena, struct fail *fail)
{
	struct lead lead;
	struct fail unread;

	if (file->kind != SPOOL_BRIEF || spool_read(file->path, arena, &lead, &unread) ||
	    lead_is_superseded(&lead) || uuid_equal(&lead.booking, &newest->booking) ||
	    !is_before(&lead, newest) || !is_of_form(&lead, &newest->form) ||
	    !is_alike(arena, newest, &lead))
		return ERR_NONE;
	lead.held = LEAD_SUPERSEDED;
	return spool_put(dir, arena, &lead, fail);
}

enum err formers_settle_spooled(const char *dir, const struct lead *newest, struct fail *fail)
{
	struct arena *list = arena_new(LIST_BYTES), *arena = arena_new(FILE_BYTES);
	struct spool_files files = {.count = 0};
	enum err err = ERR_NONE;

	if (!list || !arena)
		err = fail_set(fail, ERR_SYSTEM, "formers", "no memory");
	else
		err = spool_list(dir, list, &files, fail);
	for (size_t i = 0; !err && i < files.count; i++) {
		err = settle_file(dir, newest, &files.list[i], arena, fail);
		arena_reset(arena);
	}
	arena_free(arena);
	arena_free(list);
	return err;
}
