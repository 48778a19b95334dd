// SPDX-License-Identifier: MIT
// check.mjs: does a history keep the promises?
//
//   node check.mjs [--quiet] FILE
//
// It reads nothing but the file. The ledger's order is the witness: replayed, it gives a sequence
// of states, and every answer has to agree with a state that stood while the answer was being
// made. So each answer bounds the times of entries: the one that made the state came before the
// answer's end, the one that ended it after the answer's start. Times that grow along the ledger
// and keep all bounds exist, or the history cannot be put in order (linearizability, with the order
// given). Requests without an answer bound nothing but that their entry came after their start.
//
// Each finding names its rule:
//   ledger     the log is no ledger
//   lost       an acknowledged booking, move or cancel is not in it
//   doubled    two prospects held overlapping times, by what they had been told
//   told       a prospect was told that nothing came of a click, and something did
//   nowhere    an entry that no recorded request asked for
//   twice      one request took effect more than once, or stands under more than one id
//   mail       a mail that follows from nothing, or was sent twice
//   alert      the operator was not told how a booking stands, or was told what is not so
//   order      answers that no order of the entries explains
//   read       an answer shows what never was
//   reason     a slot was refused or not offered, and nothing stood in its way
//   fair       a person holds more calls than one may, or was refused without them
//   calendar   booked with a calendar that was asked, over an event that stood in it
//   brief      an acknowledged brief is nowhere
//   follow     row or event do not follow from the ledger
//   page       a page of an error that shows internals, or an answer that is none of ours

import { readFileSync } from 'node:fs';
import { NIL, isFaked, readCaps, replay, withoutRow } from './ledger.mjs';

const args = process.argv.slice(2);
const quiet = args[0] === '--quiet' && args.shift();
if (args.length !== 1) {
  console.error('usage: tests/history/check [--quiet] FILE');
  process.exit(2);
}

// ---- The file ----

const kept = { op: [], page: [], fault: [], insert: [], ledger: [], row: [], event: [], mail: [], alert: [], spool: [] };
const lines = readFileSync(args[0], 'utf8').split('\n');
let run, isWhole = false, isSettled = true;
for (const [i, text] of lines.entries()) {
  if (!text) continue;
  const line = JSON.parse(text);
  line.line = i + 1;
  if (line.t === 'run') run = line;
  else if (line.t === 'end') [isWhole, isSettled] = [true, line.settled !== false];
  else kept[line.t].push(line);
}
if (!run || !isWhole) {
  console.error('The history has no beginning or no end: the run was not finished.');
  process.exit(2);
}
const { op: ops, fault: faults, ledger: entries } = kept;

const SHOWN = 8; // findings of one rule that are written out
const found = new Map();

function report(rule, text, ...concerned) {
  found.set(rule, (found.get(rule) ?? 0) + 1);
  if (found.get(rule) > SHOWN) return;
  console.log(`VIOLATION ${rule}: ${text}`);
  const numbers = [...new Set(concerned.flat().filter(Boolean).map(({ line }) => line))].sort((a, b) => a - b);
  for (const number of numbers.slice(0, 10))
    console.log(`    line ${number}: ${lines[number - 1].length > 420 ? `${lines[number - 1].slice(0, 420)}…` : lines[number - 1]}`);
}

const wire = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
const seconds = (slot) => Date.parse(slot) / 1000;
const meets = (a, b) => a.start <= b.end && b.start <= a.end;

// ---- The ledger: states and who was in them ----

const { judged, unsound } = replay(entries);
if (unsound) {
  const at = entries[unsound.at];
  report('ledger', `the log is no ledger: ${unsound.why}`, at);
  entries.length = unsound.at;
}
const N = entries.length; // states 0 … N; entry i makes state i + 1

/** Of each booking: how it stood in which states, [from, to). */
const timelines = new Map();
const before = () => [{ from: 0, to: N + 1, version: 0, state: 'awaiting_slot', entry: -1 }];
const timeline = (booking) => timelines.get(booking) ?? before();
/** What was live: {start, end, from, until, booking} in states [since, to). */
const lives = [];
const liveOf = new Map();

for (const [i, entry] of entries.entries()) {
  const { verdict, version } = judged[i];
  if (verdict !== 'accepted' || entry.kind === 'epoch') continue;
  if (!timelines.has(entry.booking)) timelines.set(entry.booking, before());
  const stages = timelines.get(entry.booking);
  const takes = entry.start < entry.end && !['cancel', 'unblock', 'erase'].includes(entry.kind);
  stages.at(-1).to = i + 1;
  stages.push({
    from: i + 1, to: N + 1, version, entry: i,
    state: entry.kind === 'erase' ? 'erased' : takes ? 'booked' : 'cancelled',
    slot: takes ? wire(entry.start) : undefined,
  });
  const left = liveOf.get(entry.booking);
  if (left) left.to = i + 1;
  liveOf.delete(entry.booking);
  if (!takes) continue;
  // Said again here, in few words, since everything else stands on the replay above.
  for (const other of liveOf.values())
    if (other.host === entry.host && other.from < entry.until && other.until > entry.from)
      report('ledger', `two live intervals overlap after entry ${entry.number}`, entry, entries[other.entry]);
  const live = { ...entry, entry: i, since: i + 1, to: N + 1 };
  liveOf.set(entry.booking, live);
  lives.push(live);
}

