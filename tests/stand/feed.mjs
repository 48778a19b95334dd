// SPDX-License-Identifier: MIT
// feed.mjs: a stand-in for a provider's private address of a calendar
//
// It answers with an entity tag and a date, and 304 to whoever has both.

import { createHash } from 'node:crypto';

export function feed() {
  const config = {
    bytes: 0, // more of them than a calendar has, after its text
    redirect: '', // where the address leads instead
  };
  let text, changed;

  function reset() {
    text = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n';
    changed = new Date();
  }
  reset();

  function get({ headers }) {
    if (config.redirect) return { status: 302, headers: { location: config.redirect } };
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;
    const said = { etag, 'last-modified': changed.toUTCString(), 'content-type': 'text/calendar' };
    if (headers['if-none-match'] === etag) return { status: 304, headers: said };
    return { status: 200, headers: said, body: config.bytes ? text + ' '.repeat(config.bytes) : text };
  }

  return {
    name: 'feed',
    config,
    reset,
    routes: [{ name: 'get', method: ['GET'], path: /^\/private\/[a-z]+\.ics$/, handle: get }],
    error: (status) => ({ status, body: '' }),
    mask: (request) => request,
    state: () => ({ text }),
    actions: {
      /** The calendar as it is from now on: {events: ['SUMMARY:…\r\nDTSTART:…', …]}, or {text}. */
      put(body) {
        text = body.text ?? ['BEGIN:VCALENDAR', 'VERSION:2.0',
          ...body.events.flatMap((event, i) => ['BEGIN:VEVENT', `UID:${i}@example.com`, event, 'END:VEVENT']),
          'END:VCALENDAR', ''].join('\r\n');
        changed = new Date();
      },
    },
  };
}
