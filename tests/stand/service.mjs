// SPDX-License-Identifier: MIT
// service.mjs: one HTTP server of the stand: its routes, its faults, its log and its control
//
// A stand-in says what it answers; everything that can go wrong on the way is done here, the same
// for each of them. Under /_stand/ is what the tests use; see control().

import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Faults, isOf } from './faults.mjs';
import { page } from './page.mjs';

const LOG_ENTRIES = 5000;
const BODY_BYTES = 8 << 20;

/** A listening socket on 127.0.0.1 that can be shut and opened again on the same port. */
export class Door {
  #server;
  #wanted = false;
  #opening = null;
  port = 0;

  constructor(handler) {
    this.#server = http.createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, handler);
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  open() {
    this.#wanted = true;
    this.#opening ??= this.#listen().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #listen() {
    while (this.#wanted && !this.#server.listening) {
      const failed = await new Promise((resolve) => {
        this.#server.once('error', resolve);
        this.#server.listen(this.port, '127.0.0.1', () => {
          this.#server.removeListener('error', resolve);
          resolve(null);
        });
      });
      if (!failed) this.port = this.#server.address().port;
      else if (failed.code === 'EADDRINUSE') await sleep(20);
      else throw failed;
    }
  }

  shut() {
    this.#wanted = false;
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export async function readBody(stream) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new Error('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers that nobody waits for any more are dropped without a word. */
export function send(res, { status = 200, headers = {}, body = '' }, { cut = false } = {}) {
  if (res.destroyed) return;
  const plain = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = Buffer.from(plain ? body : JSON.stringify(body));
  const type = plain ? {} : { 'content-type': 'application/json; charset=UTF-8' };
  if (status === 204) {
    res.writeHead(status, headers).end();
    return;
  }
  res.writeHead(status, { ...type, 'content-length': bytes.length, ...headers });
  if (!cut) {
    res.end(bytes);
    return;
  }
  res.write(bytes.subarray(0, bytes.length >> 1));
  setTimeout(() => res.socket?.resetAndDestroy(), 20);
}

export class Service {
  /**
   * stand: {name, routes: [{name, method, path, handle}], error(status, fault), mask(text),
   * config, state(), reset(), actions: {name: async (body) => answer}}
   */
  constructor(stand, standIns) {
    this.stand = stand;
    this.standIns = standIns;
    this.defaults = structuredClone(stand.config);
    this.log = [];
    this.count = 0;
    this.connections = 0;
    this.door = new Door((req, res) => this.#guarded(req, res));
    this.faults = new Faults(this.door);
  }

  state() {
    return {
      service: this.stand.name,
      ...this.stand.state(),
      config: this.stand.config,
      faults: this.faults.list(),
      requests: this.log,
    };
  }

  note(entry) {
    this.log.push({ n: ++this.count, time: new Date().toISOString(), ...entry });
    if (this.log.length > LOG_ENTRIES) this.log.shift();
    return this.log.at(-1);
  }

  async #guarded(req, res) {
    try {
      await this.serve(req, res);
    } catch (error) {
      if (!res.headersSent) send(res, { status: 500, body: { stand: String(error.stack) } });
      else res.destroy();
    }
  }

  async serve(req, res) {
    const raw = await readBody(req);
    const url = new URL(req.url, 'http://stand');
    if (url.pathname === '/') send(res, { status: 302, headers: { location: '/_stand/' } });
    else if (url.pathname.startsWith('/_stand/'))
      await this.control(req.method, url.pathname.slice('/_stand/'.length), raw, res);
    else await this.#answer(req, res, url, raw);
  }

  async #answer(req, res, url, raw) {
    const { routes, error, mask } = this.stand;
    let params = {};
    const route = routes.find((r) => {
      const found = r.method.includes(req.method) && r.path.exec(url.pathname);
      if (found) params = found.groups ?? {};
      return found;
    });
    const text = raw.toString();
    const entry = this.note({
      method: req.method,
      path: mask(req.url),
      route: route?.name ?? '-',
      body: mask(text),
      connection: (req.socket.number ??= ++this.connections),
    });
    const started = Date.now();
    const fault = this.faults.take(entry.route, req.url + '\n' + text);
    if (fault) entry.fault = fault.kind;
    const early = fault?.when === 'before';
    const done = (reply, how) => {
      entry.status = how?.lost ? null : reply.status ?? 200;
      entry.ms = Date.now() - started;
      if (!how?.lost) send(res, reply, how);
      reply.settle?.();
    };
    const own = () =>
      fault.kind === 'garbage'
        ? { status: 200, headers: fault.headers, body: fault.body ?? '<html>This is no answer.' }
        : fault.body !== undefined
          ? { status: fault.status, headers: fault.headers, body: fault.body }
          : error(fault.status, fault);

    if (early) {
      if (fault.kind === 'latency') await sleep(fault.ms ?? 1000);
      if (fault.kind === 'hold') await this.faults.untilCleared();
      if (fault.kind === 'hang') return;
      if (fault.kind === 'reset') {
        res.socket?.resetAndDestroy();
        return;
      }
      if (fault.kind === 'garbage' || fault.kind === 'status') {
        done(own());
        return;
      }
    }
    const reply = route
      ? await route.handle({
          method: req.method,
          path: url.pathname,
          query: url.searchParams,
          headers: req.headers,
          params: Object.fromEntries(
            Object.entries(params).map(([key, value]) => [key, decodeURIComponent(value)]),
          ),
          raw,
          text,
          fault,
        })
      : error(404, {});
    if (fault && !early) {
      if (fault.kind === 'latency') await sleep(fault.ms ?? 1000);
      if (fault.kind === 'hold') await this.faults.untilCleared();
      if (fault.kind === 'hang') {
        entry.carried_out = reply.status ?? 200;
        res.once('close', () => reply.settle?.());
        return;
      }
      if (fault.kind === 'reset') {
        entry.carried_out = reply.status ?? 200;
        if (fault.when === 'middle') done(reply, { cut: true });
        else {
          done(reply, { lost: true });
          res.socket?.resetAndDestroy();
        }
        return;
      }
      if (fault.kind === 'garbage' || fault.kind === 'status') {
        entry.carried_out = reply.status ?? 200;
        done({ ...own(), settle: reply.settle });
        return;
      }
    }
    done(reply, { cut: fault?.kind === 'truncate' });
  }

  /**
   * GET ''              a page for people
   * GET state           everything as JSON
   * GET summary         the same without the requests, which are a great deal
   * GET count/ROUTE     how many requests there were; a route may end in a star
   * GET requests/N      the requests after number N
   * GET|POST|DELETE faults
   * POST config         {key: value, …} over the present ones
   * POST reset          everything as at the start
   * POST <action>       what this stand-in has besides (events, revoke, …)
   */
  async control(method, path, raw, res) {
    const { stand } = this;
    const what = `${method} ${path}`;
    if (what === 'GET ') {
      send(res, page(this.standIns));
      return;
    }
    try {
      const body = raw.length ? JSON.parse(raw.toString()) : undefined;
      let answer = {};
      if (what === 'GET state') answer = this.state();
      else if (what === 'GET summary') answer = { ...this.state(), requests: undefined };
      else if (what.startsWith('GET count/'))
        answer = this.log.filter(({ route }) => isOf(path.slice('count/'.length), route)).length;
      else if (what.startsWith('GET requests/'))
        answer = this.log.filter(({ n }) => n > Number(path.slice('requests/'.length)));
      else if (what === 'GET faults') answer = this.faults.list();
      else if (what === 'POST faults') this.faults.add(body);
      else if (what === 'DELETE faults') await this.faults.clear();
      else if (what === 'POST config') this.#configure(body);
      else if (what === 'POST reset') {
        await this.faults.clear();
        this.log.length = 0;
        this.#configure(structuredClone(this.defaults));
        stand.reset();
      } else if (method === 'POST' && Object.hasOwn(stand.actions, path))
        answer = (await stand.actions[path](body ?? {})) ?? {};
      else {
        send(res, { status: 404, body: { stand: `There is no ${what} here.` } });
        return;
      }
      send(res, { body: answer });
    } catch (error) {
      send(res, { status: 400, body: { stand: error.message } });
    }
  }

  #configure(values) {
    for (const key of Object.keys(values))
      if (!Object.hasOwn(this.defaults, key))
        throw new Error(`config has no ${key}; it has: ${Object.keys(this.defaults).join(', ')}.`);
    Object.assign(this.stand.config, values);
  }
}

/** Says whether a request is still within `limit` a window; 0 is no limit. */
export class Rate {
  #times = [];

  allows(limit, window_ms) {
    const now = Date.now();
    this.#times = this.#times.filter((time) => time > now - window_ms);
    if (limit && this.#times.length >= limit) return false;
    this.#times.push(now);
    return true;
  }

  left(limit) {
    return Math.max(0, limit - this.#times.length);
  }

  clear() {
    this.#times = [];
  }
}