// ---- Bounds of the entries' times ----

const low = entries.map(() => ({ at: -Infinity })); // entry i is not earlier
const high = entries.map(() => ({ at: Infinity })); // entry i is not later
let earliest, latest; // the same along the ledger: low is carried forward, high backward

function spread() {
  earliest = [];
  latest = new Array(N);
  for (let i = 0; i < N; i++) earliest[i] = i && earliest[i - 1].at > low[i].at ? earliest[i - 1] : low[i];
  for (let i = N - 1; i >= 0; i--) latest[i] = i < N - 1 && latest[i + 1].at < high[i].at ? latest[i + 1] : high[i];
}

/** The answer saw one of the states [from, to). */
function bind(op, { from, to }) {
  if (from > 0 && op.end < high[from - 1].at) high[from - 1] = { at: op.end, op, entry: from - 1 };
  if (to <= N && op.start > low[to - 1].at) low[to - 1] = { at: op.start, op, entry: to - 1 };
}

const isPossible = (op, { from, to }) =>
  (from === 0 || earliest[from - 1].at <= op.end) && (to > N || latest[to - 1].at >= op.start);

/** The states that may have stood during the answer: [first, last]. */
function during(op) {
  let a = 0, b = N;
  // latest grows along the ledger, and so does earliest.
  while (a < b) {
    const middle = (a + b) >> 1;
    if (latest[middle].at >= op.start) b = middle;
    else a = middle + 1;
  }
  const first = a;
  (a = 0), (b = N);
  while (a < b) {
    const middle = (a + b + 1) >> 1;
    if (earliest[middle - 1].at <= op.end) a = middle;
    else b = middle - 1;
  }
  return [first, a];
}

// ---- Requests and their entries ----

const keyOf = (kind, booking, version, slot) => `${kind} ${booking} ${version} ${slot ?? ''}`;
const byKey = new Map();
for (const op of ops) {
  if (op.op !== 'click' && op.op !== 'cancel') continue;
  const key = keyOf(op.op, op.booking, op.version ?? 0, op.slot);
  if (!byKey.has(key)) byKey.set(key, []);
  byKey.get(key).push(op);
}
const NEVER = ['gone', 'address', 'stale', 'not_booked', 'not_offered', 'too_late', 'changes', 'waited', 'closed', 'erased', 'not_found'];
const isAnswered = (op) => op.outcome === 'booked' || op.outcome === 'cancelled';
const asked = (entry) =>
  byKey.get(entry.kind === 'cancel' ? keyOf('cancel', entry.booking, entry.version) : keyOf('click', entry.booking, entry.version, wire(entry.start))) ?? [];

// What the owner did to an event comes back as a command of the actor calendar, at the event's version.
const edits = faults.filter(({ edit }) => edit);
const edited = ({ kind, booking, version, start, end }) =>
  edits.filter(({ edit }) => edit.booking === booking && edit.version === version && (kind === 'cancel' ? edit.start === undefined : edit.start === start && edit.end === end));
const isOwners = ({ actor }) => actor === 'calendar';

for (const [i, entry] of entries.entries()) {
  if (!['book', 'cancel'].includes(entry.kind)) continue;
  const candidates = isOwners(entry) ? edited(entry) : asked(entry);
  if (!candidates.length) {
    report('nowhere', `entry ${entry.number} (${entry.kind} of ${entry.booking} from version ${entry.version}) was asked for by ${isOwners(entry) ? 'nothing that the owner did' : 'no request'}`, entry,
      ops.filter((op) => op.booking === entry.booking && (op.op === 'click' || op.op === 'cancel')).slice(0, 6));
    continue;
  }
  // A refused command is as late as an accepted one.
  const first = candidates.reduce((a, b) => (a.start < b.start ? a : b));
  if (judged[i].verdict !== 'repeated' && first.start > low[i].at) low[i] = { at: first.start, op: first, entry: i };
}

// ---- What answers say of their booking ----

const undecided = [];

function agree(op, ranges, rule, text) {
  const related = entries.filter(({ booking }) => booking === op.booking);
  if (!ranges.length) report(rule, text, op, related);
  else if (ranges.length === 1) bind(op, ranges[0]);
  else undecided.push({ op, ranges });
}

