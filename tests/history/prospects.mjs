// SPDX-License-Identifier: MIT
// prospects.mjs: what prospects do, and what is recorded of it
//
// A prospect sends a brief, looks, clicks, moves, cancels, reloads, clicks twice, has two tabs
// open, gives up, tries again. Which of them is decided by the actor's own stream of numbers; what
// is open to be clicked is the site's to say.

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stream } from './random.mjs';

const PATIENCE_MS = 15_000; // less than nginx's 30 s: whoever waits longer has gone
const HOT_MS = 1500; // for how long everybody wants the same slot
const LEFT = 5; // so many who have gone may keep their slots

// A problem's name → what the click was told.
const TOLD = {
  gone: 'gone',
  version: 'stale',
  overtaken: 'overtaken',
  version_needed: 'stale',
  not_booked: 'not_booked',
  not_offered: 'not_offered',
  too_late: 'too_late',
  waited: 'waited',
  closed: 'closed',
  changes: 'changes',
  address: 'address',
  erased: 'erased',
  not_found: 'not_found',
  unconfirmed: 'unconfirmed',
  ledger: 'paused',
  unavailable: 'unavailable',
  unsaved: 'unsaved',
};

function outcomeOf(op, answer) {
  const { status, seen = {} } = answer;
  if (!status) return 'none';
  // nginx's own pages: the worker may have done anything.
  if (status >= 502 && !seen.slug) return 'none';
  if (op === 'brief') {
    if (status === 303 || status === 201) return 'saved';
    if (status === 202) return 'queued';
  } else if (op === 'click' || op === 'cancel') {
    if (status === 303 || (status === 200 && !seen.slug)) return op === 'click' ? 'booked' : 'cancelled';
  } else if (status === 200) return 'shown';
  return TOLD[seen.slug] ?? 'error';
}

export class Prospects {
  #count = 0;
  #left = []; // who has gone and may hold a slot
  #running = new Set();

  /** habits: weights of what they do, over the usual ones; perPerson: all briefs of one are under one address. */
  constructor({ seed, site, record, actors, habits = {} }) {
    Object.assign(this, { seed, site, record, actors, habits });
    this.bookings = new Set();
    this.stopped = false;
    this.pages = new Set();
  }

  /** One request, recorded. */
  async send(op, actor, what, request) {
    const n = ++this.#count;
    const at = performance.now();
    const asked = this.site.ask({ patience_ms: PATIENCE_MS, ...request });
    this.#running.add(asked);
    const answer = await asked;
    const end = performance.now();
    this.#running.delete(asked);
    const { slug, version, state, slot, open, garbled } = answer.seen ?? {};
    const outcome = outcomeOf(op, answer);
    const booking = what.booking ?? answer.seen?.booking ?? /bookingId=([0-9a-f-]{36})/.exec(answer.location ?? '')?.[1];
    if (answer.status >= 500) this.#keepPage(answer);
    this.record({
      t: 'op', n, op, actor, ...what, booking, format: request.json || request.wantsJson ? 'json' : 'html',
      start: at, end, status: answer.status, outcome, slug, error: answer.error, location: answer.location,
      seen: op === 'brief' ? undefined : { version, state, slot, open, garbled },
    });
    if (booking && (outcome === 'saved' || op !== 'brief')) this.bookings.add(booking);
    return { ...answer, outcome, booking };
  }

