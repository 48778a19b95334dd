// SPDX-License-Identifier: MIT
// faults.mjs: what shall go wrong, for which requests and how often
//
// A fault is {kind, route, match, when, times, after, …}. It concerns the requests of one route
// ('events.insert', 'events.*' or '*', the default) whose address or body contains `match`. It
// lets `after` of them pass first, or all until some request with the text `since` has come, and
// then strikes `times` of them (absent: until it is cleared).
// `when` is 'before' (the default: the request is not carried out), 'after' (it is carried out,
// but its answer suffers) or 'middle' (the same, in the middle of the answer).

export const KINDS = {
  latency: 'waits ms milliseconds, then goes on',
  hang: 'never answers',
  hold: 'waits until the faults are cleared, then carries the request out, whether or not its sender still waits',
  reset: 'cuts the connection',
  truncate: 'carries out, announces the whole answer and cuts the connection in the middle of it',
  garbage: 'answers 200 with body, or with something that is no answer',
  status: 'answers status with reason, retry_after, headers or a body of its own',
  refuse: 'takes no connection at all until it is cleared, or for ms milliseconds',
  kill: "the proxy: ends ClickHouse, whose pid stands in pid_file, ms milliseconds after the request was passed on",
  settings: 'the proxy: ClickHouse goes by these, limit=1&offset=2, whatever the query says',
  calendar_errors: 'freeBusy: a 200 whose calendars have errors with reason',
  expires_in: 'token: tokens that live for seconds seconds',
};

/** Is the route the one that is meant? 'events.*' is each that begins so, and '*' all. */
export const isOf = (pattern, route) =>
  pattern === '*' || pattern === route ||
  (pattern.endsWith('*') && route.startsWith(pattern.slice(0, -1)));

export class Faults {
  #list = [];
  #cleared = [];
  #door;
  refusing = false;

  constructor(door) {
    this.#door = door;
  }

  add(given) {
    const list = Array.isArray(given) ? given : [given];
    for (const fault of list) {
      if (!fault || !Object.hasOwn(KINDS, fault.kind))
        throw new Error(`A fault needs a kind, one of: ${Object.keys(KINDS).join(', ')}.`);
      if (!['before', 'after', 'middle'].includes(fault.when ?? 'before'))
        throw new Error('when is before, after or middle.');
      if (fault.kind === 'status' && !(fault.status >= 200 && fault.status <= 599))
        throw new Error('A fault of kind status needs a status from 200 to 599.');
    }
    for (const fault of list) {
      if (fault.kind === 'refuse') {
        this.refusing = true;
        this.#door.shut();
        if (fault.ms) setTimeout(() => this.#admit(), fault.ms);
      } else {
        this.#list.push({ route: '*', when: 'before', ...fault, hits: 0 });
      }
    }
  }

  list() {
    return this.#list;
  }

  async clear() {
    this.#list = [];
    for (const release of this.#cleared.splice(0)) release();
    await this.#admit();
  }

  #admit() {
    this.refusing = false;
    return this.#door.open();
  }

  /** The fault for this request, or undefined; counts it. */
  take(route, text) {
    for (const fault of this.#list) {
      if (fault.since) {
        if (text.includes(fault.since)) delete fault.since;
        continue;
      }
      if (!isOf(fault.route, route)) continue;
      if (fault.match && !text.includes(fault.match)) continue;
      if (fault.after > 0) {
        fault.after--;
        continue;
      }
      fault.hits++;
      if (fault.times !== undefined && --fault.times <= 0)
        this.#list = this.#list.filter((other) => other !== fault);
      return fault;
    }
    return undefined;
  }

  /** Resolves when the faults are cleared the next time. */
  untilCleared() {
    return new Promise((resolve) => this.#cleared.push(resolve));
  }
}
