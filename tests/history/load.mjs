// SPDX-License-Identifier: MIT
// load.mjs: prospects and faults against a running stand; what happened goes into a history file
//
//   node load.mjs OUT SEED SECONDS PROFILE ACTORS SETTLE [rowless]
//
// The stand's environment (tests/stand/up) tells where everything is. tests/history/run starts it.
// Every line of the file is a JSON object; `t` says what: run, op, page, fault, insert, ledger, row,
// event, mail, alert, spool, end. Times are milliseconds of one monotonic clock, this process's.

import { execFileSync } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { replay, takes, withoutRow } from './ledger.mjs';
import { Nemesis, canTrace, childrenOf, limitSpool } from './nemesis.mjs';
import { PROFILES } from './profiles.mjs';
import { Prospects } from './prospects.mjs';
import { Site, problemTitles } from './web.mjs';

const [, , out, seed, secondsText, profileName, actorsText, settleText, until] = process.argv;
const { env } = process;
const profile = PROFILES[profileName];
const seconds = Number(secondsText);

// ---- The history ----

const file = createWriteStream(out, { flags: 'wx' }); // one writer, one clock
const record = (line) => file.write(`${JSON.stringify(line)}\n`);
const clockDifference = Date.now() - performance.now(); // wall clock to monotonic
const conf = readFileSync(env.CONF, 'utf8');
const setting = (section, key, preset) =>
  new RegExp(`^\\[${section}\\]$[^[]*^${key} = (.*)$`, 'm').exec(conf)?.[1] ?? preset;

// ---- The stand ----

function exchange(address, { method = 'GET', body, timeout = 10_000 } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method, agent: false, timeout }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (part) => (text += part));
      reply.on('end', () => (reply.statusCode === 200 ? resolve(text) : reject(new Error(text))));
      reply.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(body);
  });
}

const control = async (method, service, path, body) =>
  JSON.parse(await exchange(`${env.CONTROL_URL}/${service}/_stand/${path}`, { method, body: body && JSON.stringify(body) }));

