// SPDX-License-Identifier: MIT
// nemesis.mjs: what goes wrong, when
//
// Each part of the world has a line of faults of its own: a pause, a fault, its end, a pause, …,
// all drawn from the line's stream of numbers. Lines run beside each other, so that faults of
// different parts meet; faults of one part never do, since clearing one clears all of its service.
// A fault is recorded when it has ended, with the time that it may have had an effect in.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { replay } from './ledger.mjs';
import { Stream } from './random.mjs';

const APPEND = 'INSERT INTO ledger';
const TRACE = ['-f', '-q', '--signal=none'];

/** What may be killed: the children of these keepers, by the names of their pids in the stand's environment. */
const KEEPERS = { worker: 'WORKERS_PID', clicker: 'CLICKERS_PID', courier: 'COURIER_PID', 'other courier': 'OTHER_COURIER_PID' };
const COURIERS = ['courier', 'other courier'];

const point = (s) => ({ dateTime: new Date(s * 1000).toISOString().slice(0, 19) + 'Z' });

export const childrenOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const signal = (pid, name) => {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
};

export class Nemesis {
  #stopped = false;
  #held = new Set(); // stopped processes
  #owned = new Map(); // the owner's live events

  /**
   * lines: names of the lines to run; slots(): starts in seconds that prospects have seen;
   * appendMs(): how long an append takes; canTrace: whether strace may be used.
   */
  constructor({ seed, env, stand, record, lines, slots, appendMs, spoolLimit, clockFile, canTrace }) {
    Object.assign(this, { seed, env, stand, record, lines, slots, appendMs, spoolLimit, clockFile, canTrace });
    this.counts = {};
  }

