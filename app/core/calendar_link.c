/* SPDX-License-Identifier: MIT */
/* calendar_link.c: links that open a calendar's form for a new event, filled in */
#include "core/calendar_link.h"
#include "base/text.h"
#include "core/civil.h"

#define LINK_MAX 4096

/* iCalendar's basic form: "20261201T130000Z". */
static void put_instant(struct text *out, int64_t utc)
{
	struct civil civil = civil_from_seconds(utc);

	text_printf(out, "%04d%02d%02dT%02d%02d%02dZ", civil.year, civil.month, civil.day,
	    civil.hour, civil.minute, civil.second);
}

static void put_value(struct text *out, const char *name, const char *value)
{
	if (!*value)
		return;
	text_printf(out, "&%s=", name);
	text_url(out, value);
}

static const char *finish(struct text *out, struct arena *arena)
{
	if (text_overflowed(out))
		return NULL;
	text_trim(arena, out);
	return out->data;
}

const char *calendar_link_google(const struct calendar_link *link, struct arena *arena)
{
	struct text out = text_new(arena, LINK_MAX);

	text_str(&out, "https://calendar.google.com/calendar/render?action=TEMPLATE&dates=");
	put_instant(&out, link->call.start);
	text_str(&out, "/");
	put_instant(&out, link->call.end);
	put_value(&out, "text", link->summary);
	put_value(&out, "location", link->location);
	return finish(&out, arena);
}

static const char *microsoft(
    const struct calendar_link *link, struct arena *arena, const char *address)
{
	struct text out = text_new(arena, LINK_MAX);
	char start[INSTANT_TEXT], end[INSTANT_TEXT];

	text_printf(&out, "%s?path=%%2Fcalendar%%2Faction%%2Fcompose&rru=addevent", address);
	put_value(&out, "startdt", instant_format_rfc3339(link->call.start, start));
	put_value(&out, "enddt", instant_format_rfc3339(link->call.end, end));
	put_value(&out, "subject", link->summary);
	put_value(&out, "location", link->location);
	return finish(&out, arena);
}

const char *calendar_link_outlook(const struct calendar_link *link, struct arena *arena)
{
	return microsoft(link, arena, "https://outlook.live.com/calendar/0/deeplink/compose");
}

const char *calendar_link_office(const struct calendar_link *link, struct arena *arena)
{
	return microsoft(link, arena, "https://outlook.office.com/calendar/0/deeplink/compose");
}
