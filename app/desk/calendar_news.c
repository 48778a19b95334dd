/* SPDX-License-Identifier: MIT */
/* calendar_news.c: the log of calendars' outages, whoever saw them begin and end */
#include "desk/calendar_news.h"
#include "base/log.h"

void calendar_news(
    const struct conf_calendar *calendar, enum outage_news news, const struct fail *why)
{
	const char *mark = *calendar->name ? " calendar=" : "";

	switch (news) {
	case OUTAGE_NO_NEWS:
		return;
	case OUTAGE_BEGAN:
		log_event(LOG_LEVEL_WARNING,
		    "calendar_unreachable%s%s code=%s where=%s detail=\"%s\"", mark, calendar->name,
		    err_name(why->code), why->where, why->detail);
		return;
	case OUTAGE_ENDED:
		log_event(LOG_LEVEL_NOTICE, "calendar_back%s%s", mark, calendar->name);
		return;
	}
}

void calendar_news_all(const struct calendar_finding *finding)
{
	for (size_t i = 0; i < finding->part_count; i++)
		calendar_news(
		    finding->parts[i].calendar, finding->parts[i].news, &finding->parts[i].fail);
}
