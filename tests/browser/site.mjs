// SPDX-License-Identifier: MIT
// site.mjs: the stand's site and its world, for the programs of this folder

import https from 'node:https';
import { readFileSync } from 'node:fs';

const { BASE_URL, CA_CERT, CONTROL_URL } = process.env;
if (!BASE_URL) throw new Error('There is no stand: its env file says where it is.');
export const base = BASE_URL;

const agent = new https.Agent({ ca: readFileSync(CA_CERT), keepAlive: true });

/** One request; a form makes it a POST. → {status, headers, html} */
export function ask(path, { form, headers = {} } = {}) {
  const body = form && new URLSearchParams(form).toString();
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

export { brief };
