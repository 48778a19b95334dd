// SPDX-License-Identifier: MIT
// series.mjs: an event that recurs → its instances, as Google Calendar names them
//
// Of rules it holds RRULE and EXDATE, and follows at most so many instances of one.

import ICAL from 'ical.js';
import { formatTime, parseDate, parseTime, wallTime } from './time.mjs';

const MOST = 5000;
const DAY_MS = 86_400_000;

/** "2026-12-01T13:00:00Z" → "20261201T130000Z", as ids and rules have it. */
const compact = (text) => text.replaceAll(/[-:]/g, '');
const spread = (text) => text.replace(/^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/, (_, y, m, d, h, min, s, z) =>
  `${y}-${m}-${d}T${h ?? '00'}:${min ?? '00'}:${s ?? '00'}${z ?? ''}`);

/** The instants that EXDATE lines leave out. */
function excepted(lines, zone) {
  return new Set(lines.filter((line) => /^EXDATE/.test(line)).flatMap((line) => {
    const own = /TZID=([^:;]+)/.exec(line)?.[1] ?? zone;
    return line.slice(line.indexOf(':') + 1).split(',').map((value) => parseTime(spread(value), own));
  }));
}

/** Instances of a series in their order; zone: of whole days. Throws when a rule is none. */
export function* instances(event, zone) {
  const { date, timeZone } = event.start;
  const own = date ? zone : timeZone;
  const begin = date ? parseDate(date, own) : parseTime(event.start.dateTime, own);
  const length = (date ? parseDate(event.end.date, own) : parseTime(event.end.dateTime, event.end.timeZone)) - begin;
  const vevent = new ICAL.Component(ICAL.parse(
    ['BEGIN:VEVENT', `DTSTART:${compact(wallTime(begin, own))}`,
      ...event.recurrence.filter((line) => /^RRULE/.test(line)), 'END:VEVENT'].join('\r\n')));
  const rules = new ICAL.RecurExpansion({ component: vevent, dtstart: vevent.getFirstPropertyValue('dtstart') });
  const without = excepted(event.recurrence, own);
  const { recurrence, ...rest } = event;
  for (let n = 0, next; n < MOST && (next = rules.next()); n++) {
    const wall = next.toString().slice(0, 19), start = parseTime(wall, own);
    if (without.has(start)) continue;
    // A series of whole days keeps to days when clocks change.
    const point = (ms) => (date ? { date: wallTime(ms, own).slice(0, 10) } : { dateTime: formatTime(ms, own), timeZone: own });
    const from = point(start), until = point(date ? start + Math.round(length / DAY_MS) * DAY_MS + DAY_MS / 12 : start + length);
    yield {
      ...rest,
      id: `${event.id}_${compact(date ? from.date : formatTime(start, 'Z'))}`,
      recurringEventId: event.id,
      originalStartTime: from,
      start: from,
      end: until,
    };
  }
}

/** The instance of this id, if it is one of a series of these events; undefined: it is none. */
export function occurrenceOf(events, id, zone) {
  const master = events.get(/^(.+)_\d{8}(T\d{6}Z)?$/.exec(id)?.[1]);
  if (!master?.recurrence || master.status === 'cancelled') return undefined;
  for (const instance of instances(master, zone)) if (instance.id === id) return instance;
  return undefined;
}

/** Whether a series goes on for ever. */
export const isEndless = (event) => event.recurrence.some((line) => /^RRULE/.test(line) && !/COUNT=|UNTIL=/.test(line));
