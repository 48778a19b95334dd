// SPDX-License-Identifier: MIT
// outside.mjs: the world outside: stand-ins for Google, Resend, Telegram and a calendar's private address, and the way to ClickHouse
//
//   node outside.mjs PORTS.json CREDENTIALS-DIRECTORY [CLICKHOUSE-PORT]
//
// Each stand-in listens on a port of its own on 127.0.0.1, and so does the control, which reaches
// all of them, also while one refuses connections: /google/_stand/faults and so on; its / is a page
// for people. The addresses are written to PORTS.json when everything listens.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Door, Service, readBody, send } from './service.mjs';
import { feed } from './feed.mjs';
import { google } from './google.mjs';
import { page } from './page.mjs';
import { Proxy } from './proxy.mjs';
import { resend } from './resend.mjs';
import { telegram } from './telegram.mjs';

const [, , portsFile, directory, clickhousePort] = process.argv;
if (!directory) {
  console.error('usage: outside.mjs PORTS.json CREDENTIALS-DIRECTORY [CLICKHOUSE-PORT]');
  process.exit(2);
}

const secret = (name) => readFileSync(join(directory, name), 'utf8').trim();
const credentials = {
  client_id: secret('google-client-id'),
  client_secret: secret('google-client-secret'),
  refresh_token: secret('google-refresh-token'),
  resend_api_key: secret('resend-api-key'),
  telegram_bot_token: secret('telegram-bot-token'),
};

const standIns = new Map();
for (const make of [google, resend, telegram, feed]) {
  const stand = make(credentials);
  standIns.set(stand.name, new Service(stand, standIns));
}
for (const service of standIns.values()) await service.door.open();
if (clickhousePort) {
  const proxy = new Proxy({ host: '127.0.0.1', port: Number(clickhousePort) }, standIns);
  standIns.set('clickhouse', proxy);
  await proxy.door.open();
  proxy.watch();
}

const control = new Door(async (req, res) => {
  try {
    const raw = await readBody(req);
    const { pathname } = new URL(req.url, 'http://stand');
    const [, name, path] = /^\/([a-z]+)\/_stand\/(.*)$/.exec(pathname) ?? [];
    if (pathname === '/') send(res, page(standIns));
    else if (standIns.has(name)) await standIns.get(name).control(req.method, path, raw, res);
    else send(res, { status: 404, body: { stand: 'There is nothing here.' } });
  } catch (error) {
    send(res, { status: 500, body: { stand: String(error.stack) } });
  }
});
await control.open();

const ports = { control: control.port };
for (const [name, { door }] of standIns) ports[name] = door.port;
writeFileSync(`${portsFile}.new`, JSON.stringify(ports));
renameSync(`${portsFile}.new`, portsFile);
