// SPDX-License-Identifier: MIT
// web.mjs: requests as browsers and scripts send them, and what their answers say

import https from 'node:https';
import { readFileSync } from 'node:fs';

/** messages.ini → Map of a problem's title to its name. */
export function problemTitles(file) {
  const titles = new Map();
  let section = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
    const found = section === 'problem' && /^(\w+)_title = (.*)$/.exec(line);
    if (found) titles.set(found[2], found[1]);
  }
  return titles;
}

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decoded = (text) =>
  text.replace(/&(?:#(\d+)|([a-z]+));/g, (all, code, name) => (code ? String.fromCodePoint(Number(code)) : NAMED[name] ?? all));
const words = (html) => decoded(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();

/** What a page says: {slug, version, state, slot, open, token}; what it does not say is missing. */
function readPage(html, titles) {
  const seen = {};
  const notice = /<section class="notice"[^>]*>\s*<h[12]>([\s\S]*?)<\/h[12]>/.exec(html)?.[1];
  const heading = words(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? '');
  seen.slug = titles.get(words(notice ?? '')) ?? titles.get(heading);
  const version = /name="version" value="(\d+)"/.exec(html)?.[1];
  if (version !== undefined) seen.version = Number(version);
  if (html.includes('action="/api/schedule"')) {
    const buttons = [...html.matchAll(/<button name="slot" value="([^"]*)"/g)].map(([, slot]) => decoded(slot));
    seen.open = [...new Set(buttons)].sort();
  }
  if (html.includes('action="/api/cancel"')) {
    seen.state = 'booked';
    seen.slot = /<time datetime="([^"]*)"/.exec(html)?.[1];
  } else if (/<h[12][^>]*>Your call is cancelled</.test(html)) seen.state = 'cancelled';
  else if (/<h[12][^>]*>No time is chosen yet</.test(html)) {
    seen.state = 'awaiting_slot';
    seen.version = 0;
  }
  const token = /name="token" value="([^"]*)"/.exec(html)?.[1];
  if (token) seen.token = token;
  return seen;
}

function readJson(text) {
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    return { garbled: true };
  }
  const seen = { slug: /^urn:slotguard:(.*)$/.exec(json.type ?? '')?.[1] };
  if (json.version !== undefined) seen.version = json.version;
  if (Array.isArray(json.slots)) seen.open = json.slots.map(({ slot }) => slot).sort();
  const state = json.bookingStatus ?? json.status;
  if (typeof state === 'string' && state !== 'queued') seen.state = state;
  if (json.slot !== undefined) seen.slot = json.slot;
  if (json.bookingId !== undefined) seen.booking = json.bookingId;
  return seen;
}

/** A site, for as many clients as there are. */
export class Site {
  #agent;

  constructor({ base, ca, titles }) {
    this.base = new URL(base);
    this.titles = titles;
    this.#agent = new https.Agent({ keepAlive: true, ca, maxSockets: 256 });
  }

  /**
   * {method, path, form or json, key, accept, patience_ms} → {status, location, seen, body}; status
   * 0: no answer came, and error says why. Never throws.
   */
  ask({ method = 'GET', path, form, json, key, wantsJson = false, patience_ms }) {
    return new Promise((resolve) => {
      const body = json ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : '';
      const headers = { accept: json || wantsJson ? 'application/json' : 'text/html,application/xhtml+xml,*/*;q=0.8' };
      if (method === 'POST') {
        headers['content-type'] = json ? 'application/json' : 'application/x-www-form-urlencoded';
        headers['content-length'] = Buffer.byteLength(body);
      }
      if (key) headers['idempotency-key'] = key;
      const done = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      const request = https.request(
        { host: this.base.hostname, port: this.base.port, method, path, headers, agent: this.#agent },
        (reply) => {
          let text = '';
          reply.setEncoding('utf8');
          reply.on('data', (part) => (text += part));
          reply.on('error', (error) => done({ status: 0, error: error.code ?? error.message }));
          reply.on('end', () => {
            if (!reply.complete) {
              done({ status: 0, error: 'cut' });
              return;
            }
            const isJson = /json/.test(reply.headers['content-type'] ?? '');
            const seen = isJson ? readJson(text) : readPage(text, this.titles);
            done({ status: reply.statusCode, location: reply.headers.location, seen, body: text });
          });
        },
      );
      // Gives up: the connection goes, whatever has been sent of it.
      const timer = setTimeout(() => {
        request.destroy();
        done({ status: 0, error: 'gave up' });
      }, patience_ms);
      request.on('error', (error) => done({ status: 0, error: error.code ?? error.message }));
      request.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