const verdicts = (booking) =>
  entries.flatMap((entry, i) => (entry.booking === booking ? [`${entry.kind} ${entry.kind === 'cancel' ? '' : wire(entry.start)} from ${entry.version}: ${judged[i].verdict}`] : [])).join('; ') || 'none';

for (const op of ops) {
  const { version, state, slot } = op.seen ?? {};
  const stages = timeline(op.booking);
  const fits = (stage) =>
    (version === undefined || stage.version === version) &&
    (state === undefined || stage.state === state) &&
    (slot === undefined || stage.slot === slot);
  if (op.op === 'click' && op.outcome === 'booked')
    agree(op, stages.filter((stage) => stage.state === 'booked' && stage.slot === op.slot && fits(stage)), 'lost',
      `${op.booking} was told that it has ${op.slot}, and the ledger never gave it that (its entries: ${verdicts(op.booking)})`);
  else if (op.op === 'cancel' && op.outcome === 'cancelled')
    agree(op, stages.filter((stage) => stage.state === 'cancelled' && fits(stage)), 'lost',
      `${op.booking} was told that it is cancelled, and the ledger never said so (its entries: ${verdicts(op.booking)})`);
  else if (op.outcome === 'overtaken') {
    // Accepted, and what the answer shows came after it.
    const own = stages.find(({ entry }) => entry >= 0 && asked(entries[entry]).includes(op));
    agree(op, own ? stages.filter((stage) => stage.from >= own.to && fits(stage)) : [], 'told',
      `${op.booking} was told that its click was overtaken, and nothing came after it (its entries: ${verdicts(op.booking)})`);
  } else if (version !== undefined || state !== undefined)
    agree(op, stages.filter(fits), 'read',
      `an answer shows ${op.booking} ${state ?? ''} ${slot ?? ''} at version ${version ?? '?'}, which never was (its entries: ${verdicts(op.booking)})`);
}

for (let again = true; again; ) {
  again = false;
  spread();
  for (const item of undecided.splice(0)) {
    const possible = item.ranges.filter((range) => isPossible(item.op, range));
    if (possible.length > 1) undecided.push(item);
    else if (possible.length === 1) {
      bind(item.op, possible[0]);
      again = true;
    } else
      report('order', `${item.op.booking} was shown or told something that held before and after, but not then`, item.op,
        item.ranges.map(({ entry }) => entries[entry]));
  }
}

// Each knot once: from the entry that comes too late to the next that came too early.
for (let i = 0, last; i < N; i++) {
  if (earliest[i].at <= latest[i].at) continue;
  const from = earliest[i], until = latest[i];
  if (from.op === last) continue;
  last = from.op;
  report('order',
    `entry ${entries[from.entry].number} was not there before ${from.at.toFixed(1)}, and entry ${entries[until.entry].number}, ${
      from.entry === until.entry ? 'the same' : 'which follows it'}, was seen by ${until.at.toFixed(1)}`,
    from.op, until.op, entries[from.entry], entries[until.entry]);
}

// ---- Who asked for what was accepted ----

for (const [i, entry] of entries.entries()) {
  if (judged[i].verdict !== 'accepted' || !['book', 'cancel'].includes(entry.kind) || isOwners(entry)) continue;
  const candidates = asked(entry).filter((op) => op.start <= latest[i].at);
  const possible = candidates.filter((op) => !NEVER.includes(op.outcome));
  if (candidates.length && !possible.length)
    report('told', `${entry.booking} was told '${candidates[0].outcome}', and entry ${entry.number} of that very click is accepted`, entry, candidates);
}
// A request appends a new id only when it knows that the last one left no row. The courier asks anew, and the
// version lets one of its commands have an effect.
const idsOf = new Map();
for (const entry of entries.filter((entry) => ['book', 'cancel'].includes(entry.kind) && !isOwners(entry))) {
  const key = keyOf(entry.kind, entry.booking, entry.version, entry.kind === 'cancel' ? '' : wire(entry.start));
  if (!idsOf.has(key)) idsOf.set(key, new Map());
  idsOf.get(key).set(entry.id, entry);
}
for (const [key, ids] of idsOf) {
  const requests = asked([...ids.values()][0]);
  if (requests.length && ids.size > requests.length)
    report('twice', `${key}: ${ids.size} entries of ${requests.length} request${requests.length === 1 ? '' : 's'}`, requests, [...ids.values()]);
}
const effects = new Map();
for (const [i, entry] of entries.entries()) {
  if (judged[i].verdict !== 'accepted' || !['book', 'cancel'].includes(entry.kind)) continue;
  const key = keyOf(entry.kind, entry.booking, entry.version, entry.kind === 'cancel' ? '' : wire(entry.start));
  if (effects.has(key)) report('twice', `${key} was accepted twice`, entry, effects.get(key));
  effects.set(key, entry);
}

