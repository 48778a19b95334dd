// SPDX-License-Identifier: MIT
// audit.mjs: do ledger, rows and calendar agree?
//
// By the replay of replay.mjs, which is not the programs' own. CLICKHOUSE_URL and CONTROL_URL are
// the stand's.

import { ask, ledger, replay, request } from './replay.mjs';

const wire = (seconds) => new Date(seconds * 1000).toISOString().replace(/:00\.000Z$/, 'Z');
const eventId = (booking, version) => `${booking.replaceAll('-', '')}v${version}`;

/** Everything that stands now. */
export async function standing() {
  const [entries, rows, google] = await Promise.all([
    ledger(),
    ask(`
      SELECT toString(booking_id) AS booking, version, toString(status) AS status,
        toUnixTimestamp(slot_start) AS start, toUnixTimestamp(slot_end) AS end,
        toString(calendar) AS calendar, name, email, company, brief
      FROM argus.consulting_bookings FINAL`),
    request(`${process.env.CONTROL_URL}/google/_stand/summary`),
  ]);
  return {
    ...replay(entries),
    rows: new Map(rows.map((row) => [row.booking, row])),
    events: JSON.parse(google).events.filter((event) => event.extendedProperties?.private?.slotguard),
  };
}

/**
 * What is wrong with it, in words. lagging: rows and events may still be missing, as after a crash;
 * those that are there must follow from an accepted entry all the same.
 */
export function audit({ verdicts, bookings, rows, events }, { lagging = false } = {}) {
  const faults = [];
  const live = [...bookings].filter(([, { live }]) => live);
  const isAccepted = new Set(
    verdicts.filter(({ verdict, entry }) => verdict === 'accepted' && entry.kind !== 'epoch')
      .map(({ entry }) => `${entry.booking} ${entry.kind === 'restore' ? entry.version : verdicts[0].entry.version + entry.number}`));

  for (const [id, a] of live)
    for (const [other, b] of live)
      if (id < other && a.live.host === b.live.host && a.live.from < b.live.until && a.live.until > b.live.from)
        faults.push(`${id} and ${other} both hold ${wire(a.live.start)}`);

  for (const [id, { version, live: call, isBlock, isErased }] of bookings) {
    const row = rows.get(id);
    const status = isErased ? 'erased' : call ? 'booked' : 'cancelled';
    if (isBlock) continue;
    if (!row || BigInt(row.version) < version) {
      if (!lagging) faults.push(`${id}: the row has not followed to version ${version}`);
    } else if (row.status !== status || BigInt(row.version) !== version)
      faults.push(`${id}: the row is ${row.status} at ${row.version}, the ledger ${status} at ${version}`);
    else if (call && (row.start !== call.start || row.end !== call.end || row.calendar !== call.calendar))
      faults.push(`${id}: the row has another call than the ledger`);
    const alive = events.filter((e) => e.status !== 'cancelled' && e.id.startsWith(id.replaceAll('-', '')));
    const wanted = call ? [eventId(id, version)] : [];
    if (!lagging && alive.map((e) => e.id).join() !== wanted.join())
      faults.push(`${id}: the live events are [${alive.map((e) => e.id)}], not [${wanted}]`);
    for (const event of alive.filter((e) => e.id === wanted[0]))
      if (Date.parse(event.start.dateTime) !== call.start * 1000 || Date.parse(event.end.dateTime) !== call.end * 1000)
        faults.push(`${event.id}: the event is at ${event.start.dateTime}, the call at ${wire(call.start)}`);
  }
  for (const row of rows.values())
    if (row.version !== '0' && !isAccepted.has(`${row.booking} ${row.version}`))
      faults.push(`${row.booking}: a row of version ${row.version}, which no accepted entry gave`);
  for (const { id, status, extendedProperties } of events)
    if (status !== 'cancelled' && !isAccepted.has(`${extendedProperties.private.slotguard} ${id.split('v')[1]}`))
      faults.push(`${id}: an event that follows from no accepted entry`);
  return faults;
}

/** What ledger, row and calendar say of one booking. */
export function ofBooking({ verdicts, bookings, rows, events }, id) {
  const own = bookings.get(id);
  const row = rows.get(id);
  return {
    status: own ? (own.isErased ? 'erased' : own.live ? 'booked' : 'cancelled') : 'unknown',
    version: own ? String(own.version) : '0',
    slot: own?.live ? wire(own.live.start) : null,
    calendar: own?.live?.calendar ?? null,
    entries: verdicts.filter(({ entry }) => entry.booking === id)
      .map(({ entry, verdict }) => `${entry.kind} ${wire(entry.start)} ${verdict}`),
    accepted: verdicts.filter(({ entry, verdict }) => entry.booking === id && verdict === 'accepted').length,
    row: row ? { ...row, slot: row.status === 'booked' ? wire(row.start) : null } : null,
    events: events.filter((e) => e.extendedProperties.private.slotguard === id),
  };
}
