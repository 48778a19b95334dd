// SPDX-License-Identifier: MIT
// states.mjs: every page that a prospect may meet, and how it comes about
//
// Those in `more` are no golden pages: the ones that nginx has for its own errors are files already.
//
// A state is {name, reach}: reach() asks the real site and returns its answer. What it breaks on the
// way it mends again. Where the owner has to have configured something else, `keys` says what; reached()
// sees to that.

import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, booked, bookedAt, brief, click, configure, control, lead, mailed, open, send } from './site.mjs';

const faulty = async (service, fault, run) => {
  await control(service, 'POST', 'faults', fault);
  try {
    return await run();
  } finally {
    await control(service, 'DELETE', 'faults');
  }
};

/** A page that shows the version which another page has left behind. */
async function outdated() {
  const { booking, slot, version } = await booked(50);
  const { slots } = await open(booking);
  await click(booking, slots.find((other) => other > slot), version);
  return click(booking, slots[0], version);
}

async function gone(more = {}) {
  const booking = await lead();
  const { slots } = await open(booking);
  await click(await lead(), slots[30]);
  return click(booking, slots[30], 0, more);
}

/** Every day of the window is taken by an event of the owner's. */
async function full() {
  const booking = await lead();
  const { slots } = await open(booking);
  await control('google', 'POST', 'events', {
    summary: 'Away', start: { date: dated(-1) }, end: { date: dated(16) },
  });
  // The click asks the calendar itself, and the answer then serves the pages.
  await click(booking, slots[20]);
  const answer = await ask(`/schedule?bookingId=${booking}`);
  await control('google', 'POST', 'reset');
  await click(await lead(), slots[20]);
  return answer;
}

const { CONF, SLOTGUARD_BUILD, STAND_DIR } = process.env;
const templates = new URL('../../templates', import.meta.url).pathname;
const ctl = (...words) => execFileSync(`${SLOTGUARD_BUILD}/slotguardctl`, ['-c', CONF, ...words], { stdio: 'ignore' });
const show = ({ booking }, more) => ask(`/booking?bookingId=${booking}`, more);

/** A booking whose mail came to this end. */
async function withMail(index, state, more = {}) {
  const found = await booked(index, more);
  await mailed(found, state);
  return found;
}

const today = Date.parse(process.env.SLOTGUARD_TODAY ?? new Date().toISOString());
const dated = (ahead) => new Date(today + ahead * 86400e3).toISOString().slice(0, 10);
/** Ten in the evening of two days ago, as UTC counts them. */
const past = Math.floor(today / 86400e3 - 2) * 86400e3 + 22 * 3600e3;

/** An owner's templates with these words of theirs. */
function owned(name, words) {
  const from = /^templates = (.*)$/m.exec(readFileSync(CONF, 'utf8'))[1];
  const folder = join(STAND_DIR, name);
  cpSync(from, folder, { recursive: true });
  for (const [language, texts] of Object.entries(words)) {
    const file = join(folder, language, 'messages.ini');
    writeFileSync(file, Object.entries(texts).reduce((text, [key, value]) => text.replace(new RegExp(`^${key} =.*$`, 'm'), `${key} = ${value}`), readFileSync(file, 'utf8')));
  }
  return folder;
}
const telephone = {
  'site.video_url': '',
  'site.templates': owned('telephone', {
    en: { phone: 'By telephone: we call the number in your brief' }, he: { phone: 'בטלפון: נתקשר למספר שבפנייה' },
  }),
};
const street = { 'site.video_url': '', 'site.templates': owned('street', { en: { place: '12 Mill Lane, Burwick, first floor' } }) };
/** An owner who has said nothing. */
const bare = {
  'site.person': '', 'site.photo': '', 'site.video_url': '', 'site.after_url': '', 'site.templates': templates,
};
const long = { 'hours.window_days': 60 };
const few = { 'hours.days': 'Thu', 'hours.last_start': '09:00' };
const near = { 'hours.change_notice': '1000h' };
const spanish = { headers: { 'accept-language': 'es' } };
const german = { headers: { 'accept-language': 'de' } };
const hebrew = { headers: { 'accept-language': 'he' } };