// ---- Held, by what prospects were told, whatever the ledger says ----

const clicksOf = new Map();
for (const op of ops)
  if (op.op === 'click' || op.op === 'cancel') clicksOf.set(op.booking, [...(clicksOf.get(op.booking) ?? []), op]);
const holds = [];
for (const [booking, clicks] of clicksOf)
  for (const op of clicks.filter(({ op, outcome }) => op === 'click' && outcome === 'booked')) {
    // Until the next request that may change it, or the owner; one beside it may have changed it already.
    const others = clicks.filter((other) => other !== op && other.end > op.start && !(other.op === 'click' && other.slot === op.slot && other.version === op.version));
    const until = Math.min(...others.map(({ start }) => start), ...edits.filter(({ edit, end }) => edit.booking === booking && end > op.start).map(({ start }) => start));
    if (until > op.end) holds.push({ op, booking, start: op.end, end: until, call: seconds(op.slot) });
  }
holds.sort((a, b) => a.call - b.call || a.start - b.start);
let doubled = 0;
for (const [i, hold] of holds.entries())
  for (let j = i + 1; j < holds.length && holds[j].call < hold.call + run.slot_s + run.buffer_after + run.buffer_before; j++)
    if (holds[j].booking !== hold.booking && holds[j].start < hold.end && hold.start < holds[j].end) {
      doubled++;
      report('doubled', `${hold.booking} and ${holds[j].booking} both held ${hold.op.slot}${hold.op.slot === holds[j].op.slot ? '' : ` and ${holds[j].op.slot}`}`, hold.op, holds[j].op);
    }

// ---- Open slots ----

const takenBy = (slot) => ({ from: slot - run.buffer_before, until: slot + run.slot_s + run.buffer_after });
const meetsTime = (a, b) => a.from < b.until && a.until > b.from;

/** What stands in the way of a slot: live intervals in order of their first state. */
const blockers = new Map();
function blockersOf(slot) {
  if (!blockers.has(slot)) {
    const list = lives.filter((live) => live.host === run.host && meetsTime(live, takenBy(slot)));
    let last = 0;
    blockers.set(slot, list.map((live) => ({ live, last: (last = Math.max(last, live.to)) })));
  }
  return blockers.get(slot);
}

/** Those of them that stood in some of the states [first, last]. */
function* blocking(list, first, last) {
  let a = 0, b = list.length;
  while (a < b) {
    const middle = (a + b) >> 1;
    if (list[middle].live.since <= last) a = middle + 1;
    else b = middle;
  }
  for (let i = a - 1; i >= 0 && list[i].last > first; i--) if (list[i].live.to > first) yield list[i].live;
}

const stepped = faults.filter(({ part }) => part === 'clock');
const isStepped = (op) => stepped.some((fault) => meets(fault, op));
const ownerEvents = new Map(); // id → {start, end, from, until: on the clock}
for (const fault of faults.filter(({ event }) => event)) {
  if (fault.kind === 'event') ownerEvents.set(fault.event.id, { ...fault.event, made: fault, removed: undefined });
  else ownerEvents.get(fault.event.id).removed = fault;
}
/** Where an event of ours stood until its owner dragged it: at the call of the version in its id. */
function beforeDrag({ id, created }) {
  const drag = edits.find(({ edit }) => edit.start && edit.id === id);
  const call = entries.find(({ number }) => number === Number(id.slice(id.lastIndexOf('v') + 1)));
  return drag && call ? [{ from: call.start, until: call.end, since: created - 50, to: drag.end }] : [];
}
const busy = [
  ...kept.event.filter(({ booking }) => booking).flatMap(beforeDrag),
  ...edits.filter(({ edit }) => edit.start).map(({ edit, start }) => ({ from: edit.start, until: edit.end, since: start, to: Infinity })),
  ...[...ownerEvents.values()].map(({ start, end, made, removed }) => ({ from: start, until: end, since: made.start, to: removed?.end ?? Infinity })),
  ...kept.event.filter(({ booking }) => booking)
    .map(({ start, end, created, updated, status }) => ({ from: start, until: end, since: created - 50, to: status === 'cancelled' ? updated + 50 : Infinity })),
];

const days = new Map(); // a cap's day → live calls in it
function dayOf(slot) {
  for (const { from, until } of entries.flatMap(readCaps))
    if (slot >= from && slot < until) {
      if (!days.has(from)) {
        let last = 0;
        days.set(from, lives.filter((live) => live.start >= from && live.start < until)
          .map((live) => ({ live, last: (last = Math.max(last, live.to)) })));
      }
      return days.get(from);
    }
  return undefined;
}

