/* SPDX-License-Identifier: MIT */
/* block_address.c: whose briefs are not taken */
#include "core/address.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "store/people.h"

#include <stdio.h>
#include <string.h>

/* The normal form of an address as the brief reads it, or of a domain; NULL: it is neither. */
static const char *read_what(struct ctl *ctl, const char *text)
{
	const char *probe = strchr(text, '@') ? text : arena_printf(ctl->arena, "x@%s", text);
	const char *address, *character;

	if (!probe || address_read(ctl->arena, probe, &address, &character))
		return NULL;
	return address_normal(ctl->arena, probe == text ? address : address + 2);
}

static int list(struct ctl *ctl)
{
	static const struct column columns[] = {{"blocked", "BLOCKED"}};
	struct table *table = table_new(ctl->arena, ctl->zone, columns, 1);
	const char *const *blocked;
	struct fail fail;
	size_t count;

	if (people_blocked(ctl->upstream.clickhouse, ctl->arena, &blocked, &count, &fail))
		return ctl_fail(&fail);
	for (size_t i = 0; i < count; i++)
		table_text(table, blocked[i]);
	if (ctl->is_json)
		print_json(ctl->arena, table_json(table));
	else if (count)
		table_print(table);
	else
		puts("none is blocked");
	return CTL_DONE;
}

static int run(struct ctl *ctl)
{
	bool takes_off = ctl_option(ctl, "remove") != NULL;
	const char *what;
	struct fail fail;

	if (!ctl->word_count)
		return takes_off ? ctl_usage(ctl, "--remove wants an ADDRESS") : list(ctl);
	/* All or none: where a word is wrong nothing is done. */
	for (int i = 0; i < ctl->word_count; i++)
		if (!read_what(ctl, ctl->words[i]))
			return ctl_say(CTL_USAGE, "%s is neither an e-mail address nor a domain",
			    ctl->words[i]);
	for (int i = 0; i < ctl->word_count; i++) {
		what = read_what(ctl, ctl->words[i]);
		if (!what)
			return ctl_say(CTL_FAULT, "no memory");
		if (people_block(ctl->upstream.clickhouse, ctl->arena, what, !takes_off, &fail))
			return ctl_fail(&fail);
		if (!ctl->is_json)
			printf("%s: %s\n", what, takes_off ? "taken off" : "blocked");
	}
	return ctl->is_json ? list(ctl) : CTL_DONE;
}

const struct ctl_command ctl_block_address = {
    .name = "block-address",
    .words = "[ADDRESS ...]",
    .help = "take no briefs of an address or a domain; without one, list them",
    .least = 0,
    .most = 1000,
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"remove", NULL, "take them off the list"},
	},
};
