/* SPDX-License-Identifier: MIT */
/* contact.c: how the business is reached, from its configuration */
#include "core/contact.h"

#include <string.h>

const char *contact_address(const struct conf *conf, struct arena *arena)
{
	const char *sender = conf->resend.reply_to[0] ? conf->resend.reply_to : conf->resend.from;
	const char *open = strchr(sender, '<');

	return open ? arena_strn(arena, open + 1, strcspn(open + 1, ">")) : sender;
}

const char *contact_host(const struct conf *conf, struct arena *arena)
{
	const char *start = strstr(conf->site.base_url, "://") + 3;

	return arena_strn(arena, start, strcspn(start, ":/"));
}