/** Whether anything may have stood in the way of this slot for that booking. */
function hasReason(op, slot, [first, last]) {
  if (slot <= (op.end + run.clock_difference) / 1000) return true;
  for (const live of blocking(blockersOf(slot), first, last)) if (live.booking !== op.booking) return true;
  const taken = takenBy(slot);
  if (busy.some((event) => meetsTime(event, taken) && event.since <= op.end && event.to >= op.start - run.stale_ms)) return true;
  const day = run.cap && dayOf(slot);
  if (!day) return false;
  for (let state = first; state <= last; state++) {
    let count = 0;
    for (const live of blocking(day, state, state)) count += live.booking !== op.booking;
    if (count >= run.cap) return true;
  }
  return false;
}

const firstSeen = new Map(); // a slot → the answer that offered it first
for (const op of ops)
  if (op.seen?.open && !isStepped(op))
    for (const slot of op.seen.open) if (!(firstSeen.get(slot)?.end <= op.end)) firstSeen.set(slot, op);

for (const op of ops) {
  if (isStepped(op) || found.has('ledger')) continue;
  let [first, last] = during(op);
  if (op.outcome === 'gone' && op.op === 'click' && !hasReason(op, seconds(op.slot), [first, last]))
    report('reason', `${op.booking} was told that ${op.slot} is gone, and nobody had it`, op);
  if (!op.seen?.open) continue;
  const { version } = op.seen;
  const stage = timeline(op.booking).find((one) => one.version === version);
  if (!stage) continue; // reported above
  first = Math.max(first, stage.from);
  last = Math.min(last, stage.to - 1);
  if (first > last) continue; // reported above
  const isClosed = new Uint8Array(last - first + 1);
  const culprits = new Set();
  for (const slot of op.seen.open)
    for (const live of blocking(blockersOf(seconds(slot)), first, last))
      if (live.booking !== op.booking) {
        isClosed.fill(1, Math.max(0, live.since - first), Math.min(last + 1, live.to) - first);
        culprits.add(live.entry);
      }
  if (!isClosed.includes(0))
    report('read', `${op.booking} was offered times that were never open together during that answer`, op, [...culprits].map((i) => entries[i]));
  const open = new Set(op.seen.open);
  for (const [slot, sight] of firstSeen)
    if (!open.has(slot) && slot !== stage.slot && sight.end <= op.start && !hasReason(op, seconds(slot), [first, last]))
      report('reason', `${op.booking} was not offered ${slot}, and nobody had it`, op);
}

// ---- What one person may have, by the addresses that the briefs came under ----

const addressOf = new Map(ops.filter(({ email, booking }) => email && booking).map(({ email, booking }) => [booking, email]));
const limit = run.calls_per_address;
const callsOf = new Map(); // address → its calls
for (const live of limit ? lives : []) {
  const address = addressOf.get(live.booking);
  if (address) callsOf.set(address, [...(callsOf.get(address) ?? []), live]);
}
const heldIn = (calls, state) => calls.filter(({ since, to }) => since <= state && state < to);
for (const [address, calls] of callsOf)
  for (const { since, entry } of calls) {
    const held = heldIn(calls, since);
    if (held.length > limit) report('fair', `${address} holds ${held.length} calls after entry ${entries[entry].number}`, held.map((live) => entries[live.entry]));
  }
for (const op of ops.filter(({ outcome }) => limit && outcome === 'address')) {
  const [first, last] = during(op);
  // A brief is refused by rows, which may not have followed yet; a click by the ledger.
  const from = op.op === 'brief' ? 0 : first;
  const others = (callsOf.get(op.email ?? addressOf.get(op.booking)) ?? []).filter(({ booking }) => booking !== op.booking);
  let most = 0;
  for (let state = from; state <= last; state++) most = Math.max(most, heldIn(others, state).length);
  if (most < limit) report('fair', `a ${op.op} of ${op.email ?? op.booking} was refused for the calls of its address, which were ${most}`, op);
}

// ---- The owner's calendar ----

for (const [i, entry] of entries.entries()) {
  if (judged[i].verdict !== 'accepted' || entry.kind !== 'book' || entry.calendar !== 'fresh') continue;
  const candidates = asked(entry).filter((op) => op.start <= latest[i].at && !NEVER.includes(op.outcome));
  const before = judged[i].left;
  for (const event of ownerEvents.values()) {
    if (!meetsTime({ from: event.start, until: event.end }, entry)) continue;
    // What lies within the booking's own call cannot be told from the booking's own event.
    const pieces = before ? [{ from: event.start, until: Math.min(event.end, before.start) }, { from: Math.max(event.start, before.end), until: event.end }] : [{ from: event.start, until: event.end }];
    if (!pieces.some((piece) => piece.from < piece.until && meetsTime(piece, entry))) continue;
    const stood = candidates.filter((op) => event.made.end < op.start && !(event.removed && event.removed.start < op.end));
    if (candidates.length && stood.length === candidates.length)
      report('calendar', `${entry.booking} got ${wire(entry.start)} with a fresh calendar, and the owner's event had been there before the click`, entry, candidates, event.made);
  }
}

