/* SPDX-License-Identifier: MIT */
/* telegram.c: which chats the bot sees, for [telegram] chat_id */
#include "net/telegram.h"
#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/print.h"

#include <stdio.h>
#include <string.h>

static int run(struct ctl *ctl)
{
	static const struct column columns[] = {
	    {"id", "CHAT_ID"}, {"type", "TYPE"}, {"name", "NAME"}};
	struct table *table = table_new(ctl->arena, NULL, columns, 3);
	struct telegram_chats chats;
	struct fail fail;

	if (strcmp(ctl->words[0], "chats") != 0)
		return ctl_usage(
		    ctl, "what can be asked of telegram is chats, and not %s", ctl->words[0]);
	if (!ctl->conf->secrets.telegram_bot_token)
		return ctl_say(CTL_FAULT,
		    "telegram-bot-token has to be in %s first: @BotFather makes it",
		    credentials_dir());
	if (telegram_find_chats(
		ctl->conf, ctl->upstream.http, ctl->arena, clock_boot_ms() + ASK_MS, &chats, &fail))
		return ctl_fail(&fail);
	for (size_t i = 0; i < chats.count; i++) {
		table_integer(table, chats.list[i].id);
		table_text(table, chats.list[i].type);
		table_text(table, chats.list[i].name);
	}
	if (ctl->is_json)
		print_json(ctl->arena, table_json(table));
	else if (chats.count)
		table_print(table);
	else
		puts("none in the last day: write to the bot, or take it into the group, and run "
		     "this "
		     "again");
	return CTL_DONE;
}

const struct ctl_command ctl_telegram = {
    .name = "telegram",
    .words = "chats",
    .help = "who has written to the bot: one of them is [telegram] chat_id",
    .least = 1,
    .most = 1,
    .secrets = CREDENTIALS_TELEGRAM,
    .run = run,
};