export const states = [
  { name: 'brief', reach: () => ask('/') },
  { name: 'brief-faults', reach: () => ask('/api/book', { form: { name: '', email: 'ada', company: 'x'.repeat(101), brief: '' } }) },
  { name: 'brief-robot', reach: () => send({ leave_empty: 'http://spam.example' }) },
  { name: 'brief-too-long', reach: () => ask('/api/book', { form: { ...brief, brief: 'x'.repeat(70000) } }) },
  {
    name: 'brief-queued',
    reach: () => faulty('clickhouse', { kind: 'status', status: 500 }, () => send()),
  },
  { name: 'schedule', reach: async () => ask(`/schedule?bookingId=${await lead()}`) },
  { name: 'schedule-two-zones', reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=Asia/Kathmandu`) },
  {
    name: 'schedule-guessed',
    reach: async () => ask(`/schedule?bookingId=${await lead()}`, { headers: { 'cf-timezone': 'Europe/Madrid' } }),
  },
  { name: 'schedule-gone', reach: () => gone() },
  { name: 'schedule-not-offered', reach: async () => click(await lead(), '2020-01-01T00:00Z') },
  { name: 'schedule-move', reach: async () => ask(`/schedule?bookingId=${(await booked(60)).booking}`) },
  { name: 'schedule-zone-unknown', reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=Mars/Base`) },
  {
    name: 'schedule-unavailable',
    reach: async () => {
      const booking = await lead();
      return faulty('clickhouse', { kind: 'status', status: 500 }, () => ask(`/schedule?bookingId=${booking}`));
    },
  },
  { name: 'booked', reach: async () => ask(`/booking?bookingId=${(await booked(70)).booking}`) },
  { name: 'booked-two-zones', reach: async () => ask(`/booking?bookingId=${(await booked(80, { tz: 'Europe/Madrid' })).booking}`) },
  { name: 'booked-outdated', reach: outdated },
  { name: 'booked-arrived', reach: async () => show(await withMail(71, 'done')) },
  { name: 'booked-unsure', reach: async () => show(await withMail(72, 'unsure')) },
  { name: 'booked-refused', reach: async () => show(await withMail(73, 'failed')) },
  {
    name: 'booked-refused-fault',
    reach: async () => {
      const { booking, version } = await withMail(74, 'failed');
      return ask('/api/address', { form: { bookingId: booking, version, email: 'ada@exam ple.com' } });
    },
  },
  { name: 'booked-over', reach: async () => show({ booking: await bookedAt(past) }) },
  { name: 'booked-awaiting', reach: async () => ask(`/booking?bookingId=${await lead()}`) },
  {
    name: 'booked-unconfirmed',
    reach: async () => {
      const booking = await lead();
      const { slots } = await open(booking);
      return faulty('clickhouse', { kind: 'status', status: 500 }, () => click(booking, slots[90]));
    },
  },
  {
    name: 'cancelled',
    reach: async () => {
      const { booking, version } = await booked(100);
      await ask('/api/cancel', { form: { bookingId: booking, version } });
      return ask(`/booking?bookingId=${booking}`);
    },
  },
  {
    name: 'erased',
    reach: async () => {
      const { booking } = await booked(120);
      ctl('erase', '--yes', booking);
      return ask(`/booking?bookingId=${booking}`);
    },
  },
  { name: 'not-found', reach: () => ask('/booking?bookingId=00000000-0000-4000-8000-000000000001') },
  { name: 'link', reach: () => ask('/booking?bookingId=me') },
  { name: 'bad-request', reach: () => ask('/api/cancel', { form: { bookingId: 'me' } }) },
  { name: 'no-page', reach: () => ask('/nothing-here') },
  { name: 'no-method', reach: () => ask('/api/cancel') },
  { name: 'es-brief-faults', reach: () => ask('/api/book', { form: { name: '', email: '', brief: '' }, ...spanish }) },
  { name: 'es-schedule', reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=America/Bogota`, spanish) },
  { name: 'es-schedule-gone', reach: () => gone({ lang: 'es' }) },
  { name: 'es-booked', reach: async () => ask(`/booking?bookingId=${(await booked(110, { tz: 'Europe/Madrid' })).booking}`, spanish) },
  { name: 'de-schedule', reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=Europe/Berlin`, german) },
  { name: 'de-booked', reach: async () => ask(`/booking?bookingId=${(await booked(115, { tz: 'Europe/Berlin' })).booking}`, german) },
  { name: 'he-brief', reach: () => ask('/', hebrew) },
  { name: 'he-schedule', reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=Asia/Jerusalem`, hebrew) },
  { name: 'he-schedule-gone', reach: () => gone({ lang: 'he' }) },
  { name: 'he-booked', reach: async () => ask(`/booking?bookingId=${(await booked(112, { tz: 'Asia/Jerusalem' })).booking}`, hebrew) },
  { name: 'he-booked-refused', reach: async () => show(await withMail(113, 'failed', { tz: 'Asia/Jerusalem' }), hebrew) },
  { name: 'schedule-full', reach: full },
  { name: 'booked-near', keys: near, reach: async () => show(await booked(45)) },
  {
    name: 'booked-too-late',
    keys: near,
    reach: async () => {
      const { booking, version } = await booked(46);
      return ask('/api/cancel', { form: { bookingId: booking, version } });
    },
  },
  { name: 'schedule-long', keys: long, reach: async () => ask(`/schedule?bookingId=${await lead()}`) },
  { name: 'schedule-long-two-zones', keys: long, reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=Europe/Madrid`) },
  { name: 'he-schedule-long', keys: long, reach: async () => ask(`/schedule?bookingId=${await lead()}&tz=Asia/Jerusalem`, hebrew) },
  // Its first day is not today.
  { name: 'schedule-later', keys: { 'hours.window': `${dated(20)}..${dated(33)}` }, reach: async () => ask(`/schedule?bookingId=${await lead()}`) },
  { name: 'schedule-few', keys: few, reach: async () => ask(`/schedule?bookingId=${await lead()}`) },
  { name: 'brief-verify', keys: { 'fair.verify': 'yes' }, reach: () => send() },
  { name: 'brief-address-limit', reach: () => (ctl('block-address', 'often@example.com'), send({ email: 'often@example.com' })) },
  { name: 'brief-client-limit', keys: { 'fair.briefs_per_client': 1 }, reach: async () => (await send(), send()) },
  { name: 'brief-telephone', keys: telephone, reach: () => ask('/') },
  { name: 'booked-telephone', keys: telephone, reach: async () => show(await booked(47)) },
  { name: 'he-booked-telephone', keys: telephone, reach: async () => show(await booked(48, { tz: 'Asia/Jerusalem' }), hebrew) },
  { name: 'schedule-street', keys: street, reach: async () => ask(`/schedule?bookingId=${await lead()}`) },
  { name: 'brief-bare', keys: bare, reach: () => ask('/') },
  { name: 'schedule-bare', keys: bare, reach: async () => ask(`/schedule?bookingId=${await lead()}`) },
  { name: 'booked-bare', keys: bare, reach: async () => show(await booked(49)) },
];

/** The answer of a state, with the configuration that it needs. */
export async function reached({ keys, reach }) {
  await configure(keys);
  return reach();
}

/** Its list is that of the machine's zone data, so it is no golden page. */
const zones = { name: 'schedule-zones', reach: async () => ask(`/schedule?bookingId=${await lead()}&zones=all`) };

const errors = new URL('../../nginx/errors/', import.meta.url);
const { headers } = await ask('/');
export const more = [zones, ...readdirSync(errors)
  .filter((name) => name.endsWith('.html'))
  .map((name) => ({
    name: `nginx-${name.slice(0, -5)}`,
    reach: () => ({ status: 500, headers, html: readFileSync(new URL(name, errors), 'utf8') }),
  }))];
