// SPDX-License-Identifier: MIT
// replay.mjs: the ledger's replay once more, written from the design and not from the programs
//
// The tests hold the programs against it: which entries are accepted, what is live in the end.

import http from 'node:http';

// Not fetch(), which takes a tenth of a second to load.
export function request(address, { method = 'GET', body } = {}) {
  return new Promise((resolve, reject) => {
    const req = http.request(address, { method, agent: false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (part) => (text += part));
      reply.on('end', () => (reply.statusCode === 200 ? resolve(text) : reject(new Error(text))));
      reply.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Asks ClickHouse itself, past the proxy; the rows as objects. */
export async function ask(query) {
  const text = await request(`${process.env.CLICKHOUSE_URL}/?wait_end_of_query=1`, {
    method: 'POST',
    body: `${query} FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 1`,
  });
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

export async function ledger() {
  const rows = await ask(`
    SELECT toString(_block_number) AS number, toString(id) AS id, toString(kind) AS kind,
      toString(booking_id) AS booking, version, toString(host) AS host,
      toUnixTimestamp(call_start) AS start, toUnixTimestamp(call_end) AS end,
      toUnixTimestamp(taken_start) AS from, toUnixTimestamp(taken_end) AS until,
      toString(calendar) AS calendar, caps, toString(tags) AS tags, max_changes, toString(actor) AS actor
    FROM argus.ledger ORDER BY _block_number`);
  return rows.map((row) => ({ ...row, number: BigInt(row.number), version: BigInt(row.version) }));
}

/** "3::100:200,1:intro:0:900" as objects; no tag is the owner's own calls. */
const capsOf = (entry) =>
  entry.caps.split(',').filter(Boolean).map((cap) => {
    const [limit, tag, from, until] = cap.split(':');
    return { limit: Number(limit), tag: tag || entry.host, from: Number(from), until: Number(until) };
  });
const bears = (call, tag) => call.host === tag || call.tags.split(',').includes(tag);

/**
 * entries in their order → {verdicts: [{entry, verdict}], bookings: Map of id → {version, live:
 * entry or null, isBlock, isErased}}. Throws when the log itself is not sound.
 */
export function replay(entries) {
  const bookings = new Map();
  const seen = new Set();
  const verdicts = [];
  const [epoch] = entries;
  let last = 0n;

  if (epoch?.kind !== 'epoch') throw new Error('The first entry is no epoch.');
  const judge = (entry) => {
    if (seen.has(entry.id)) return 'repeated';
    const own = bookings.get(entry.booking);
    const takes = ['book', 'block'].includes(entry.kind) || (entry.kind === 'restore' && entry.start !== entry.end);
    if (entry.kind === 'epoch') return 'malformed';
    if (own?.isErased) return 'erased';
    if (entry.kind === 'restore' ? own : entry.version !== (own?.version ?? 0n)) return 'stale';
    if (entry.kind === 'restore' && !(entry.version > 0n && entry.version <= epoch.version)) return 'malformed';
    if (['cancel', 'unblock'].includes(entry.kind) && own && !own.live) return 'not_live';
    const isLimited = entry.actor === 'prospect' && entry.max_changes > 0 && !['restore', 'erase'].includes(entry.kind);
    if (isLimited && own && own.changes >= entry.max_changes + (entry.kind === 'cancel')) return 'changes';
    if (takes) {
      const live = [...bookings.values()].filter((b) => b !== own && b.live);
      const others = live.filter((b) => b.live.host === entry.host);
      if (others.some(({ live }) => live.from < entry.until && live.until > entry.from)) return 'overlap';
      const calls = live.filter((b) => !b.isBlock).map((b) => b.live);
      for (const { limit, tag, from, until } of capsOf(entry))
        if (calls.filter((call) => bears(call, tag) && call.start >= from && call.start < until).length >= limit) return 'cap';
    }
    bookings.set(entry.booking, {
      version: entry.kind === 'restore' ? entry.version : epoch.version + entry.number,
      live: takes ? entry : null,
      isBlock: entry.kind === 'block' || entry.kind === 'unblock',
      isErased: entry.kind === 'erase',
      changes: (own?.changes ?? 0) + (entry.actor === 'prospect'),
    });
    return 'accepted';
  };
  for (const entry of entries) {
    if (entry.number <= last) throw new Error(`Numbers repeat: ${entry.number} after ${last}.`);
    last = entry.number;
    const verdict = entry === epoch ? 'accepted' : judge(entry);
    seen.add(entry.id);
    verdicts.push({ entry, verdict });
  }
  return { verdicts, bookings };
}
