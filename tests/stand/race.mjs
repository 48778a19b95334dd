// SPDX-License-Identifier: MIT
// race.mjs: many prospects at once, each over a TLS connection of its own
//
//   node race.mjs clicks ROUNDS   each round all of them click one slot at the same time
//   node race.mjs kills ROUNDS    the same, while workers are killed
//   node race.mjs mixed ROUNDS    a few bookings, each open in several tabs that click, move and
//                                 cancel on few slots, while workers are killed
//
// It fails when an answer is unclear, when not exactly one click of a round wins, or when what was
// answered is not what the ledger holds by the replay of replay.mjs. BASE_URL, CA_CERT, WORKERS_PID,
// CLICKERS_PID, CLICKHOUSE_URL and CONTROL_URL are the stand's.

import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ledger, replay } from './replay.mjs';

const CLIENTS = 64;
const TABS = 4;
const KILLS_A_ROUND = 4;
const [, , mode, roundsText] = process.argv;
const rounds = Number(roundsText);
const ca = readFileSync(process.env.CA_CERT);
const kills = mode !== 'clicks';

function check(is, text) {
  if (!is) throw new Error(text);
}
const pick = (list) => list[randomInt(list.length)];
const wire = (seconds) => new Date(seconds * 1000).toISOString().replace(/:00\.000Z$/, 'Z');

// ---- A prospect ----

class Prospect {
  #agent = new https.Agent({ ca, keepAlive: true, maxSockets: 1 });
  booking = '';
  version = '';

  #once(method, path, form) {
    return new Promise((resolve) => {
      const body = form && new URLSearchParams(form).toString();
      const headers = { accept: 'text/html', ...(body ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) };
      const req = https.request(process.env.BASE_URL + path, { method, headers, agent: this.#agent }, (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (part) => (text += part));
        reply.on('end', () => resolve({ status: reply.statusCode, location: reply.headers.location, text }));
        reply.on('error', () => resolve({ status: 0, text: '' }));
      });
      req.on('error', () => resolve({ status: 0, text: '' }));
      req.end(body);
    });
  }

  /** A broken connection, or nginx's word for one, is no answer: the prospect asks again. */
  async ask(method, path, form) {
    for (let tries = 0; tries < 40; tries++) {
      const answer = await this.#once(method, path, form);
      if (![0, 502, 504].includes(answer.status)) return answer;
      check(kills, `${method} ${path} is answered with ${answer.status}, and no worker was killed`);
      await sleep(50);
    }
    throw new Error(`${method} ${path} gets no clear answer`);
  }

  async brief(name) {
    const form = await this.ask('GET', '/');
    const [, token] = /name="token" value="([0-9a-f]+)"/.exec(form.text);
    const answer = await this.ask('POST', '/api/book', { token, name, email: 'race@example.com', brief: 'A race.' });
    check(answer.status === 303, `a brief is answered with ${answer.status}`);
    this.booking = answer.location.split('=')[1];
    this.version = '0';
  }

  async look() {
    const { status, text } = await this.ask('GET', `/schedule?bookingId=${this.booking}`);
    check(status === 200, `a page is answered with ${status}`);
    this.#note(text);
    return [...text.matchAll(/name="slot" value="([^"]+)"/g)].map(([, slot]) => slot);
  }

  #note(text) {
    this.version = /name="version" value="(\d+)"/.exec(text)?.[1] ?? this.version;
  }

  async click(slot) {
    const answer = await this.ask('POST', '/api/schedule', { bookingId: this.booking, version: this.version, slot });
    this.#note(answer.text);
    return answer;
  }

  async cancel() {
    const answer = await this.ask('POST', '/api/cancel', { bookingId: this.booking, version: this.version });
    this.#note(answer.text);
    return answer;
  }
}

const prospects = Array.from({ length: CLIENTS }, () => new Prospect());

// ---- Workers that die ----