async function query(sql, timeout) {
  const text = await exchange(`${env.CLICKHOUSE_URL}/?wait_end_of_query=1`, {
    method: 'POST',
    timeout,
    body: `${sql} FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0`,
  });
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const stand = {
  fault: (service, fault) => control('POST', service, 'faults', fault),
  clear: (service) => control('DELETE', service, 'faults'),
  post: (service, path, body) => control('POST', service, path, body),
  clickhouseAnswers: () => query('SELECT 1', 500).then(() => true, () => false),
  ledger: () =>
    query(`
      SELECT toUInt64(_block_number) AS number, toString(id) AS id, toString(kind) AS kind,
        toString(booking_id) AS booking, version, toString(host) AS host,
        toUnixTimestamp(call_start) AS start, toUnixTimestamp(call_end) AS end,
        toUnixTimestamp(taken_start) AS from, toUnixTimestamp(taken_end) AS until,
        caps, toString(tags) AS tags, max_changes, toString(actor) AS actor,
        toString(calendar) AS calendar, toUnixTimestamp64Milli(written_at) AS written_ms
      FROM argus.ledger ORDER BY _block_number, id`),
  /** The folders in which ClickHouse makes parts of the ledger, counted from its start. */
  newParts: async (count) => {
    const [{ path }] = await query("SELECT data_paths[1] AS path FROM system.tables WHERE database = 'argus' AND name = 'ledger'");
    return Array.from({ length: count }, (_, i) => `${path}tmp_insert_all_${i + 1}_${i + 1}_0/`);
  },
  events: () => control('GET', 'google', 'summary').then(({ events }) => events),
  repeat: (id) =>
    exchange(`${env.CLICKHOUSE_URL}/?wait_end_of_query=1&async_insert=0`, {
      method: 'POST',
      body: `INSERT INTO argus.ledger SELECT * FROM argus.ledger WHERE id = '${id}' LIMIT 1`,
    }),
};

const readRows = () =>
  query(`
    SELECT toString(booking_id) AS booking, version, toString(status) AS status, toString(host) AS host,
      toUnixTimestamp(slot_start) AS start, toUnixTimestamp(slot_end) AS end, toString(calendar) AS calendar, name, held
    FROM argus.consulting_bookings FINAL ORDER BY booking_id`);

// ---- The appends, as the proxy saw them ----

const appends = new Map(); // the proxy's number → entry
let oldest = 0; // everything up to here has ended

async function readAppends(isLast = false) {
  const list = await control('GET', 'clickhouse', `requests/${oldest}`);
  let ended = true;
  for (const request of list) {
    const old = Date.now() - Date.parse(request.time) > 20_000;
    if (request.status === undefined && !old && !isLast) ended = false;
    if (ended) oldest = request.n;
    const found = /^INSERT INTO ledger [^\n]*\n([^\t]+)\t([^\t]+)\t([^\t]+)/.exec(request.body);
    if (found) appends.set(request.n, { ...request, id: found[1], kind: found[2], booking: found[3] });
  }
}

/** How long an append takes, of late: the median. */
function appendMs() {
  const list = [...appends.values()].slice(-40).filter(({ status, fault }) => status === 200 && !fault).map(({ ms }) => ms);
  return list.length ? list.sort((a, b) => a - b)[list.length >> 1] : 5;
}

// ---- The run ----

const ca = readFileSync(env.CA_CERT);
const titles = problemTitles(join(env.TEMPLATES, 'en', 'messages.ini'));
const site = new Site({ base: env.BASE_URL, ca, titles });
const starts = new Set(); // that prospects have seen, in seconds
const prospects = new Prospects({
  seed,
  site,
  actors: profile.actors ?? Number(actorsText),
  habits: profile.habits,
  record: (line) => {
    for (const slot of line.seen?.open ?? []) starts.add(Date.parse(slot) / 1000);
    record(line);
  },
});

await control('POST', 'google', 'config', { per_minute: 0 });
await control('POST', 'resend', 'config', { per_second: 0 });

const spoolDir = join(env.STAND_DIR, 'spool');
const overtaken = new Set(); // keys of mails about what a ledger that is no more overtook

/** A few bookings, and a new ledger from them; of the workers one still knows the old one, and
 * sleeps until the new one has grown past it. Before it is made everybody was told: the rows of cancelled calls have
 * no time, and without one nobody can be told of them later. */
async function rebuild() {
  const early = new Prospects({ seed: `${seed}/early`, site, actors: 4, record() {} });
  const running = early.run();
  await sleep(2500);
  early.stop();
  await running;
  await settle();
  const rows = new Map((await readRows()).map(({ booking, version }) => [booking, version]));
  for (const { idempotency_key: key } of (await control('GET', 'resend', 'summary')).mails) {
    const [, booking, version] = /^(.{36})-(\d+)-mail$/.exec(key) ?? [];
    if (booking && rows.get(booking) !== Number(version)) overtaken.add(key);
  }
  if (env.COURIER_PID) childrenOf(env.COURIER_PID).forEach((pid) => process.kill(pid, 'SIGSTOP'));
  const { number } = (await stand.ledger()).at(-1);
  const [old, ...clickers] = childrenOf(env.CLICKERS_PID);
  const others = [...clickers, ...childrenOf(env.WORKERS_PID)];
  process.kill(old, 'SIGSTOP');
  execFileSync(join(env.SLOTGUARD_BUILD, 'slotguardctl'), ['-c', env.CONF, 'ledger', 'rebuild', '--yes'], { stdio: 'ignore' });
  for (const pid of others) process.kill(pid, 'SIGKILL');
  if (env.COURIER_PID) childrenOf(env.COURIER_PID).forEach((pid) => process.kill(pid, 'SIGKILL'));
  await sleep(500);
  const wake = async () => {
    for (const until = performance.now() + 30_000; performance.now() < until; await sleep(50))
      if ((await stand.ledger()).at(-1).number > number) break;
    process.kill(old, 'SIGCONT');
  };
  wake();
}
if (profile.isRebuilt) await rebuild();

let { lines } = profile;
const spoolLimit = lines.includes('spool') ? limitSpool(spoolDir) : 'nothing';
if (spoolLimit === 'nothing') lines = lines.filter((line) => line !== 'spool');
if (!env.CLOCK_FILE) lines = lines.filter((line) => line !== 'clock');
const impossible = profile.lines.filter((line) => !lines.includes(line));
const mayTrace = canTrace();
if (!mayTrace) impossible.push('commits');
const nemesis = new Nemesis({
  seed, env, stand, record, lines, spoolLimit, clockFile: env.CLOCK_FILE, canTrace: mayTrace, slots: () => [...starts].sort((a, b) => a - b), appendMs,
});

record({
  t: 'run', seed, seconds, profile: profileName, actors: prospects.actors, lines, impossible, spool: spoolLimit,
  host: setting('site', 'host', 'main'),
  buffer_before: 60 * Number(setting('hours', 'buffer_before', 0)),
  buffer_after: 60 * Number(setting('hours', 'buffer_after', 0)),
  slot_s: 60 * Number(setting('hours', 'slot_minutes', 30)),
  cap: Number(setting('hours', 'max_per_day', 0)),
  calls_per_address: Number(setting('fair', 'calls_per_address', 0)),
  stale_ms: 1000 * Number(setting('google', 'stale_s', 900)),
  courier: Boolean(env.COURIER_PID),
  clock_difference: clockDifference,
  began: performance.now(),
});

/** Whether ClickHouse has answered an append with success of which no row is there. */
const isRowlessSeen = () => withoutRow([...appends.values()]).length > 0;

let ending = performance.now() + seconds * 1000;
const last = ending + (until === 'rowless' ? 9 * seconds * 1000 : 0);
const running = Promise.all([prospects.run(), nemesis.run()]);
running.catch((error) => {
  console.error(error);
  process.exit(3);
});
while (performance.now() < ending) {
  await sleep(Math.min(3000, Math.max(1, ending - performance.now())));
  await readAppends();
  if (performance.now() >= ending && ending < last && !isRowlessSeen()) ending = Math.min(last, ending + 3000);
}
prospects.stop();
nemesis.stop();
await running;
await prospects.idle();
await nemesis.heal();

// ---- Quiet: nothing that a worker still holds arrives any more ----

const timeouts = 2 * Number(setting('clickhouse', 'timeout_ms', 4000)) + Number(setting('google', 'timeout_ms', 8000));
const quietSince = { count: -1, at: performance.now() };
while (performance.now() - quietSince.at < Math.max(3000, timeouts + 1000)) {
  const [{ count }] = await query('SELECT count() AS count FROM argus.ledger');
  if (count !== quietSince.count) Object.assign(quietSince, { count, at: performance.now() });
  await sleep(250);
}

/** Whether the courier has supplied what follows: every row, event, mail, and the spool's briefs. */
async function isSettled() {
  const entries = await stand.ledger();
  const { judged } = replay(entries);
  const last = new Map(); // booking → its last command, and the versions of its last call
  for (const [i, { verdict, version }] of judged.entries()) {
    if (!i || verdict !== 'accepted') continue;
    const { booking, start, end } = entries[i], before = last.get(booking);
    const isCall = takes(entries[i]);
    const call = before?.isCall || !isCall ? before?.call ?? [] : [];
    last.set(booking, { version, isCall, start, end, call: isCall ? [...call, version] : call });
  }
  const done = new Set((await query("SELECT DISTINCT concat(toString(booking_id), '-', toString(version)) AS alert FROM argus.deliveries WHERE duty IN ('alert', 'new_lead') AND state IN ('done', 'skipped')")).map(({ alert }) => alert));
  const list = await readRows();
  const rows = new Map(list.map(({ booking, version }) => [booking, version]));
  const { events } = await control('GET', 'google', 'summary');
  const { mails } = await control('GET', 'resend', 'summary');
  const sent = new Set(mails.map(({ idempotency_key: key }) => key));
  const alive = new Map(events.filter(({ id, status }) => status !== 'cancelled' && !id.startsWith('mine')).map((event) => [event.id, event]));
  // What is held is answered by mail alone, and a brief that came twice is told of once.
  for (const { booking, held } of list) if (!held && !done.has(`${booking}-0`)) return false;
  for (const [booking, { version, isCall, start, end, call }] of last) {
    // A call that began before its mail could leave is told of in another.
    const isMailed = (told) => sent.has(`${booking}-${told}-mail`) || sent.has(`${booking}-${told}-begun`);
    // A call that was never announced need not be called off.
    const isOwed = isCall || call.some(isMailed);
    if (!done.has(`${booking}-${version}`)) return false;
    if (rows.get(booking) !== version || (isOwed && !isMailed(version))) return false;
    if (!isCall) continue;
    const id = `${booking.replaceAll('-', '')}v${version}`, event = alive.get(id);
    if (Date.parse(event?.start.dateTime) !== start * 1000 || Date.parse(event.end.dateTime) !== end * 1000) return false;
    alive.delete(id);
  }
  return alive.size === 0 && !readdirSync(spoolDir).some((name) => name.endsWith('.json'));
}
async function settle() {
  let settled = !env.COURIER_PID;
  for (const until = performance.now() + settleText * 1000; !settled && performance.now() < until; await sleep(1000)) settled = await isSettled();
  return settled;
}
const settled = await settle();
await prospects.readAll();
await readAppends(true);

// ---- What stands in the end ----

for (const { id, token, kind, booking, time, ms, status, carried_out, fault } of appends.values())
  record({ t: 'insert', id, token, kind, booking, at: Date.parse(time) - clockDifference, ms, status: status ?? null, carried_out, fault });
for (const entry of await stand.ledger()) record({ t: 'ledger', ...entry });
for (const row of await readRows()) record({ t: 'row', ...row });
const { events } = await control('GET', 'google', 'summary');
for (const { id, status, start, end, created, updated, extendedProperties } of events)
  record({
    t: 'event', id, status, booking: extendedProperties?.private?.slotguard,
    start: Date.parse(start.dateTime) / 1000, end: Date.parse(end.dateTime) / 1000,
    created: Date.parse(created) - clockDifference, updated: Date.parse(updated) - clockDifference,
  });
const { mails } = await control('GET', 'resend', 'summary');
for (const { to, subject, idempotency_key: key } of mails) if (!overtaken.has(key)) record({ t: 'mail', to, subject, key });
const { messages } = await control('GET', 'telegram', 'summary');
for (const { text } of messages) record({ t: 'alert', text });
for (const name of readdirSync(spoolDir).sort()) {
  if (name === 'filler') continue;
  const line = { t: 'spool', name };
  try {
    const brief = JSON.parse(readFileSync(join(spoolDir, name), 'utf8'));
    record({ ...line, booking: brief.booking_id, person: brief.name });
  } catch (error) {
    record({ ...line, broken: error.message });
  }
}
record({ t: 'end', at: performance.now(), settled });
site.close();
await new Promise((resolve) => file.end(resolve));
process.exit(0);