// ---- Briefs ----

const rows = new Map(kept.row.map((row) => [row.booking, row]));
const rowNames = new Set(kept.row.map(({ name }) => name));
// What was set aside as damaged waits for a person, and nobody was told so who sent it.
const waiting = new Set(kept.spool.filter(({ name }) => !name.endsWith('.damaged')).map(({ person }) => person));
const savedAt = new Map();
const byToken = new Map();
for (const op of ops.filter((op) => op.op === 'brief')) {
  if (op.outcome === 'saved') {
    const row = rows.get(op.booking);
    if (!row) report('brief', `the brief of ${op.booking} was acknowledged, and there is no row of it`, op);
    else if (row.name !== op.name && row.status !== 'erased') report('brief', `the row of ${op.booking} is another's`, op, row);
    savedAt.set(op.booking, Math.min(savedAt.get(op.booking) ?? Infinity, op.end));
  }
  if (op.outcome === 'queued' && !waiting.has(op.name) && !rowNames.has(op.name))
    report('brief', `the brief of '${op.name}' was queued, and it neither waits in the spool nor is a row`, op);
  if (op.booking && op.key) {
    const token = `${op.key} ${op.name}`;
    if (byToken.has(token) && byToken.get(token).booking !== op.booking)
      report('brief', `one brief sent twice became two bookings`, op, byToken.get(token));
    byToken.set(token, op);
  }
}
for (const file of kept.spool)
  if (file.broken && !file.name.endsWith('~')) report('brief', `the spool's ${file.name} cannot be read: ${file.broken}`, file);
for (const op of ops)
  if (op.outcome === 'not_found' && savedAt.get(op.booking) < op.start)
    report('brief', `${op.booking} was acknowledged and then not found`, op);

// ---- What follows from the ledger ----

const accepted = new Map(); // booking and version → entry
for (const [i, entry] of entries.entries())
  if (judged[i].verdict === 'accepted') accepted.set(`${entry.booking} ${judged[i].version}`, entry);
const disturbs = ({ part, kind }) => !['owner', 'edits', 'repeats', 'spool', 'clock'].includes(part) && kind !== 'tokens revoked';
const disturbances = faults.filter(disturbs);
const HASTE_MS = 700; // a click that took longer may have had no time left for the calendar

/** Whether everything about this booking was answered, in its time, in order and undisturbed. */
function isClean(booking) {
  let last = -Infinity;
  for (const { entry } of timeline(booking)) {
    if (entry < 0) continue;
    const candidates = asked(entries[entry]).filter((op) => op.start <= latest[entry].at && !NEVER.includes(op.outcome));
    if (!candidates.length || !candidates.every(isAnswered)) return false;
    if (candidates.some((op) => op.end - op.start > HASTE_MS || disturbances.some((fault) => meets(fault, op)))) return false;
    if (candidates.some((op) => op.start < last)) return false;
    last = Math.max(...candidates.map(({ end }) => end));
  }
  return true;
}

const eventsOf = new Map();
for (const event of kept.event.filter(({ booking }) => booking)) {
  const version = /^[0-9a-f]{32}v(\d+)$/.exec(event.id)?.[1];
  const entry = accepted.get(`${event.booking} ${version}`);
  // What was there before the run follows from a ledger that is not known here.
  if (event.created < run.began && !entry) continue;
  if (!entry || entry.kind === 'cancel') report('follow', `event ${event.id} follows from no accepted entry`, event);
  else if (event.status !== 'cancelled' && (event.start !== entry.start || event.end !== entry.end))
    report('follow', `event ${event.id} is at another time than its entry`, event, entry);
  // Without a courier only the click itself can have written it.
  const clicks = entry && !run.courier ? asked(entry) : [];
  if (clicks.length && clicks.every(({ outcome }) => outcome === 'overtaken'))
    report('follow', `event ${event.id} follows from a click that was told that it was overtaken`, event, entry, clicks);
  eventsOf.set(event.booking, [...(eventsOf.get(event.booking) ?? []), event]);
}
const due = { rows: 0, 'events to write': 0, 'events to remove': 0 };
for (const [booking, stages] of timelines) {
  const now = stages.at(-1);
  if (booking === NIL || stages.some(({ entry }) => entry >= 0 && entries[entry].kind.endsWith('block'))) continue;
  const row = rows.get(booking);
  const clean = run.courier || isClean(booking);
  const own = entries[now.entry];
  const owed = (what, text, ...concerned) => {
    if (clean) report('follow', text, own, ...concerned, asked(own));
    else due[what]++;
  };
  if (!row || row.version < now.version) owed('rows', `the row of ${booking} has not followed to version ${now.version}`, row);
  else if (row.version !== now.version || row.status !== now.state || (now.slot && wire(row.start) !== now.slot))
    report('follow', `the row of ${booking} is ${row.status} at version ${row.version}; by the ledger it is ${now.state} at ${now.version}`, row, own);
  const alive = (eventsOf.get(booking) ?? []).filter(({ status }) => status !== 'cancelled');
  const wanted = now.state === 'booked' ? `${booking.replaceAll('-', '')}v${now.version}` : undefined;
  if (wanted && !alive.some(({ id }) => id === wanted)) owed('events to write', `${booking} has no event of version ${now.version}`);
  for (const event of alive.filter(({ id }) => id !== wanted)) owed('events to remove', `event ${event.id} is still there`, event);
}
for (const row of kept.row)
  if (row.version && !accepted.has(`${row.booking} ${row.version}`))
    report('follow', `the row of ${row.booking} has version ${row.version}, which no accepted entry gave`, row);