  // What a page of an error says, once for each text.
  #keepPage({ status, body }) {
    const key = `${status} ${body}`;
    if (this.pages.has(key) || this.pages.size > 500) return;
    this.pages.add(key);
    this.record({ t: 'page', status, body: body.slice(0, 8000) });
  }

  idle() {
    return Promise.all([...this.#running]);
  }

  async run() {
    this.began = performance.now();
    await Promise.all(Array.from({ length: this.actors }, (_, i) => this.#act(`p${i}`)));
  }

  stop() {
    this.stopped = true;
  }

  /** Everybody's present wish among what is open. */
  #hot(open) {
    const bucket = Math.floor((performance.now() - this.began) / HOT_MS);
    return open[new Stream(this.seed, `hot/${bucket}`).int(0, 1_000_000) % open.length];
  }

  async #act(actor) {
    const random = new Stream(this.seed, `actor/${actor}`);
    await sleep(random.int(0, 1000));
    for (let life = 0; !this.stopped; life++) await this.#live(actor, life, random);
  }

  async #brief(actor, life, random) {
    const name = `Prospect ${actor}-${life}`;
    const email = this.habits.perPerson ? `${actor}@example.com` : `${actor}-${life}@example.com`;
    const fields = { name, email, company: '', brief: `About matter ${life}.` };
    const json = random.chance(0.4);
    const what = { name, email, key: undefined };
    let request = { method: 'POST', path: '/api/book' };
    if (json) {
      request = { ...request, json: fields };
      if (random.chance(0.5)) request.key = what.key = `key-${actor}-${life}`;
    } else {
      const form = await this.site.ask({ path: '/', patience_ms: PATIENCE_MS });
      if (!form.seen?.token) return undefined;
      what.key = form.seen.token;
      request = { ...request, form: { token: form.seen.token, ...fields } };
    }
    const sent = [this.send('brief', actor, what, request)];
    // Twice, where it is one lead.
    if (what.key && random.chance(0.15)) sent.push(this.send('brief', actor, what, request));
    const answers = await Promise.all(sent);
    if (answers.some(({ outcome }) => outcome === 'unsaved' || outcome === 'none') && random.chance(0.7)) {
      await sleep(random.int(50, 500));
      answers.push(await this.send('brief', actor, what, request));
    }
    return answers.find(({ outcome }) => outcome === 'saved')?.booking;
  }

  /** Looks at the open slots, or the booking; keeps what was seen. */
  async #look(me, op, random, patience_ms) {
    const wantsJson = op === 'slots' || random.chance(0.4);
    const path = { slots: '/api/slots', page: '/schedule', booking: '/booking' }[op];
    const answer = await this.send(op, me.actor, { booking: me.booking }, {
      path: `${path}?bookingId=${me.booking}`, wantsJson, ...(patience_ms ? { patience_ms } : {}),
    });
    this.#learn(me, answer);
    return answer;
  }

  #learn(me, { seen, outcome }) {
    if (!seen) return;
    if (seen.version !== undefined && seen.version !== me.version) {
      me.versions.push(seen.version);
      me.version = seen.version;
    }
    if (seen.open) me.open = seen.open;
    if (seen.state) me.state = seen.state;
    if (outcome === 'booked') me.state = 'booked';
    if (outcome === 'cancelled') me.state = 'cancelled';
  }

  async #click(me, slot, version, { json, patience_ms } = {}) {
    const fields = { bookingId: me.booking, slot, ...(version === undefined ? {} : { version }) };
    const answer = await this.send('click', me.actor, { booking: me.booking, slot, version }, {
      method: 'POST', path: '/api/schedule', ...(json ? { json: fields } : { form: fields }),
      ...(patience_ms ? { patience_ms } : {}),
    });
    this.#learn(me, answer);
    if (answer.outcome === 'booked' && answer.location) await this.#look(me, 'booking', me.random);
    return answer;
  }

  async #cancel(me, version, { json, patience_ms } = {}) {
    const fields = { bookingId: me.booking, ...(version === undefined ? {} : { version }) };
    const answer = await this.send('cancel', me.actor, { booking: me.booking, version }, {
      method: 'POST', path: '/api/cancel', ...(json ? { json: fields } : { form: fields }),
      ...(patience_ms ? { patience_ms } : {}),
    });
    this.#learn(me, answer);
    return answer;
  }

  async #live(actor, life, random) {
    const booking = await this.#brief(actor, life, random);
    if (!booking) {
      await sleep(random.int(300, 1500));
      return;
    }
    const me = { actor, booking, random, version: undefined, versions: [], open: [], state: undefined };
    for (let step = random.int(3, 9); step > 0 && !this.stopped; step--) {
      await this.#step(me, random);
      await sleep(random.int(0, 250));
    }
    this.#left.push(me);
    // Some come back and cancel, so that there is something to fight for.
    for (let i = 0; this.#left.length > LEFT && i < 2; i++) {
      const other = this.#left.shift();
      const answer = await this.#look(other, 'booking', random);
      if (answer.outcome !== 'shown') this.#left.push(other);
      else if (other.state === 'booked') {
        await this.#cancel(other, other.version, { json: random.chance(0.5) });
        if (other.state === 'booked') this.#left.push(other);
      }
    }
  }

  async #step(me, random) {
    const json = random.chance(0.5);
    const patience_ms = random.chance(0.07) ? random.int(2, 120) : undefined;
    const how = { json, patience_ms };
    await this.#look(me, random.weighted({ slots: 4, page: 5, booking: me.versions.length ? 3 : 0 }), random);
    if (me.version === undefined) return;
    if (!me.open.length) await sleep(random.int(50, 300));
    const slot = me.open.length ? (random.chance(0.55) ? this.#hot(me.open) : random.of(me.open)) : undefined;
    const { version } = me;
    // Together with others, at the same moment.
    if (random.chance(0.4)) await sleep(250 - ((performance.now() - this.began) % 250));
    const booked = me.state === 'booked';
    const what = random.weighted({
      click: slot ? 10 : 0,
      double: slot ? 3 : 0,
      tabs: me.open.length > 1 ? 3 : 0,
      old: slot && me.versions.length > 1 ? 2 : 0,
      bare: slot ? 1 : 0,
      odd: slot ? 0.3 : 0,
      cancel: booked ? 3 : slot ? 0.1 : 0.02,
      cancelTwice: booked ? 1 : 0,
      cancelAndMove: booked && slot ? 2 : 0,
      meanwhile: slot ? (this.habits.meanwhile ?? 1.5) : 0,
      devices: booked && me.open.length > 1 ? 2 : 0,
      reload: 1,
    });
    let answer;
    switch (what) {
      case 'click':
        answer = await this.#click(me, slot, version, how);
        break;
      case 'double':
        [answer] = await Promise.all([
          this.#click(me, slot, version, how),
          sleep(random.int(0, 30)).then(() => this.#click(me, slot, version, { json: random.chance(0.5) })),
        ]);
        break;
      case 'tabs': {
        const other = random.of(me.open.filter((open) => open !== slot));
        await Promise.all([this.#click(me, slot, version, how), this.#click(me, other, version, { json })]);
        break;
      }
      case 'old':
        await this.#click(me, slot, random.of(me.versions.slice(0, -1)), how);
        break;
      case 'bare':
        await this.#click(me, slot, undefined, how);
        break;
      case 'odd':
        await this.#click(me, slot.replace(/:\d\dZ$/, ':07Z'), version, how);
        break;
      case 'cancel':
        answer = await this.#cancel(me, version, how);
        break;
      case 'cancelTwice':
        await Promise.all([this.#cancel(me, version, how), this.#cancel(me, version, { json })]);
        break;
      case 'cancelAndMove':
        await Promise.all([this.#cancel(me, version, how), this.#click(me, slot, version, { json })]);
        break;
      // Looks in another tab while the click is still under way, and changes their mind there.
      case 'meanwhile': {
        const click = this.#click(me, slot, version, { json });
        await sleep(random.int(30, 500));
        const { seen } = await this.#look(me, 'booking', random);
        if (seen?.state === 'booked' && seen.version !== undefined && random.chance(0.8)) await this.#cancel(me, seen.version, { json });
        answer = await click;
        break;
      }
      // The telephone has its own page of the same booking; both change it, and each goes on from what it was told.
      case 'devices': {
        const phone = { ...me, versions: [] };
        const other = random.of(me.open.filter((open) => open !== slot));
        await this.#look(phone, 'booking', random);
        const changed = sleep(random.int(0, 400)).then(() =>
          random.chance(0.3) ? this.#cancel(phone, phone.version, { json }) : this.#click(phone, other, phone.version, { json }));
        answer = await this.#click(me, slot, version, how);
        await changed;
        await this.#look(phone, 'booking', random);
        if (phone.version !== undefined) await this.#click(phone, slot, phone.version, { json });
        await this.#look(me, 'booking', random);
        break;
      }
      default:
        await this.#look(me, random.of(['booking', 'page', 'slots']), random, patience_ms);
    }
    // Tries again what was not answered, and then looks what holds.
    if (answer && ['none', 'unconfirmed', 'unavailable'].includes(answer.outcome) && random.chance(0.6)) {
      await sleep(random.int(20, 600));
      if (what === 'cancel') await this.#cancel(me, version, { json });
      else await this.#click(me, slot, version, { json });
      await this.#look(me, 'booking', random);
    }
  }

  /** After the faults: what every prospect would read now. */
  async readAll() {
    const list = [...this.bookings];
    const next = async () => {
      for (let booking; (booking = list.pop()); )
        await this.send('booking', 'last', { booking }, { path: `/booking?bookingId=${booking}`, wantsJson: true });
    };
    await Promise.all(Array.from({ length: 4 }, next));
  }
}
