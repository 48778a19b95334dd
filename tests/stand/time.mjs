// SPDX-License-Identifier: MIT
// time.mjs: RFC 3339 and time zones, as the calendar needs them

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)?$/;

/** Milliseconds to add to UTC to get the wall clock of `zone` at `ms`. */
export function zoneOffset(ms, zone) {
  const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(ms)
    .find((part) => part.type === 'timeZoneName').value;
  const found = /([+-])(\d\d):(\d\d)/.exec(name);
  if (!found) return 0;
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000;
}

export function isZone(zone) {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** What the wall clock of `zone` shows at `ms`. */
export const wallTime = (ms, zone) => new Date(ms + zoneOffset(ms, zone)).toISOString().slice(0, 19);

/** The instant at which the wall clock of `zone` shows what `wall` shows in UTC. */
function fromWall(wall, zone) {
  const first = wall - zoneOffset(wall, zone);
  return wall - zoneOffset(first, zone);
}

/** RFC 3339 → milliseconds, NaN if it is none. Without an offset it needs a zone. */
export function parseTime(text, zone) {
  const found = typeof text === 'string' && RFC3339.exec(text);
  if (!found) return NaN;
  const [, year, month, day, hour, minute, second, offset] = found;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  if (new Date(wall).toISOString().slice(0, 19) !== text.slice(0, 19).toUpperCase()) return NaN;
  if (offset) return Date.parse(text.toUpperCase());
  return zone ? fromWall(wall, zone) : NaN;
}

/** YYYY-MM-DD → its midnight in `zone`, NaN if it is no date. */
export function parseDate(text, zone) {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) return NaN;
  return parseTime(`${text}T00:00:00`, zone);
}

/** How Google writes an instant: 'Z', an offset such as '-05:00', or what a zone has then. */
export function formatTime(ms, form) {
  if (form === 'Z') return new Date(ms).toISOString().slice(0, 19) + 'Z';
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(form);
  const shift = fixed
    ? (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000
    : zoneOffset(ms, form);
  if (!fixed && shift === 0) return formatTime(ms, 'Z');
  const minutes = Math.abs(shift) / 60_000;
  const two = (n) => String(n).padStart(2, '0');
  return (
    new Date(ms + shift).toISOString().slice(0, 19) +
    (shift < 0 ? '-' : '+') + two(Math.floor(minutes / 60)) + ':' + two(minutes % 60)
  );
}
