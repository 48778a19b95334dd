/* SPDX-License-Identifier: MIT */
/* calendar_news.h: the log of calendars' outages, whoever saw them begin and end */
#ifndef DESK_CALENDAR_NEWS_H
#define DESK_CALENDAR_NEWS_H

#include "desk/calendar_ask.h"

/* Logs calendar_unreachable, and why, or calendar_back, with the name of the calendar where it has
 * one. */
void calendar_news(
    const struct conf_calendar *calendar, enum outage_news news, const struct fail *why);
/* The same of each calendar that was asked. */
void calendar_news_all(const struct calendar_finding *finding);

#endif