function workerPids() {
  const { WORKERS_PID, CLICKERS_PID } = process.env;
  return [WORKERS_PID, CLICKERS_PID].flatMap((pool) =>
    readFileSync(`/proc/${pool}/task/${pool}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number));
}

/** Kills some of them, spread over the work that is under way. */
async function killing(work) {
  let busy = true;
  const done = work.finally(() => (busy = false));
  for (let n = 0; busy && n < KILLS_A_ROUND; n++) {
    await Promise.race([sleep(randomInt(5, 250)), done]);
    const pids = workerPids();
    if (!busy || !pids.length) continue;
    try {
      process.kill(pick(pids), 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  return done;
}
const round = (work) => (kills ? killing(work) : work);

// ---- One slot, many clicks ----

const isGone = ({ status, text }, slot) =>
  status === 409 && text.includes('That time has just gone') &&
  /name="slot" value=/.test(text) && !text.includes(`name="slot" value="${slot}"`);

async function clicks() {
  const won = new Map();
  await Promise.all(prospects.map((p, n) => p.brief(`Racer ${n}`)));
  for (let n = 0; n < rounds; n++) {
    const open = await prospects[0].look();
    check(open.length > 0, 'no slot is open any more');
    const slot = pick(open.slice(0, 60));
    const answers = await round(Promise.all(prospects.map((p) => p.click(slot))));
    const winners = prospects.filter((_, i) => answers[i].status === 303);
    check(winners.length === 1, `${winners.length} clicks on ${slot} win`);
    answers.forEach((answer, i) =>
      check(prospects[i] === winners[0] || isGone(answer, slot), `a click on ${slot} is answered with ${answer.status}: ${answer.text.slice(0, 600)}`));
    won.set(slot, winners[0].booking);
    await winners[0].brief(`Racer ${n} again`);
  }
  const { bookings } = replay(await ledger());
  const live = new Map([...bookings].filter(([, { live }]) => live).map(([id, { live }]) => [wire(live.start), id]));
  for (const [slot, booking] of won)
    check(live.get(slot) === booking, `${slot} was given to ${booking}, and the ledger has ${live.get(slot)}`);
  for (const { booking } of prospects)
    check(!bookings.get(booking)?.live, `${booking} holds ${wire(bookings.get(booking)?.live?.start ?? 0)}, and was told that it was gone`);
}

// ---- Bookings that are open in several tabs ----

async function mixed() {
  const said = []; // {booking, slot}: answered with 303; without a slot: a cancel
  await Promise.all(prospects.slice(0, CLIENTS / TABS).map((p, n) => p.brief(`Mover ${n}`)));
  prospects.forEach((p, n) => Object.assign(p, { booking: prospects[n % (CLIENTS / TABS)].booking, version: '0' }));
  const contested = (await prospects[0].look()).slice(-12);
  check(contested.length === 12, 'too few slots are open');

  const step = async (p) => {
    const dice = randomInt(100);
    if (dice < 15) {
      await p.look();
      return;
    }
    const slot = dice < 75 ? pick(contested) : undefined;
    const answer = slot ? await p.click(slot) : await p.cancel();
    check([303, 409].includes(answer.status), `${slot ?? 'a cancel'} is answered with ${answer.status}: ${answer.text.slice(0, 600)}`);
    if (answer.status !== 303) return;
    said.push({ booking: p.booking, slot });
    await p.look();
  };
  for (let n = 0; n < rounds; n++) await round(Promise.all(prospects.map(step)));

  const { verdicts, bookings } = replay(await ledger());
  const accepted = new Set(
    verdicts.filter(({ verdict }) => verdict === 'accepted')
      .map(({ entry }) => `${entry.booking} ${entry.kind === 'book' ? wire(entry.start) : entry.kind}`));
  for (const { booking, slot } of said)
    check(accepted.has(`${booking} ${slot ?? 'cancel'}`), `${booking} was told that ${slot ?? 'the cancel'} is done, and it is not in the ledger`);
  check(said.some(({ slot }) => slot) && said.some(({ slot }) => !slot), 'nothing was booked or nothing cancelled');

  // What each booking shows in the end is what the replay says.
  for (const p of prospects.slice(0, CLIENTS / TABS)) {
    const { text } = await p.ask('GET', `/booking?bookingId=${p.booking}`);
    const own = bookings.get(p.booking);
    const shown = /<time datetime="([^"]+)"/.exec(text)?.[1];
    check(shown === (own?.live && wire(own.live.start)) || (!shown && !own?.live), `${p.booking} shows ${shown}, and the ledger has another`);
  }
}

await (mode === 'mixed' ? mixed() : clicks());
process.exit(0);
