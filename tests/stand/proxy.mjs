// SPDX-License-Identifier: MIT
// proxy.mjs: what stands between the programs and ClickHouse, and passes on or does not
//
// The requests are read whole, so that a fault can look at the query; the answers are streamed.
// The route of a request is the first word of its query: insert, select, create, …
// As long as ClickHouse takes no connections, neither does the proxy.

import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Service, readBody, send } from './service.mjs';

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'expect'];

/** The headers to pass on, in their order; the length only where the body goes on as it came. */
function passable(rawHeaders, { length }) {
  const headers = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    if (!HOP_BY_HOP.includes(name) && (length || name !== 'content-length'))
      headers.push(rawHeaders[i], rawHeaders[i + 1]);
  }
  return headers;
}

/** ClickHouse may have ended by itself, or by another's hand. */
function kill(pidFile) {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  } catch {
    // There is nothing to end.
  }
}

export class Proxy extends Service {
  #upstream;

  constructor(upstream, standIns) {
    super(
      {
        name: 'clickhouse',
        config: {},
        routes: [],
        mask: (text) => text,
        state: () => ({ upstream: upstream.port }),
        reset() {},
        actions: {},
        error: (status, fault) => ({
          status,
          headers: fault.code ? { 'x-clickhouse-exception-code': String(fault.code) } : {},
          body: fault.message ?? 'Code: 999. DB::Exception: A fault of the stand.\n',
        }),
      },
      standIns,
    );
    this.#upstream = upstream;
  }

  /** Keeps one idle connection open: its end tells at once that ClickHouse has gone. */
  async watch() {
    for (;;) {
      const up = await new Promise((resolve) => {
        const socket = net.connect({ ...this.#upstream });
        let connected = false;
        socket.on('connect', () => {
          connected = true;
          if (!this.faults.refusing) this.door.open();
        });
        socket.on('error', () => {});
        socket.on('data', () => {});
        socket.on('close', () => resolve(connected));
      });
      if (!up) {
        this.door.shut();
        await sleep(25);
      }
    }
  }

  async serve(req, res) {
    const raw = await readBody(req);
    const url = new URL(req.url, 'http://stand');
    const sql = [url.searchParams.get('query'), raw.toString()].filter(Boolean).join('\n');
    const route = /^\s*([a-z]+)/i.exec(sql)?.[1].toLowerCase() ?? url.pathname.slice(1);
    const entry = this.note({ method: req.method, path: url.pathname, route, body: sql.slice(0, 300) });
    entry.token = url.searchParams.get('insert_deduplication_token') ?? undefined;
    const started = Date.now();
    const fault = this.faults.take(route, `${req.url}\n${sql}`);
    if (fault) entry.fault = fault.kind;
    const early = fault?.when === 'before' && fault.kind !== 'truncate';
    const end = (status) => {
      entry.status = status;
      entry.ms = Date.now() - started;
    };
    const cut = () => {
      end(null);
      res.socket?.resetAndDestroy();
    };
    const own = () =>
      fault.kind === 'garbage'
        ? { status: 200, headers: fault.headers, body: fault.body ?? '<html>This is no answer.' }
        : { ...this.stand.error(fault.status, fault), ...(fault.body === undefined ? {} : { body: fault.body }) };
    const answerOwn = () => {
      const reply = own();
      end(reply.status);
      send(res, reply);
    };

    if (early) {
      if (fault.kind === 'hang') return;
      if (fault.kind === 'reset') return cut();
      if (fault.kind === 'status' || fault.kind === 'garbage') return answerOwn();
      if (fault.kind === 'latency') await sleep(fault.ms ?? 1000);
      if (fault.kind === 'hold') await this.faults.untilCleared();
    }

    res.on('error', () => {});
    const upstream = http.request({
      ...this.#upstream,
      agent: false,
      method: req.method,
      // The last of two counts.
      path: fault?.kind === 'settings' ? `${req.url}&${fault.settings}` : req.url,
      headers: [...passable(req.rawHeaders, { length: false }), 'Content-Length', String(raw.length)],
    });
    upstream.on('error', cut);
    upstream.on('response', async (answer) => {
      if (!fault || early) {
        end(answer.statusCode);
        if (res.destroyed) {
          answer.resume();
          return;
        }
        res.writeHead(answer.statusCode, passable(answer.rawHeaders, { length: true }));
        answer.pipe(res);
        // Half an answer stays half an answer.
        answer.on('error', () => res.socket?.resetAndDestroy());
        return;
      }
      try {
        const body = await readBody(answer);
        entry.carried_out = answer.statusCode;
        if (fault.kind === 'hang') return;
        if (fault.kind === 'status' || fault.kind === 'garbage') return answerOwn();
        if (fault.kind === 'reset' && fault.when !== 'middle') return cut();
        if (fault.kind === 'latency') await sleep(fault.ms ?? 1000);
        if (fault.kind === 'hold') await this.faults.untilCleared();
        end(answer.statusCode);
        const kept = passable(answer.rawHeaders, { length: false });
        const headers = Object.fromEntries(kept.flatMap((name, i) => (i % 2 ? [] : [[name, kept[i + 1]]])));
        send(res, { status: answer.statusCode, headers, body }, { cut: ['reset', 'truncate'].includes(fault.kind) });
      } catch {
        cut();
      }
    });
    // A client that goes away takes its query along, unless a fault has it carried out.
    res.on('close', () => {
      if (!fault && !res.writableFinished) upstream.destroy();
    });
    upstream.end(raw, () => {
      if (fault?.kind === 'kill') setTimeout(kill, fault.ms ?? 0, fault.pid_file);
    });
  }
}