// ---- Mails ----

const mailed = new Set();
for (const mail of kept.mail) {
  const [, booking, version, duty] = /^([0-9a-f-]{36})-(\d+)-(\w+)$/.exec(mail.key ?? '') ?? [];
  if (!booking) report('mail', 'a mail without a key of its own', mail);
  else if (mailed.has(mail.key)) report('mail', `the mail ${mail.key} was sent twice`, mail);
  else if (duty === 'mail' && !accepted.has(`${booking} ${version}`)) report('mail', `the mail ${mail.key} follows from no accepted entry`, mail);
  mailed.add(mail.key);
}
// A call that began before its mail could leave is told of in another.
const mailsOf = (booking, version) => [`${booking}-${version}-mail`, `${booking}-${version}-begun`].filter((key) => mailed.has(key));
if (run.courier)
  for (const [booking, stages] of timelines) {
    const { version, entry, state } = stages.at(-1);
    if (entry < 0 || !['book', 'cancel'].includes(entries[entry].kind) || mailsOf(booking, version).length) continue;
    // A call that was never announced need not be called off; the one before the last cancel was another.
    const since = stages.slice(0, -1).findLastIndex((stage) => stage.state !== 'booked');
    const announced = stages.slice(since + 1).flatMap((stage) => mailsOf(booking, stage.version));
    if (state === 'booked' || announced.length) report('mail', `${booking} got no mail of version ${version} (${state})`, entries[entry], kept.mail.filter(({ key }) => announced.includes(key)));
  }

// ---- Alerts: several are folded into a message, each with a reference of its own ----

