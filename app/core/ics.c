/* SPDX-License-Identifier: MIT */
/* ics.c: an invitation that calendars accept (RFC 5545, RFC 5546) */
#include "core/ics.h"
#include "core/civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FOLD 75

/* One content line being written: folded as it grows (section 3.1). */
struct line {
	struct text *out;
	size_t octets;
};

static size_t character_len(const char *at)
{
	size_t len = 1;

	/* No character has more than four bytes: what is no UTF-8 is folded all the same. */
	while (len < 4 && ((unsigned char)at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static void put(struct line *line, const char *bytes, size_t len)
{
	if (line->octets + len > FOLD) {
		text_str(line->out, "\r\n ");
		line->octets = 1;
	}
	text_raw(line->out, bytes, len);
	line->octets += len;
}

static void put_plain(struct line *line, const char *value)
{
	for (size_t len; *value; value += len) {
		len = character_len(value);
		put(line, value, len);
	}
}

/* What stands in a URI (RFC 3986): controls, blanks and quotes cannot, and are percent-encoded; in
 * an address of a mailto: (RFC 6068, section 2) so are its own separators. */
static void put_uri(struct line *line, const char *value, const char *separators)
{
	char code[4];

	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c > 0x20 && c < 0x7f && c != '"' && !strchr(separators, c)) {
			put(line, value, 1);
			continue;
		}
		snprintf(code, sizeof(code), "%%%02X", c);
		put(line, code, 3);
	}
}

/* A TEXT value (section 3.3.11). */
static void put_text(struct line *line, const char *value)
{
	for (size_t len; *value; value += len) {
		len = character_len(value);
		if (*value == '\n' || (*value == '\r' && value[1] != '\n'))
			put(line, "\\n", 2);
		else if (strchr("\\;,", *value))
			put(line, (const char[]){'\\', *value}, 2);
		else if ((unsigned char)*value >= 0x20 && *value != 0x7f)
			put(line, value, len);
	}
}

/* A quoted parameter value (section 3.2): it has no escapes but that of RFC 6868, which older
 * readers do not know, so quotes and controls are left out. Some readers know others all the same,
 * so a slash stands for a backslash. */
static void put_parameter(struct line *line, const char *value)
{
	put(line, "\"", 1);
	for (size_t len; *value; value += len) {
		len = character_len(value);
		if (*value == '"')
			put(line, "'", 1);
		else if (*value == '\\')
			put(line, "/", 1);
		else if (*value == '^')
			put(line, "^^", 2);
		else if ((unsigned char)*value >= 0x20 && *value != 0x7f)
			put(line, value, len);
	}
	put(line, "\"", 1);
}

static void end(struct line *line)
{
	text_str(line->out, "\r\n");
	line->octets = 0;
}

static void plain(struct text *out, const char *name, const char *value)
{
	struct line line = {out, 0};

	put_plain(&line, name);
	put_plain(&line, value);
	end(&line);
}

static void text_value(struct text *out, const char *name, const char *value)
{
	struct line line = {out, 0};

	put_plain(&line, name);
	put_text(&line, value);
	end(&line);
}

static void uri(struct text *out, const char *name, const char *value)
{
	struct line line = {out, 0};

	put_plain(&line, name);
	put_uri(&line, value, "");
	end(&line);
}

/* Without a name calendars show the address; an empty one some of them show as it is. */
static void person(struct text *out, const char *name, const char *common_name, const char *address)
{
	struct line line = {out, 0};

	put_plain(&line, name);
	if (*common_name) {
		put_plain(&line, ";CN=");
		put_parameter(&line, common_name);
	}
	put_plain(&line, ":mailto:");
	put_uri(&line, address, "%?#&;,<>");
	end(&line);
}

static void moment(struct text *out, const char *name, int64_t utc)
{
	struct civil civil = civil_from_seconds(utc);
	char value[64];

	snprintf(value, sizeof(value), "%04d%02d%02dT%02d%02d%02dZ", civil.year, civil.month,
	    civil.day, civil.hour, civil.minute, civil.second);
	plain(out, name, value);
}

void ics_write(const struct ics *ics, struct text *out)
{
	char uid[320], sequence[24], id[UUID_TEXT];

	/* The id alone makes it unique; the domain is for people, and may be cut. */
	if (ics->uid)
		snprintf(uid, sizeof(uid), "%.200s", ics->uid);
	else
		snprintf(
		    uid, sizeof(uid), "%s@%.200s", uuid_format(&ics->booking, id), ics->domain);
	snprintf(sequence, sizeof(sequence), "%" PRIu64, ics->sequence);
	plain(out, "BEGIN:", "VCALENDAR");
	plain(out, "VERSION:", "2.0");
	plain(out, "PRODID:", "-//slotguard//EN");
	/* What stands in a calendar is sent to nobody (RFC 4791, section 4.1). */
	if (!ics->uid)
		plain(out, "METHOD:",
		    ics->is_published	? "PUBLISH"
		    : ics->is_cancelled ? "CANCEL"
					: "REQUEST");
	plain(out, "BEGIN:", "VEVENT");
	plain(out, "UID:", uid);
	plain(out, "SEQUENCE:", sequence);
	moment(out, "DTSTAMP:", ics->stamp);
	moment(out, "DTSTART:", ics->call.start);
	moment(out, "DTEND:", ics->call.end);
	plain(out, "STATUS:", ics->is_cancelled ? "CANCELLED" : "CONFIRMED");
	text_value(out, "SUMMARY:", ics->summary);
	text_value(out, "DESCRIPTION:", ics->description);
	if (*ics->location)
		text_value(out, "LOCATION:", ics->location);
	if (*ics->url)
		uri(out, "URL:", ics->url);
	if (*ics->organizer)
		person(out, "ORGANIZER", ics->organizer_name, ics->organizer);
	if (!ics->is_published)
		person(out, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED", ics->attendee_name,
		    ics->attendee);
	plain(out, "END:", "VEVENT");
	plain(out, "END:", "VCALENDAR");
}
