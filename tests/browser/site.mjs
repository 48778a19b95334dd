// SPDX-License-Identifier: MIT
// site.mjs: the stand's site and its world, for the programs of this folder

import { randomUUID } from 'node:crypto';
import https from 'node:https';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const { BASE_URL, CA_CERT, CLICKHOUSE_URL, CLICKERS_PID, CONF, CONTROL_URL, WORKERS_PID } = process.env;
if (!BASE_URL) throw new Error('There is no stand: its env file says where it is.');
export const base = BASE_URL;

const agent = new https.Agent({ ca: readFileSync(CA_CERT), keepAlive: true });

/** One request; a form makes it a POST. → {status, headers, html} */
export function ask(path, { form, headers = {} } = {}) {
  const body = form && new URLSearchParams(form).toString();
  headers = { 'x-forwarded-for': '192.0.2.7', ...headers };
  if (body !== undefined) headers = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const request = https.request(new URL(path, base), { agent, headers, method: form ? 'POST' : 'GET' }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, html: Buffer.concat(parts).toString() }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** What a stand-in is told: control('google', 'POST', 'faults', {…}). */
export async function control(service, method, path, body) {
  const answer = await fetch(`${CONTROL_URL}/${service}/_stand/${path}`, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${service} ${path}: ${await answer.text()}`);
  return answer.json();
}

const brief = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  company: 'Analytical Engines',
  brief: 'We weave patterns by hand and would rather have a machine do it.\nWhere would you start?',
};

/** The brief form, filled in and sent; → the answer. */
export async function send(fields = {}) {
  const { html } = await ask('/');
  const token = /name="token" value="([^"]*)"/.exec(html)[1];
  return ask('/api/book', { form: { token, ...brief, ...fields } });
}

/** A lead by the form; → its booking id. */
export async function lead(more = {}) {
  const { status, headers } = await send(more);
  if (status !== 303) throw new Error(`The brief got ${status}.`);
  return /bookingId=([0-9a-f-]+)/.exec(headers.location)[1];
}

/** The open slots of a booking: {version, slots: ['2026-12-01T13:00Z', …]}. */
export async function open(booking) {
  const { html } = await ask(`/api/slots?bookingId=${booking}`);
  const { version, slots } = JSON.parse(html);
  return { version, slots: slots.map(({ slot }) => slot) };
}

/** A click; → the answer. */
export const click = (bookingId, slot, version = 0, more = {}) =>
  ask('/api/schedule', { form: { bookingId, slot, version, ...more } });

/** A booking that has the open slot of this index; → {booking, version, slot}. */
export async function booked(index = 40, more = {}) {
  const booking = await lead(more);
  const { slots } = await open(booking);
  const slot = slots[index];
  const { status } = await click(booking, slot, 0, more);
  if (status !== 303) throw new Error(`The click on ${slot} got ${status}.`);
  return { booking, slot, version: (await open(booking)).version };
}

/** A statement of ClickHouse's, past the proxy. */
export async function sql(statement) {
  const answer = await fetch(CLICKHOUSE_URL, { method: 'POST', body: statement });
  if (!answer.ok) throw new Error(`${statement}: ${await answer.text()}`);
}

/** A booking whose call began at that time, which no page offers any more. */
export async function bookedAt(start, more = {}) {
  const booking = await lead(more);
  const [from, to, id] = [start / 1000, start / 1000 + 1800, randomUUID()];
  await sql(`INSERT INTO argus.ledger (id, kind, booking_id, version, host, call_start, call_end, taken_start, taken_end, calendar)
    SETTINGS async_insert = 0, insert_deduplicate = 1, insert_deduplication_token = '${id}'
    VALUES ('${id}', 'book', '${booking}', 0, 'main', ${from}, ${to}, ${from}, ${to}, 'fresh')`);
  return booking;
}

/** What a courier records of the mail of a booking: done, failed or unsure. */
export const mailed = ({ booking, version }, state) =>
  sql(`INSERT INTO argus.deliveries (booking_id, version, duty, state, at) SETTINGS async_insert = 0
    VALUES ('${booking}', ${version}, 'mail', '${state}', now64(3))`);

const workers = () =>
  [WORKERS_PID, CLICKERS_PID].flatMap((pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean));

const settings = readFileSync(CONF, 'utf8');
let keys = '{}';
/** The configuration with these keys, { 'hours.window_days': 60 }, and workers that have read it. */
export async function configure(wanted = {}) {
  if (JSON.stringify(wanted) === keys) return;
  keys = JSON.stringify(wanted);
  const left = Object.entries(wanted).reduce((text, [name, value]) => {
    const [section, key] = name.split('.');
    const at = text.indexOf(`[${section}]\n`) + section.length + 3;
    return `${text.slice(0, at)}${key} = ${value}\n${text.slice(at).replace(new RegExp(`^${key} = .*\\n`, 'm'), '')}`;
  }, settings);
  writeFileSync(CONF, left);
  const old = workers();
  for (const pid of old) process.kill(Number(pid), 'SIGTERM');
  while (workers().some((pid) => old.includes(pid))) await pause(20);
  // A worker that cannot read it would end at once, and another would begin.
  for (const [path, form] of [['/'], ['/api/cancel', { bookingId: 'none' }]])
    while ((await ask(path, { form })).status >= 500) await pause(50);
}

export { brief };