const told = new Map(); // name → what the operator read of it, in order
for (const alert of kept.alert)
  for (const line of alert.text.split('\n')) {
    const [, what, name] = /^(Booked|Moved|Cancelled|New brief from|Again from|No time chosen):? ([^(]+) \(/.exec(line) ?? [];
    if (!what) continue;
    if (!told.has(name)) told.set(name, []);
    told.get(name).push({ what, alert });
  }
if (run.courier) {
  const rowsOf = new Map(); // name → how many; a brief that was sent twice may be two
  for (const { name } of kept.row) rowsOf.set(name, (rowsOf.get(name) ?? 0) + 1);
  const briefs = new Set([...rowsOf.keys(), ...ops.filter(({ op }) => op === 'brief').map(({ name }) => name)]);
  for (const [name, list] of told) {
    if (!briefs.has(name)) report('alert', `the operator is told of ${name}, who never sent a brief`, list[0].alert);
    const first = list.find(({ what }) => ['Booked', 'Moved', 'Cancelled'].includes(what));
    if (first?.what === 'Moved') report('alert', `${name} was moved before being booked`, first.alert);
  }
  for (const row of kept.row) {
    // What one sent beyond the limit while nobody could count is kept, and answered by mail.
    if (!row.name || row.held) continue;
    const list = told.get(row.name) ?? [];
    if (!list.some(({ what }) => ['New brief from', 'Again from'].includes(what))) report('alert', `nothing was said of the brief of ${row.name}`, row);
    const { entry, state } = timeline(row.booking).at(-1);
    if (entry < 0 || state === 'erased' || rowsOf.get(row.name) > 1) continue;
    const last = list.findLast(({ what }) => ['Booked', 'Moved', 'Cancelled'].includes(what));
    if (!last || (last.what === 'Cancelled') !== (state === 'cancelled'))
      report('alert', `${row.name} is ${state}, and the operator was told last: ${last?.what ?? 'nothing'}`, entries[entry], last?.alert);
  }
}

// ---- Answers ----

const EXPECTED = {
  brief: [201, 202, 303, 422, 429, 503],
  click: [200, 303, 404, 409, 410, 422, 428, 429, 503],
  cancel: [200, 303, 404, 409, 410, 428, 503],
  booking: [200, 404, 410, 503],
  page: [200, 404, 410, 503],
  slots: [200, 404, 410, 503],
};
const PASSING = [0, 502, 504]; // no answer, and nginx's own words for it
const INTERNALS = [
  /clickhouse/i, /DB::Exception/, /Code: \d+/, /\bcurl\b/i, /libcurl/i, /\bSQL\b/, /SELECT |INSERT INTO/, /_block_number/,
  /googleapis|freeBusy|oauth/i, /\.[ch]:\d+/, /\/(tmp|home|root|usr|var|etc|run)\//, /127\.0\.0\.1:\d+\/(?!(booking|schedule)\b)/,
  /errno|No such file|Permission denied|No space left|Connection refused/, /ERR_[A-Z]+/, /traceback|stack|segfault/i, /\bya29\./,
];
for (const op of ops) {
  if (!EXPECTED[op.op].includes(op.status) && !PASSING.includes(op.status))
    report('page', `a ${op.op} was answered with ${op.status}`, op);
  if (op.seen?.garbled) report('page', `the JSON of a ${op.op} cannot be read`, op);
  if (op.outcome === 'error' && op.status !== 422 && !PASSING.includes(op.status) && !(op.status >= 500 && !op.slug))
    report('page', `a ${op.op} was answered with ${op.status} and nothing that is known`, op);
  if (op.location && op.outcome === 'booked' && op.location !== `/booking?bookingId=${op.booking}`)
    report('page', `a click was sent on to ${op.location}`, op);
}
for (const page of kept.page) {
  const leak = INTERNALS.map((pattern) => pattern.exec(page.body)?.[0]).find(Boolean);
  if (leak) report('page', `a page with ${page.status} shows '${leak}'`, page);
}

// ---- The sum ----

const tally = (list) => {
  const counts = {};
  for (const name of list) counts[name] = (counts[name] ?? 0) + 1;
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
};
const clicks = ops.filter(({ op }) => op === 'click'), cancels = ops.filter(({ op }) => op === 'cancel');
const ids = new Set(entries.map(({ id }) => id));
const sent = kept.insert.filter(({ at }) => at >= run.began);
const unknown = sent.filter(({ status }) => status === null);
const rowless = withoutRow(sent);
const lost = found.get('lost') ?? 0;
const isMove = (op) => timeline(op.booking).some(({ version, slot }, i, all) => i > 1 && slot === op.slot && all[i - 1].state === 'booked' && all[i - 1].version === op.version && version);
if (!quiet || found.size) {
  const booked = clicks.filter(isAnswered);
  console.log(`run: seed ${run.seed}, ${run.seconds} s, ${run.profile}, ${run.actors} prospects${run.impossible?.length ? `; no faults here of: ${run.impossible.join(', ')}` : ''}${run.lines?.includes('spool') ? `; the spool is filled by ${run.spool}` : ''}`);
  console.log(`requests: ${ops.length} (${tally(ops.map(({ op }) => op))})`);
  console.log(`briefs: ${tally(ops.filter(({ op }) => op === 'brief').map(({ outcome }) => outcome))}`);
  console.log(`clicks: ${tally(clicks.map(({ outcome }) => outcome))}; of the booked ones ${booked.filter(isMove).length} moves`);
  console.log(`cancels: ${tally(cancels.map(({ outcome }) => outcome))}`);
  console.log(`ledger: ${N} entries (${tally(judged.map(({ verdict }) => verdict))})`);
  console.log(`appends: ${sent.length} sent, ${unknown.length} with an unknown outcome (of ${new Set(unknown.filter(({ id }) => ids.has(id)).map(({ id }) => id)).size} the row is there), ${sent.filter(isFaked).length} answered with success without a row by the proxy and ${rowless.length} by ClickHouse`);
  console.log(`faults: ${tally(faults.map(({ part, kind }) => `${part}: ${kind}`))}`);
  console.log(`${run.courier ? `with the courier: ${kept.mail.length} mails, ${kept.alert.length} alerts; still due` : 'due to the courier'}: ${Object.entries(due).map(([what, count]) => `${count} ${what}`).join(', ')}`);
  console.log(`lost ${lost}, doubled ${doubled}`);
}
if (found.size) {
  if (!isSettled) console.log('The courier had more to do when its time was over (--settle): what was not said or sent may only be late.');
  console.log(`FAILED: ${[...found].map(([rule, count]) => `${count} × ${rule}`).join(', ')}`);
  process.exit(1);
}
