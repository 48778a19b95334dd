// SPDX-License-Identifier: MIT
// ledger.mjs: the ledger's rules once more, from the words of app/core/ledger.h
//
// It shares nothing with the programs nor with the stand's replay: a list per booking and a search
// through all of them, so that a slip in one of the three shows.

export const NIL = '00000000-0000-0000-0000-000000000000';

/** What the stand's proxy answered by itself. */
export const isFaked = ({ status, fault }) => status === 200 && fault === 'garbage';

/**
 * The ids that ClickHouse answered with success without a row: only then the command is sent again
 * under another token. sent: {id, token, status (null: no answer), fault}, in order.
 */
export function withoutRow(sent) {
  const lastToken = new Map(sent.map(({ id, token }) => [id, token]));
  const left = sent.filter(({ id, token }) => token !== lastToken.get(id));
  const faked = new Set(left.filter(isFaked).map(({ token }) => token));
  return [...new Set(left.filter(({ token, status }) => status === 200 && !faked.has(token)).map(({ id }) => id))];
}

const overlap = (a, b) => a.from < b.until && a.until > b.from;

/** The table's text of an entry's caps: {limit, tag, from, until}; without a tag the owner's calls are meant. */
export const readCaps = ({ caps, host }) =>
  (caps ? caps.split(',') : []).map((text) => text.split(':')).map(([limit, tag, from, until]) =>
    ({ limit: Number(limit), tag: tag || host, from: Number(from), until: Number(until) }));

/** Whether an accepted entry leaves its booking with time of its own: a cancelled call is restored without. */
export const takes = ({ kind, start, end }) => kind === 'book' || kind === 'block' || (kind === 'restore' && start !== end);

const tagsOf = ({ host, tags }) => new Set([host, ...(tags ? tags.split(',') : [])]);

/**
 * entries in their order: {number, id, kind, booking, version, host, start, end, from, until, caps,
 * tags, max_changes, actor, calendar}, instants in seconds, from and until being the call with its
 * buffers, caps and tags the table's text. Gives {judged, unsound}: for each entry {verdict, version, left}, version being what it
 * gave its booking and left the entry that it ended; unsound says why the log is no ledger, from
 * which entry on: {at, why}, or null.
 */
export function replay(entries) {
  const bookings = new Map();
  const seen = new Set();
  const judged = [];
  let base = 0;

  const judge = (entry) => {
    const own = bookings.get(entry.booking);
    const blocks = entry.kind === 'block' || entry.kind === 'unblock';
    if (entry.kind === 'epoch' || entry.booking === NIL) return 'malformed';
    if (own?.erased) return 'erased';
    if (own && entry.kind !== 'erase' && own.block !== blocks) return 'malformed';
    if (entry.kind === 'restore') {
      if (own) return 'stale';
      if (entry.version < 1 || entry.version > base) return 'malformed';
    } else if (entry.version !== (own ? own.version : 0)) return 'stale';
    // How many changes a prospect may have made before this one; a cancel may be one too many.
    const most = entry.actor === 'prospect' && entry.max_changes ? entry.max_changes - 1 + (entry.kind === 'cancel') : Infinity;
    const isOver = (own?.changes ?? 0) > most;
    switch (entry.kind) {
      case 'erase':
        return 'accepted';
      case 'cancel':
        if (!own) return 'accepted';
        return !own.live ? 'not_live' : isOver ? 'changes' : 'accepted';
      case 'unblock':
        return !own?.live ? 'not_live' : isOver ? 'changes' : 'accepted';
      case 'restore':
        if (entry.start === entry.end) return 'accepted';
    }
    if (isOver) return 'changes';
    if (!entry.host || entry.start >= entry.end || entry.from > entry.start || entry.until < entry.end) return 'malformed';
    const caps = readCaps(entry);
    for (const other of bookings.values()) {
      if (other === own || !other.live) continue;
      if (other.live.host === entry.host && overlap(other.live, entry)) return 'overlap';
      if (other.block) continue;
      for (const cap of caps)
        if (other.live.start >= cap.from && other.live.start < cap.until && tagsOf(other.live).has(cap.tag)) cap.limit--;
    }
    return caps.some(({ limit }) => limit <= 0) ? 'cap' : 'accepted';
  };

  for (const [i, entry] of entries.entries()) {
    if (i === 0 && entry.kind !== 'epoch') return { judged, unsound: { at: 0, why: 'the first entry is no epoch' } };
    if (i > 0 && entry.number <= entries[i - 1].number)
      return { judged, unsound: { at: i, why: `number ${entry.number} follows ${entries[i - 1].number}` } };
    if (i === 0) {
      base = entry.version;
      seen.add(entry.id);
      judged.push({ verdict: 'accepted', version: 0, left: null });
      continue;
    }
    const verdict = seen.has(entry.id) ? 'repeated' : judge(entry);
    seen.add(entry.id);
    const result = { verdict, version: 0, left: null };
    judged.push(result);
    if (verdict !== 'accepted') continue;
    const own = bookings.get(entry.booking);
    result.left = own?.live ?? null;
    result.version = entry.kind === 'restore' ? entry.version : base + entry.number;
    bookings.set(entry.booking, {
      version: result.version,
      live: takes(entry) ? entry : null,
      // Erased and cancelled ones stay what they were.
      block: takes(entry) ? entry.kind === 'block' : own?.block ?? false,
      erased: entry.kind === 'erase',
      changes: (own?.changes ?? 0) + (entry.actor === 'prospect' ? 1 : 0),
    });
  }
  return { judged, unsound: null };
}
