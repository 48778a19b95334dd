/* SPDX-License-Identifier: MIT */
/* calendar_cache.c: the answers of calendars that the pool shares, and its memory of outages */
#include "store/calendar_cache.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "base/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (512 * 1024)
/* Of a line with two numbers. */
#define PAIR_MAX (2 * (20 + 1))
#define POLL_MS 5
/* No calendar is left alone for longer: [google] retry_s is 600 at most, and a refusal counts
 * twenty times. */
#define REST_MAX_MS 12000000
#define HEAD "slotguard calendar 1\n"

/* Takes the next line of a file in place; NULL at its end. */
static char *next_line(char **at)
{
	char *line = *at, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

static bool parse_pair(char *line, int64_t *first, int64_t *second)
{
	char *space = line ? strchr(line, ' ') : NULL;

	if (!space)
		return false;
	*space = '\0';
	return num_i64(line, 0, INT64_MAX, first) && num_i64(space + 1, 0, INT64_MAX, second);
}

#define HASH 16

struct calendar_place calendar_place(
    const struct conf *conf, const struct conf_calendar *calendar, struct arena *arena)
{
	struct calendar_place place = {conf->site.runtime_dir, calendar->name, calendar->calendar};
	unsigned char hash[HASH];
	char key[2 * HASH + 1];
	const char *address;

	if (calendar->kind == CALENDAR_GOOGLE || !conf_calendar_is_on(calendar))
		return place;
	address = conf_calendar_address(calendar);
	crypto_generichash(
	    hash, sizeof(hash), (const unsigned char *)address, strlen(address), NULL, 0);
	place.key = arena_str(arena, sodium_bin2hex(key, sizeof(key), hash, sizeof(hash)));
	if (!place.key)
		place.key = "";
	return place;
}

/* "calendar", "calendar-work", "calendar-work.outage": no name of a section holds a dot. */
static char *path_of(const struct calendar_place *place, const char *end, struct arena *arena)
{
	return arena_printf(
	    arena, "%s/calendar%s%s%s", place->dir, *place->name ? "-" : "", place->name, end);
}

static char *read_whole(const struct calendar_place *place, const char *end, struct arena *arena)
{
	const char *path = path_of(place, end, arena);
	struct fail ignored;
	size_t len;
	char *text;

	if (!path || file_read(path, FILE_MAX, arena, &text, &len, &ignored) || strlen(text) != len)
		return NULL;
	return text;
}

bool calendar_cache_load(
    const struct calendar_place *place, struct arena *arena, struct calendar_cache *out)
{
	char *at = read_whole(place, "", arena), *line;
	struct calendar_cache answer;
	int64_t count;

	if (!at || strncmp(at, HEAD, strlen(HEAD)) != 0)
		return false;
	at += strlen(HEAD);
	line = next_line(&at);
	if (!line || strcmp(line, place->key) != 0 ||
	    !parse_pair(next_line(&at), &answer.asked_ms, &count) ||
	    !parse_pair(next_line(&at), &answer.window.start, &answer.window.end) ||
	    count > FILE_MAX || answer.asked_ms > clock_boot_ms())
		return false;
	answer.busy.count = (size_t)count;
	answer.busy.list = arena_array(arena, answer.busy.count + 1, sizeof(struct interval));
	if (!answer.busy.list)
		return false;
	for (size_t i = 0; i < answer.busy.count; i++)
		if (!parse_pair(
			next_line(&at), &answer.busy.list[i].start, &answer.busy.list[i].end))
			return false;
	*out = answer;
	return true;
}

/* Bytes of its file: of fifty calendars all stand in one request's memory. */
static size_t room_for(const struct calendar_place *place, const struct calendar_cache *answer)
{
	size_t room = sizeof(HEAD) + strlen(place->key) + (answer->busy.count + 2) * PAIR_MAX;

	return room < FILE_MAX ? room : FILE_MAX;
}

enum err calendar_cache_store(const struct calendar_place *place, struct arena *arena,
    const struct calendar_cache *answer, struct fail *fail)
{
	const char *path = path_of(place, "", arena);
	struct calendar_cache kept;
	struct text text;

	if (calendar_cache_load(place, arena, &kept) && kept.asked_ms >= answer->asked_ms)
		return ERR_NONE;
	text = text_new(arena, room_for(place, answer));
	text_printf(&text, HEAD "%s\n%" PRId64 " %zu\n%" PRId64 " %" PRId64 "\n", place->key,
	    answer->asked_ms, answer->busy.count, answer->window.start, answer->window.end);
	for (size_t i = 0; i < answer->busy.count; i++)
		text_printf(&text, "%" PRId64 " %" PRId64 "\n", answer->busy.list[i].start,
		    answer->busy.list[i].end);
	if (text_overflowed(&text) || !path)
		return fail_set(fail, ERR_TOO_LARGE, "calendar_cache",
		    "the calendar's answer is too large to share");
	return file_replace(path, text.data, text.len, false, fail);
}

int calendar_cache_lock(const char *dir)
{
	return file_lock_in(dir, "calendar.lock", 0, POLL_MS);
}

int calendar_cache_lock_click(const char *dir, int64_t deadline)
{
	return file_lock_in(dir, "calendar.click", deadline, POLL_MS);
}

struct outage outage_load(const struct calendar_place *place, struct arena *arena)
{
	char *at = read_whole(place, ".outage", arena), *kind;
	int64_t now_ms = clock_boot_ms();
	struct outage outage;

	if (!at || !parse_pair(next_line(&at), &outage.since_ms, &outage.until_ms) ||
	    !(kind = next_line(&at)))
		return (struct outage){0};
	/* Of a clock that ran further: it was another boot's, and would count when this one has run
	 * as far. */
	if (outage.since_ms > now_ms || outage.until_ms > now_ms + REST_MAX_MS) {
		(void)outage_end(place, arena);
		return (struct outage){0};
	}
	outage.is_refused = strcmp(kind, "refused") == 0;
	outage.is_down = outage.is_refused || strcmp(kind, "down") == 0;
	return outage;
}

enum err outage_note(const struct calendar_place *place, struct arena *arena, int64_t until_ms,
    enum outage_kind kind, bool *is_new, struct fail *fail)
{
	const char *path = path_of(place, ".outage", arena);
	static const char *const kinds[] = {"slow", "down", "refused"};
	struct outage outage = outage_load(place, arena);
	struct text text = text_new(arena, 64);

	*is_new = outage.until_ms == 0;
	/* A page that ran out of its budget does not make a known outage milder. */
	if (kind == OUTAGE_SLOW && outage.is_down)
		kind = outage.is_refused ? OUTAGE_REFUSED : OUTAGE_DOWN;
	text_printf(&text, "%" PRId64 " %" PRId64 "\n%s\n",
	    *is_new ? clock_boot_ms() : outage.since_ms, until_ms, kinds[kind]);
	if (!path || text_overflowed(&text))
		return fail_set(fail, ERR_SYSTEM, "calendar_cache", "no memory");
	return file_replace(path, text.data, text.len, false, fail);
}

bool outage_end(const struct calendar_place *place, struct arena *arena)
{
	const char *path = path_of(place, ".outage", arena);

	return path && unlink(path) == 0;
}