  async run() {
    await Promise.all(this.lines.map((line) => this.#line(line)));
  }

  stop() {
    this.#stopped = true;
  }

  async #line(line) {
    const random = new Stream(this.seed, `faults/${line}`);
    const { pause, faults } = this.#parts()[line];
    for (;;) {
      // Drawn before the pause, so that a stop in it changes nothing.
      const wait = random.int(...pause);
      const kind = random.weighted(Object.fromEntries(Object.entries(faults).map(([name, [weight]]) => [name, weight])));
      for (let left = wait; left > 0 && !this.#stopped; left -= 50) await sleep(Math.min(left, 50));
      if (this.#stopped) return;
      const start = performance.now();
      const detail = await faults[kind][1](random);
      if (detail === undefined) continue;
      this.counts[`${line} ${kind}`] = (this.counts[`${line} ${kind}`] ?? 0) + 1;
      this.record({ t: 'fault', part: line, kind, ...detail, start, end: performance.now() });
    }
  }

  #parts() {
    const proxied = (fault, ms) => async (random) => {
      const made = fault(random);
      await this.stand.fault('clickhouse', made);
      await sleep(random.int(...ms));
      await this.stand.clear('clickhouse');
      return { fault: made };
    };
    const google = (fault, ms) => async (random) => {
      const made = fault(random);
      await this.stand.fault('google', made);
      await sleep(random.int(...ms));
      await this.stand.clear('google');
      return { fault: made };
    };
    const mail = (service, fault, ms) => async (random) => {
      const made = fault(random);
      await this.stand.fault(service, made);
      await sleep(random.int(...ms));
      await this.stand.clear(service);
      return { service, fault: made };
    };
    // Between the note that a token is used and the row: the token is used up without one.
    const commits = {
      'kill at a commit': [1, (random) => this.#strikeCommit(random, 'EIO:signal=KILL')],
      'commit fails': [1, (random) => this.#strikeCommit(random, 'ENOSPC')],
      'disk full': [1, (random) => this.#strikeCommit(random, 'ENOSPC', 'mkdir')],
    };
    // Its requests of one kind are slow, and somewhere in one of them the courier is killed, or stops for a while,
    // sometimes for longer than it may hold a booking.
    const duty = (service, fault) => async (random) => {
      const made = { kind: 'latency', ms: 400, when: random.of(['before', 'after']), ...fault };
      const [wait, ms] = [random.int(100, 900), random.of([0, 0, 300, 3000, 22_000])];
      await this.stand.fault(service, made);
      await sleep(wait);
      const what = await this.#strikeCourier(ms);
      await this.stand.clear(service);
      return what && { ...what, fault: made };
    };
    const routes = ['*', 'freeBusy', 'events.*', 'events.insert', 'events.delete', 'token'];
    return {
      processes: {
        pause: [300, 2500],
        faults: {
          kill: [5, (random) => this.#kill(random)],
          stall: [4, (random) => this.#stall(random)],
        },
      },
      clickhouse: {
        pause: [1500, 6000],
        faults: {
          kill: [2, (random) => this.#killClickhouse(random)],
          'kill at an append': [6, (random) => this.#killAtAppend(random)],
          ...commits,
          stall: [2, (random) => this.#stallClickhouse(random)],
          'answer cut': [3, proxied((r) => ({ match: APPEND, kind: 'reset', when: r.of(['after', 'middle']), times: r.int(1, 4) }), [100, 900])],
          'request cut': [2, proxied((r) => ({ kind: 'reset', route: r.of(['*', 'insert', 'select']), times: r.int(1, 5) }), [100, 600])],
          'answers lost': [2, proxied(() => ({ kind: 'reset', when: 'after' }), [80, 600])],
          truncated: [1, proxied((r) => ({ kind: 'truncate', when: 'middle', times: r.int(1, 6) }), [100, 600])],
          latency: [2, proxied((r) => ({ kind: 'latency', when: r.of(['before', 'after']), route: r.of(['insert', 'select']), ms: r.int(50, 2200), times: r.int(1, 5) }), [300, 1500])],
          'append held': [3, proxied((r) => ({ kind: 'hold', match: APPEND, times: r.int(1, 3) }), [300, 3500])],
          'no connections': [1, proxied(() => ({ kind: 'refuse' }), [100, 1800])],
          'success without a row': [2, proxied((r) => ({ kind: 'garbage', body: '', match: APPEND, times: r.int(1, 2) }), [50, 500])],
          busy: [1, proxied((r) => ({ kind: 'status', status: 500, code: r.of([242, 243, 252, 202, 241]), route: r.of(['*', 'insert']) }), [100, 900])],
          hangs: [2, proxied((r) => ({ kind: 'hang', when: r.of(['before', 'after']), route: r.of(['*', 'insert', 'select']) }), [300, 3000])],
          'cut after the headers': [2, proxied((r) => ({ kind: 'reset', when: 'middle', route: r.of(['*', 'insert', 'select']), times: r.int(1, 6) }), [100, 900])],
          'deliveries refused': [2, proxied((r) => ({ kind: 'status', status: 500, code: 252, match: 'INTO deliveries', times: r.int(1, 6) }), [300, 2500])],
          'deliveries recorded, and nobody hears': [1, proxied((r) => ({ kind: 'reset', when: 'after', match: 'INTO deliveries', times: r.int(1, 4) }), [300, 1500])],
          'courier at a record': [2, duty('clickhouse', { match: 'INTO deliveries' })],
          'courier at a row': [1, duty('clickhouse', { match: 'INTO consulting_bookings' })],
        },
      },
      // Only those, and many.
      aimed: {
        pause: [100, 800],
        faults: { 'kill at an append': [3, (random) => this.#killAtAppend(random)], ...commits },
      },
      vanish: {
        pause: [400, 2500],
        faults: {
          'success without a row': [1, proxied((r) => ({ kind: 'garbage', body: '', match: APPEND, times: r.int(1, 3) }), [50, 600])],
        },
      },
      cuts: {
        pause: [100, 800],
        faults: {
          'answer cut': [2, proxied((r) => ({ match: APPEND, kind: 'reset', when: 'after', times: r.int(1, 4) }), [100, 600])],
          'answers lost': [3, proxied(() => ({ kind: 'reset', when: 'after' }), [40, 400])],
          'append held': [1, proxied((r) => ({ kind: 'hold', match: APPEND, times: r.int(1, 3) }), [300, 2500])],
        },
      },
      // The row is there, and its writer hears of it late.
      answers: {
        pause: [50, 300],
        faults: {
          'append answered late': [1, proxied((r) => ({ match: APPEND, kind: 'latency', when: 'after', ms: r.int(300, 900), times: r.int(1, 3) }), [200, 900])],
        },
      },
      // Cut for so long that the click has to say that it does not know.
      darkness: {
        pause: [600, 2500],
        faults: { 'answers lost': [1, proxied(() => ({ kind: 'reset', when: 'after' }), [3500, 5000])] },
      },
      google: {
        pause: [500, 4000],
        faults: {
          hang: [2, google((r) => ({ kind: 'hang', route: r.of(routes) }), [300, 4000])],
          refuse: [2, google(() => ({ kind: 'refuse' }), [300, 3000])],
          garbage: [1, google((r) => ({ kind: 'garbage', route: r.of(routes) }), [200, 2000])],
          status: [3, google((r) => ({ kind: 'status', status: r.of([500, 503, 401, 403, 429]), route: r.of(routes) }), [200, 3000])],
          'not checked': [2, google((r) => ({ kind: 'calendar_errors', route: 'freeBusy', reason: r.of(['internalError', 'notFound']) }), [200, 2500])],
          latency: [2, google((r) => ({ kind: 'latency', ms: r.int(50, 2500), route: r.of(routes) }), [300, 2500])],
          'answer cut': [2, google((r) => ({ kind: 'reset', when: r.of(['after', 'middle']), route: r.of(routes), times: r.int(1, 6) }), [200, 1500])],
          'courier at an event': [2, duty('google', { route: 'events.*' })],
          'tokens revoked': [1, async () => (await this.stand.post('google', 'revoke', { what: 'tokens' }), {})],
        },
      },
      // An event that Google writes just before the click would stop waiting.
      late: {
        pause: [50, 300],
        faults: {
          'late event': [1, google((r) => ({ kind: 'latency', route: 'events.insert', ms: r.int(4500, 5500), times: r.int(1, 2) }), [500, 900])],
        },
      },
      owner: {
        pause: [200, 1500],
        faults: { event: [3, (random) => this.#ownerEvent(random)], 'event removed': [2, (random) => this.#ownerRemoves(random)] },
      },
      // What the owner does to our own events, where the programs obey that.
      edits: {
        pause: [150, 900],
        faults: { 'event dragged': [3, (random) => this.#ownerDrags(random)], 'event deleted': [1, (random) => this.#ownerDeletes(random)], 'event undone': [1, (random) => this.#ownerUndoes(random)] },
      },
      mail: {
        pause: [1000, 5000],
        faults: {
          'answer cut': [3, mail('resend', (r) => ({ kind: 'reset', when: 'after', times: r.int(1, 4) }), [200, 2000])],
          status: [2, mail('resend', (r) => ({ kind: 'status', status: r.of([500, 429]), retry_after: 1, times: r.int(1, 4) }), [200, 2000])],
          refuse: [1, mail('resend', () => ({ kind: 'refuse' }), [200, 3000])],
          'courier at a mail': [1, duty('resend', {})],
          'courier at an alert': [1, duty('telegram', {})],
          'alerts refused': [1, mail('telegram', (r) => ({ kind: 'status', status: r.of([500, 429]), retry_after: 1, times: r.int(1, 4) }), [200, 2000])],
        },
      },
      down: {
        pause: [500, 2500],
        faults: { 'no connections': [1, proxied(() => ({ kind: 'refuse' }), [600, 2500])] },
      },
      spool: {
        pause: [4000, 12000],
        faults: { full: [1, (random) => this.#fillSpool(random)] },
      },
      repeats: {
        pause: [300, 1500],
        faults: { 'entry repeated': [1, (random) => this.#repeatEntry(random)] },
      },
      clock: {
        pause: [5000, 15000],
        faults: { step: [1, (random) => this.#stepClock(random)] },
      },
    };
  }

  // ---- processes ----

  #victims() {
    return Object.entries(KEEPERS).flatMap(([what, variable]) =>
      (this.env[variable] ? childrenOf(this.env[variable]) : []).map((pid) => ({ what, pid })));
  }

  async #kill(random) {
    const at = random.real();
    const many = random.chance(0.2);
    const victims = this.#victims();
    const chosen = many ? victims : victims.slice(Math.floor(at * victims.length)).slice(0, 1);
    for (const { pid } of chosen) signal(pid, 'SIGKILL');
    return chosen.length ? { what: chosen.map(({ what }) => what) } : undefined;
  }

  async #stall(random) {
    const at = random.real();
    const many = random.chance(0.15);
    const ms = random.int(50, random.chance(0.3) ? 5000 : 900);
    const victims = this.#victims();
    const chosen = many ? victims : victims.slice(Math.floor(at * victims.length)).slice(0, 1);
    for (const { pid } of chosen) if (signal(pid, 'SIGSTOP')) this.#held.add(pid);
    await sleep(ms);
    for (const { pid } of chosen) {
      signal(pid, 'SIGCONT');
      this.#held.delete(pid);
    }
    return chosen.length ? { what: chosen.map(({ what }) => what), ms } : undefined;
  }

  /** Kills a courier, or stops it for ms. */
  async #strikeCourier(ms) {
    const victim = this.#victims().find(({ what }) => COURIERS.includes(what));
    if (!victim || !signal(victim.pid, ms ? 'SIGSTOP' : 'SIGKILL')) return undefined;
    if (ms) this.#held.add(victim.pid);
    for (let left = ms; left > 0 && !this.#stopped; left -= 50) await sleep(Math.min(left, 50));
    if (ms) signal(victim.pid, 'SIGCONT');
    this.#held.delete(victim.pid);
    return { what: [victim.what], ms };
  }

  // ---- ClickHouse ----

  #clickhousePid() {
    return Number(readFileSync(join(this.env.STAND_DIR, 'clickhouse.pid'), 'utf8'));
  }

  #isClickhouseUp() {
    try {
      return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${this.#clickhousePid()}/stat`, 'utf8'));
    } catch {
      return false;
    }
  }

  /** Starts it again on the same data, and waits until it answers. */
  async #restart() {
    for (let i = 0; ; i++) {
      if (!this.#isClickhouseUp()) signal(Number(this.env.STAND_PID), 'SIGUSR1');
      for (let j = 0; j < 100; j++) {
        await sleep(20);
        if (this.#isClickhouseUp() && (await this.stand.clickhouseAnswers())) return;
      }
      if (i > 20) throw new Error('ClickHouse does not start again.');
    }
  }

  async #killClickhouse(random) {
    const ms = random.int(0, random.chance(0.3) ? 4000 : 500);
    signal(this.#clickhousePid(), 'SIGKILL');
    await sleep(ms);
    await this.#restart();
    return { ms };
  }

  /** At the moment of an append: after a part of the time that one takes now on this machine. */
  async #killAtAppend(random) {
    const ms = Math.round(random.real() * 1.2 * this.appendMs());
    const gap = random.chance(0.8) ? 0 : random.int(100, 2500);
    await this.stand.fault('clickhouse', {
      match: APPEND, kind: 'kill', ms, times: 1, pid_file: join(this.env.STAND_DIR, 'clickhouse.pid'),
    });
    for (let i = 0; i < 400 && this.#isClickhouseUp() && !this.#stopped; i++) await sleep(10);
    const struck = !this.#isClickhouseUp();
    await this.stand.clear('clickhouse');
    if (!struck) return undefined;
    await sleep(gap);
    await this.#restart();
    return { ms };
  }

  /**
   * The commit of one of the next appends: ClickHouse notes the token as used, and then renames the
   * part's folder, which shows the row. It does not get that far. At the folder's making nothing is there yet.
   */
  async #strikeCommit(random, error, call = 'rename') {
    const gap = random.chance(0.8) ? 0 : random.int(100, 2500);
    let parts;
    if (!this.canTrace) return undefined;
    try {
      parts = await this.stand.newParts(3000);
    } catch {
      return undefined;
    }
    const tracer = spawn('strace', [
      ...TRACE, '-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`, ...parts.flatMap((path) => ['-P', path]), '-p', String(this.#clickhousePid()),
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => tracer.on('close', resolve));
    const struck = await new Promise((resolve) => {
      tracer.stderr.on('data', (text) => /INJECTED|= [?]/.test(text) && resolve(true));
      tracer.on('close', () => resolve(false));
      setTimeout(() => resolve(false), 4000);
    });
    // Not SIGTERM: it then waits for each thread, and one of a dying process may never answer.
    tracer.kill('SIGKILL');
    await ended;
    if (struck && !this.#isClickhouseUp()) await sleep(gap);
    await this.#restart();
    return struck ? { error, call } : undefined;
  }

  async #stallClickhouse(random) {
    const ms = random.int(50, random.chance(0.3) ? 4000 : 1200);
    const pid = this.#clickhousePid();
    if (!signal(pid, 'SIGSTOP')) return undefined;
    this.#held.add(pid);
    await sleep(ms);
    signal(pid, 'SIGCONT');
    this.#held.delete(pid);
    return { ms };
  }

  /** A row of the ledger written once more under its own id, as if its token had been forgotten:
   * a refused one that would be accepted now, were it judged again. */
  async #repeatEntry(random) {
    const at = random.real();
    let entries;
    try {
      entries = await this.stand.ledger();
    } catch {
      return undefined;
    }
    const { judged } = replay(entries);
    const refused = entries.filter((_, i) => judged[i]?.verdict === 'overlap');
    const again = refused.slice(-12).filter((entry) => {
      const next = { ...entry, id: 'again', number: entries.at(-1).number + 1 };
      return replay([...entries, next]).judged.at(-1).verdict === 'accepted';
    });
    const entry = again.length ? again[Math.floor(at * again.length)] : entries[1 + Math.floor(at * (entries.length - 1))];
    if (!entry) return undefined;
    try {
      await this.stand.repeat(entry.id);
    } catch {
      return undefined;
    }
    return { id: entry.id };
  }

  // ---- Google's calendar, as its owner uses it ----

  async #ownerEvent(random) {
    const at = random.real();
    const shift = random.of([0, 0, 0, 10, -20]) * 60;
    const minutes = random.of([30, 30, 60, 5]);
    const slots = this.slots();
    if (!slots.length || this.#owned.size >= 3) return undefined;
    const start = slots[Math.floor(at * slots.length)] + shift;
    const event = { id: `mine${random.uuid().replaceAll('-', '')}`, start, end: start + minutes * 60 };
    await this.#putEvent(event, 'confirmed');
    this.#owned.set(event.id, event);
    return { event };
  }

  async #ownerRemoves(random) {
    const at = random.real();
    const events = [...this.#owned.values()];
    if (!events.length) return undefined;
    const event = events[Math.floor(at * events.length)];
    await this.#putEvent(event, 'cancelled');
    this.#owned.delete(event.id);
    return { event };
  }

  #putEvent({ id, start, end }, status) {
    return this.stand.post('google', 'events', { id, summary: 'Own', start: point(start), end: point(end), status });
  }

  /** One of the calls' events, by chance: what is to be changed of it. */
  async #anEvent(at, isDeleted = false) {
    const ours = (await this.stand.events()).filter(({ id, status }) => /v\d+$/.test(id) && (status === 'cancelled') === isDeleted).sort((a, b) => (a.id < b.id ? -1 : 1));
    const event = ours[Math.floor(at * ours.length)];
    return event && { id: event.id, booking: event.extendedProperties.private.slotguard, version: Number(event.id.split('v')[1]) };
  }

  async #ownerDrags(random) {
    const at = random.real(), to = random.real();
    const minutes = random.of([30, 30, 60]);
    const slots = this.slots();
    const event = await this.#anEvent(at);
    if (!event || !slots.length) return undefined;
    const start = slots[Math.floor(to * slots.length)], end = start + minutes * 60;
    await this.stand.post('google', 'edit', { id: event.id, start: point(start), end: point(end) });
    return { edit: { ...event, start, end } };
  }

  async #ownerDeletes(random) {
    const event = await this.#anEvent(random.real());
    if (!event) return undefined;
    await this.stand.post('google', 'edit', { id: event.id, status: 'cancelled' });
    return { edit: event };
  }

  /** One that was deleted, by whomever, is put back. */
  async #ownerUndoes(random) {
    const event = await this.#anEvent(random.real(), true);
    if (!event) return undefined;
    await this.stand.post('google', 'edit', { id: event.id, status: 'confirmed' });
    return { undone: event };
  }

  // ---- The spool's disk ----

  async #fillSpool(random) {
    const ms = random.int(1000, 6000);
    this.#filler(true);
    await sleep(ms);
    this.#filler(false);
    return { ms, how: this.spoolLimit };
  }

  #filler(on) {
    const dir = join(this.env.STAND_DIR, 'spool');
    if (this.spoolLimit === 'tmpfs') {
      const file = join(dir, 'filler');
      rmSync(file, { force: true });
      if (!on) return;
      const { bfree, bsize } = statfsSync(dir);
      try {
        writeFileSync(file, Buffer.alloc(bfree * bsize));
      } catch {
        // Filled by somebody else's file in between.
      }
    } else chmodSync(dir, on ? 0o500 : 0o700);
  }

  // ---- The workers' wall clock (libfaketime) ----

  async #stepClock(random) {
    // Clicks of a clock that is ahead by more than queue_ms have waited too long: mostly it is not.
    const by = random.of([-7200, -90, -5, -5, 2, 3, 3, 3, 60, 90000]);
    const ms = random.int(1500, 3000);
    if (!this.clockFile) return undefined;
    writeFileSync(this.clockFile, `${by < 0 ? by : `+${by}`}s\n`);
    await sleep(ms);
    writeFileSync(this.clockFile, '+0s\n');
    // The workers read it again within a second of their next look at the clock.
    await sleep(2500);
    return { by_s: by };
  }

  // ---- The end ----

  /** Everything as it should be. */
  async heal() {
    for (const pid of this.#held) signal(pid, 'SIGCONT');
    for (const service of ['google', 'resend', 'telegram', 'clickhouse']) await this.stand.clear(service);
    if (existsSync(join(this.env.STAND_DIR, 'spool'))) this.#filler(false);
    if (this.clockFile) writeFileSync(this.clockFile, '+0s\n');
    await this.#restart();
  }
}

/** Whether strace is there, and may look at a process of ours. */
export function canTrace() {
  const victim = spawn('sleep', ['10'], { stdio: 'ignore' });
  const { status } = spawnSync('timeout', ['0.5', 'strace', ...TRACE, '-e', 'trace=none', '-p', String(victim.pid)], { stdio: 'ignore' });
  victim.kill();
  return status === 124; // It would have gone on.
}

/** Whether a tmpfs can be put onto the spool: only root may. */
export function limitSpool(dir) {
  if (process.getuid() !== 0) return 'a folder without write permission';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'tmpfs', dir], { stdio: 'ignore' });
    return 'tmpfs';
  } catch {
    return 'nothing';
  }
}
