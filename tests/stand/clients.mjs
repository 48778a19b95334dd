// SPDX-License-Identifier: MIT
// clients.mjs: the services' own clients against the stand-ins
//
//   node clients.mjs PORTS.json CREDENTIALS-DIRECTORY
//
// What the clients of Google, Resend and Telegram understand, and how they name the failures,
// holds the stand-ins to the services. Each check prints a line; the first failure ends the run.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , portsFile, directory] = process.argv;
const ports = JSON.parse(readFileSync(portsFile, 'utf8'));
const secret = (name) => readFileSync(join(directory, name), 'utf8').trim();
const base = (name) => `http://127.0.0.1:${ports[name]}`;

process.env.RESEND_BASE_URL = base('resend');
const { calendar, auth } = await import('@googleapis/calendar');
const { Resend } = await import('resend');
const { Bot, GrammyError, HttpError } = await import('grammy');

async function control(service, method, path, body) {
  const answer = await fetch(`${base('control')}/${service}/_stand/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const said = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(said));
  return said;
}
const fault = (service, what) => control(service, 'POST', 'faults', what);
const clear = (service) => control(service, 'DELETE', 'faults');
const state = (service) => control(service, 'GET', 'state');
const requests = async (service, route) =>
  (await state(service)).requests.filter((request) => request.route === route);

async function check(what, run) {
  for (const service of ['google', 'resend', 'telegram']) await control(service, 'POST', 'reset');
  await run();
  console.log(`ok: ${what}`);
}

// ---- Google ----

/** The client refreshes its token after a 401 or 403 only when it is told to. */
function google({ refresh_token = secret('google-refresh-token'), forceRefreshOnFailure = false } = {}) {
  const client = new auth.OAuth2({
    clientId: secret('google-client-id'),
    clientSecret: secret('google-client-secret'),
    forceRefreshOnFailure,
    endpoints: { oauth2TokenUrl: `${base('google')}/token` },
  });
  client.setCredentials({ refresh_token });
  // The client's own retries would hide what the stand-in answered.
  return calendar({ version: 'v3', auth: client, rootUrl: `${base('google')}/`, retry: false });
}

async function refused(promise, status, reason) {
  const error = await promise.then(() => assert.fail('It was not refused.'), (e) => e);
  assert.equal(error.response?.status, status, error.message);
  if (reason) assert.equal(error.response.data.error.errors[0].reason, reason);
  return error;
}

const ID = '0123456789abcdefghijklmnopqrstuv';
const event = (more) => ({
  id: ID,
  summary: 'Discovery call',
  start: { dateTime: '2026-12-01T08:00:00-05:00' },
  end: { dateTime: '2026-12-01T08:30:00-05:00' },
  attendees: [{ email: 'ada@example.org' }],
  extendedProperties: { private: { booking: 'b1' } },
  ...more,
});
const insert = (api, more, params) =>
  api.events.insert({ calendarId: 'primary', requestBody: event(more), ...params });
const DAY = { timeMin: '2026-12-01T00:00:00Z', timeMax: '2026-12-02T00:00:00Z' };

await check('google: an event is inserted, once', async () => {
  const api = google();
  const { data } = await insert(api, {
    conferenceData: { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } },
  }, { conferenceDataVersion: 1, sendUpdates: 'all' });
  assert.equal(data.status, 'confirmed');
  assert.equal(data.conferenceData.createRequest.status.statusCode, 'success');
  assert.match(data.hangoutLink, /^https:\/\/meet\.google\.com\/[a-p]{3}-[a-p]{4}-[a-p]{3}$/);
  await refused(insert(api), 409, 'duplicate');
  const { notifications } = await state('google');
  assert.deepEqual(notifications.map(({ action, to }) => [action, to]), [['created', ['ada@example.org']]]);
});

await check('google: without conferenceDataVersion there is no conference; a pending one comes later', async () => {
  const api = google();
  const conferenceData = { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } };
  assert.equal((await insert(api, { conferenceData })).data.conferenceData, undefined);
  await control('google', 'POST', 'config', { conference: 'pending' });
  const { data } = await insert(api, { id: 'later', conferenceData }, { conferenceDataVersion: 1 });
  assert.equal(data.conferenceData.createRequest.status.statusCode, 'pending');
  await api.events.get({ calendarId: 'primary', eventId: 'later' });
  assert.ok((await api.events.get({ calendarId: 'primary', eventId: 'later' })).data.hangoutLink);
});

await check('google: a conference goes over to another event, and stays where an event is written anew', async () => {
  const api = google();
  const conferenceData = { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } };
  const link = (await insert(api, { conferenceData }, { conferenceDataVersion: 1 })).data.hangoutLink;
  const copied = {
    conferenceId: link.split('/').at(-1),
    conferenceSolution: { key: { type: 'hangoutsMeet' } },
    entryPoints: [{ entryPointType: 'video', uri: link }],
  };
  const moved = await insert(api, { id: 'moved', conferenceData: copied }, { conferenceDataVersion: 1 });
  assert.equal(moved.data.hangoutLink, link);
  assert.equal(moved.data.conferenceData.entryPoints[0].uri, link);
  await refused(insert(api, { id: 'halfof', conferenceData: { entryPoints: [] } }, { conferenceDataVersion: 1 }), 400, 'invalid');
  const again = await api.events.update({ calendarId: 'primary', eventId: 'moved', requestBody: event({ id: 'moved' }) });
  assert.equal(again.data.conferenceData.entryPoints[0].uri, link);
});

await check('google: a conference may fail, wait, or be none of the account', async () => {
  const api = google();
  const conferenceData = { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } };
  const asks = (id) => insert(api, { id, conferenceData }, { conferenceDataVersion: 1 });
  await control('google', 'POST', 'config', { conference: 'failure' });
  const failed = (await asks('failed')).data;
  assert.equal(failed.conferenceData.createRequest.status.statusCode, 'failure');
  assert.equal(failed.hangoutLink, undefined);
  await control('google', 'POST', 'config', { conference: 'waiting' });
  await asks('later');
  for (let look = 0; look < 3; look++) {
    const { data } = await api.events.get({ calendarId: 'primary', eventId: 'later' });
    assert.equal(data.conferenceData.createRequest.status.statusCode, 'pending');
  }
  await control('google', 'POST', 'config', { conference: 'refused' });
  await refused(asks('refused'), 400, 'invalid');
  await insert(api, { id: 'bare0' });
  await control('google', 'POST', 'config', { conference: 'forbidden' });
  await refused(asks('forbade'), 403, 'forbiddenForNonOrganizer');
  const patched = { calendarId: 'primary', eventId: 'bare0', conferenceDataVersion: 1, requestBody: { conferenceData } };
  await refused(api.events.patch(patched), 403, 'forbiddenForNonOrganizer');
  await control('google', 'POST', 'config', { conference: 'success' });
  assert.match((await api.events.patch(patched)).data.hangoutLink, /^https:/);
});

await check('google: ids, times and addresses are checked', async () => {
  const api = google();
  for (const id of ['abcd', 'wxyz0', 'ABCDE', '01234-56789', 'a'.repeat(1025)])
    await refused(insert(api, { id }), 400, 'invalid');
  await insert(api, { id: 'a'.repeat(1024) });
  await refused(insert(api, { end: undefined }), 400, 'required');
  await refused(insert(api, { end: { dateTime: '2026-12-01T07:00:00-05:00' } }), 400, 'timeRangeEmpty');
  await refused(insert(api, { start: { dateTime: '2026-12-01T08:00:00' } }), 400, 'required');
  await refused(insert(api, { attendees: [{ email: 'nobody' }] }), 400, 'invalid');
  await refused(api.events.insert({ calendarId: 'unknown@example.com', requestBody: event() }), 404, 'notFound');
});

await check('google: a deleted event is gone, and its id is taken', async () => {
  const api = google();
  const one = { calendarId: 'primary', eventId: ID };
  await refused(api.events.delete(one), 404, 'notFound');
  await insert(api);
  await refused(api.events.delete(one, { headers: { 'If-Match': '"other"' } }), 412, 'conditionNotMet');
  assert.equal((await api.events.delete(one)).status, 204);
  await refused(api.events.delete(one), 410, 'deleted');
  assert.equal((await api.events.get(one)).data.status, 'cancelled');
  await refused(insert(api), 409, 'duplicate');
  assert.equal((await api.events.list({ calendarId: 'primary' })).data.items.length, 0);
  assert.equal((await api.events.list({ calendarId: 'primary', showDeleted: true })).data.items.length, 1);
});

await check('google: changes are listed since a token, deleted events among them, until it is too old', async () => {
  const api = google();
  const list = async (more) => (await api.events.list({ calendarId: 'primary', showDeleted: true, ...more })).data;
  await insert(api);
  const { nextSyncToken: token, items } = await list({ timeMin: DAY.timeMin });
  assert.equal(items.length, 1);
  assert.equal((await list({ syncToken: token })).items.length, 0);
  await insert(api, { id: 'second' });
  await api.events.delete({ calendarId: 'primary', eventId: ID });
  const changes = await list({ syncToken: token, maxResults: 1 });
  assert.equal(changes.nextSyncToken, undefined);
  const rest = await list({ syncToken: token, maxResults: 1, pageToken: changes.nextPageToken });
  assert.deepEqual([...changes.items, ...rest.items].map(({ id, status }) => [id, status]), [[ID, 'cancelled'], ['second', 'confirmed']]);
  assert.equal((await list({ syncToken: rest.nextSyncToken })).items.length, 0);
  await refused(list({ syncToken: token, timeMin: DAY.timeMin }), 400, 'badRequest');
  await control('google', 'POST', 'unsync', {});
  await refused(list({ syncToken: token }), 410, 'fullSyncRequired');
});

await check('google: a series has instances, which may be changed by themselves', async () => {
  const api = google();
  const rule = ['RRULE:FREQ=WEEKLY;COUNT=4', 'EXDATE;TZID=America/New_York:20270316T080000'];
  const at = (day) => ({ dateTime: `${day}T08:00:00`, timeZone: 'America/New_York' });
  const until = (day) => ({ dateTime: `${day}T08:30:00`, timeZone: 'America/New_York' });
  const body = { id: ID, start: at('2027-03-02'), end: until('2027-03-02'), recurrence: rule };
  const insertBody = (more) => api.events.insert({ calendarId: 'primary', requestBody: { ...body, ...more } });
  await refused(insertBody({ recurrence: ['RRULE:FREQ=SOMETIMES'] }), 400, 'invalid');
  await refused(insertBody({ recurrence: ['FREQ=WEEKLY'] }), 400, 'invalid');
  await refused(insertBody({ start: { dateTime: '2027-03-02T13:00:00Z' } }), 400, 'required');
  await insertBody({});
  const list = async (more) => (await api.events.list({ calendarId: 'primary', ...more })).data.items;
  const window = { timeMin: '2027-03-01T00:00:00Z', timeMax: '2027-04-01T00:00:00Z' };
  assert.deepEqual((await list(window)).map((e) => e.id), [ID]);
  // Clocks change on the 14th: the wall clock's time stays.
  const single = { ...window, singleEvents: true, orderBy: 'startTime' };
  assert.deepEqual((await list(single)).map((e) => e.id),
    [`${ID}_20270302T130000Z`, `${ID}_20270309T130000Z`, `${ID}_20270323T120000Z`]);
  assert.equal((await list(single))[2].start.dateTime, '2027-03-23T08:00:00-04:00');
  const eventId = `${ID}_20270309T130000Z`;
  const one = (await api.events.get({ calendarId: 'primary', eventId })).data;
  assert.equal(one.recurringEventId, ID);
  assert.equal(Date.parse(one.originalStartTime.dateTime), Date.parse('2027-03-09T13:00:00Z'));
  await refused(api.events.get({ calendarId: 'primary', eventId: `${ID}_20270316T120000Z` }), 404, 'notFound');
  const { nextSyncToken: syncToken } = (await api.events.list({ calendarId: 'primary' })).data;
  await api.events.patch({ calendarId: 'primary', eventId, requestBody: { start: at('2027-03-10'), end: until('2027-03-10') } });
  await api.events.delete({ calendarId: 'primary', eventId: `${ID}_20270302T130000Z` });
  const changed = (await api.events.list({ calendarId: 'primary', syncToken, showDeleted: true })).data.items;
  assert.deepEqual(changed.map((e) => [e.status, e.recurringEventId]), [['confirmed', ID], ['cancelled', ID]]);
  assert.equal(Date.parse(changed[0].originalStartTime.dateTime), Date.parse('2027-03-09T13:00:00Z'));
  assert.deepEqual((await list(single)).map((e) => e.start.dateTime.slice(0, 10)), ['2027-03-10', '2027-03-23']);
  const { calendars } = (await api.freebusy.query({ requestBody: { ...window, items: [{ id: 'primary' }] } })).data;
  assert.deepEqual(calendars.primary.busy.map((b) => b.start), ['2027-03-10T13:00:00Z', '2027-03-23T12:00:00Z']);
  // Written anew without its rule it is one event.
  await api.events.update({ calendarId: 'primary', eventId: ID, requestBody: { start: at('2027-03-02'), end: until('2027-03-02') } });
  assert.deepEqual((await list(single)).map((e) => e.id), [ID]);
  await api.events.delete({ calendarId: 'primary', eventId: ID });
  assert.deepEqual(await list(single), []);
});

await check('google: events are listed, patched and replaced', async () => {
  const api = google();
  await insert(api);
  await insert(api, { id: 'second', start: { dateTime: '2026-12-01T07:00:00-05:00' }, extendedProperties: { private: { booking: 'b2' } } });
  const list = async (more) =>
    (await api.events.list({ calendarId: 'primary', ...DAY, singleEvents: true, ...more })).data;
  assert.deepEqual((await list({ orderBy: 'startTime' })).items.map(({ id }) => id), ['second', ID]);
  assert.deepEqual((await list({ privateExtendedProperty: ['booking=b2'] })).items.map(({ id }) => id), ['second']);
  assert.equal((await list({ timeMin: '2026-12-01T13:30:00Z' })).items.length, 0);
  const first = await list({ maxResults: 1 });
  assert.equal((await list({ maxResults: 1, pageToken: first.nextPageToken })).items.length, 1);
  const one = { calendarId: 'primary', eventId: ID };
  const { data } = await api.events.patch({ ...one, requestBody: { summary: 'Moved', extendedProperties: { private: { v: '2' } } } });
  assert.deepEqual(data.extendedProperties.private, { booking: 'b1', v: '2' });
  const { summary, ...bare } = event();
  assert.equal((await api.events.update({ ...one, requestBody: bare })).data.summary, undefined);
});

await check('google: free/busy joins what overlaps, and leaves out what is not busy', async () => {
  const api = google();
  const at = (from, to, more) => ({
    start: { dateTime: `2026-12-01T${from}:00-05:00` }, end: { dateTime: `2026-12-01T${to}:00-05:00` }, ...more,
  });
  await control('google', 'POST', 'events', [
    at('09:00', '10:00'),
    at('09:30', '11:00'),
    at('12:00', '13:00', { transparency: 'transparent' }),
    at('14:00', '15:00', { status: 'cancelled' }),
    { start: { date: '2026-12-02' }, end: { date: '2026-12-03' } },
  ]);
  const ask = async (more) =>
    (await api.freebusy.query({ requestBody: { ...DAY, timeMax: '2026-12-04T00:00:00Z', items: [{ id: 'primary' }], ...more } })).data.calendars;
  const busy = [
    { start: '2026-12-01T14:00:00Z', end: '2026-12-01T16:00:00Z' },
    { start: '2026-12-02T05:00:00Z', end: '2026-12-03T05:00:00Z' },
  ];
  assert.deepEqual((await ask()).primary.busy, busy);
  assert.equal((await ask({ timeZone: 'Europe/Berlin' })).primary.busy[0].start, '2026-12-01T15:00:00+01:00');
  await control('google', 'POST', 'config', { offset: '-05:00' });
  assert.equal((await ask()).primary.busy[0].start, '2026-12-01T09:00:00-05:00');
});

await check('google: free/busy says inside a 200 which calendar was not checked', async () => {
  const api = google();
  const ask = async (items) => (await api.freebusy.query({ requestBody: { ...DAY, items } })).data.calendars;
  const answer = await ask([{ id: 'primary' }, { id: 'unknown@example.com' }]);
  assert.equal(answer.primary.errors, undefined);
  assert.equal(answer['unknown@example.com'].errors[0].reason, 'notFound');
  const many = await ask(Array.from({ length: 51 }, (_, i) => ({ id: `c${i}@example.com` })));
  assert.equal(many['c0@example.com'].errors[0].reason, 'tooManyCalendarsRequested');
  await fault('google', { route: 'freeBusy', kind: 'calendar_errors', reason: 'internalError', times: 1 });
  assert.equal((await ask([{ id: 'primary' }])).primary.errors[0].reason, 'internalError');
  assert.equal((await ask([{ id: 'primary' }])).primary.errors, undefined);
  await refused(api.freebusy.query({ requestBody: { ...DAY, timeMax: '2027-03-03T00:00:00Z' } }), 400, 'timeRangeTooLong');
  await refused(api.freebusy.query({ requestBody: { ...DAY, timeMax: DAY.timeMin } }), 400, 'timeRangeEmpty');
});

await check('google: a token that was revoked or is too old is refreshed once', async () => {
  const api = google({ forceRefreshOnFailure: true });
  await insert(api);
  await control('google', 'POST', 'revoke', { what: 'tokens' });
  await api.events.get({ calendarId: 'primary', eventId: ID });
  assert.equal((await requests('google', 'token')).length, 2);
  assert.deepEqual((await requests('google', 'events.get')).map(({ status }) => status), [401, 200]);
  const token = await fetch(`${base('google')}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token', client_id: secret('google-client-id'),
      client_secret: secret('google-client-secret'), refresh_token: secret('google-refresh-token'),
    }),
  });
  assert.deepEqual(Object.keys(await token.json()), ['access_token', 'expires_in', 'scope', 'token_type']);
  assert.ok(!JSON.stringify(await state('google')).includes(secret('google-client-secret')));
});

await check('google: the token endpoint names what is wrong', async () => {
  const failed = await google({ refresh_token: 'other' }).events.list({ calendarId: 'primary' }).catch((e) => e);
  assert.equal(failed.response.data.error, 'invalid_grant');
  await control('google', 'POST', 'revoke', { what: 'grant' });
  assert.equal((await google().events.list({ calendarId: 'primary' }).catch((e) => e)).response.data.error, 'invalid_grant');
  const ask = async (form) => {
    const answer = await fetch(`${base('google')}/token`, { method: 'POST', body: new URLSearchParams(form) });
    return [answer.status, (await answer.json()).error];
  };
  const known = { client_id: secret('google-client-id'), client_secret: secret('google-client-secret') };
  assert.deepEqual(await ask({ grant_type: 'password', ...known }), [400, 'unsupported_grant_type']);
  assert.deepEqual(await ask({ grant_type: 'refresh_token', client_id: 'x' }), [401, 'invalid_client']);
  assert.deepEqual(await ask({ grant_type: 'refresh_token', ...known, client_secret: 'x' }), [401, 'invalid_client']);
});

await check('google: quotas and faults have their reasons', async () => {
  const api = google();
  const list = () => api.events.list({ calendarId: 'primary' });
  await control('google', 'POST', 'config', { per_minute: 1 });
  await list();
  await refused(list(), 403, 'rateLimitExceeded');
  await control('google', 'POST', 'config', { per_minute: 0, scopes: ['calendar.freebusy'] });
  await refused(list(), 403, 'insufficientPermissions');
  await control('google', 'POST', 'config', { scopes: ['calendar.events'] });
  await fault('google', [
    { route: 'events.*', kind: 'status', status: 403, reason: 'userRateLimitExceeded', times: 1 },
    { route: 'events.list', kind: 'status', status: 503, times: 1 },
    { route: 'events.list', kind: 'reset', times: 1 },
  ]);
  await refused(list(), 403, 'userRateLimitExceeded');
  await refused(list(), 503, 'backendError');
  await assert.rejects(list());
  await list();
  await fault('google', { kind: 'refuse' });
  await assert.rejects(list());
  await assert.rejects(list(), /ECONNREFUSED/);
  await clear('google');
  await list();
  await fault('google', { route: 'events.insert', kind: 'reset', when: 'after', times: 1 });
  await assert.rejects(insert(api));
  await refused(insert(api), 409, 'duplicate');
});

// ---- Resend ----

const mail = (more) => ({
  from: 'Avo <calls@book.example.com>', to: 'ada@example.org', subject: 'Your call', text: 'See you.', ...more,
});

await check('resend: a mail is sent, and sent once for a key', async () => {
  const api = new Resend(secret('resend-api-key'));
  const key = { idempotencyKey: 'call-1' };
  const attachments = [{ filename: 'call.ics', content: Buffer.from('BEGIN:VCALENDAR').toString('base64') }];
  const first = await api.emails.send(mail({ attachments, tags: [{ name: 'kind', value: 'booked' }], replyTo: 'owner@example.com' }), key);
  assert.equal(first.error, null);
  const again = await api.emails.send(mail({ attachments, tags: [{ name: 'kind', value: 'booked' }], replyTo: 'owner@example.com' }), key);
  assert.equal(again.data.id, first.data.id);
  const other = await api.emails.send(mail(), key);
  assert.equal(other.error.name, 'invalid_idempotent_request');
  const { mails } = await state('resend');
  assert.deepEqual(mails.map(({ id, reply_to }) => [id, reply_to]), [[first.data.id, 'owner@example.com']]);
  assert.equal((await api.emails.get(first.data.id)).data.subject, 'Your call');
});

await check('resend: a key in use, too long a key, a key that was forgotten', async () => {
  const api = new Resend(secret('resend-api-key'));
  const key = { idempotencyKey: 'call-1' };
  await fault('resend', { route: 'emails.send', kind: 'latency', when: 'after', ms: 300, times: 1 });
  const slow = api.emails.send(mail(), key);
  while ((await state('resend')).keys === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await api.emails.send(mail(), key)).error.name, 'concurrent_idempotent_requests');
  const { data } = await slow;
  assert.equal((await api.emails.send(mail(), key)).data.id, data.id);
  assert.equal((await api.emails.send(mail(), { idempotencyKey: 'x'.repeat(257) })).error.name, 'invalid_idempotency_key');
  await control('resend', 'POST', 'config', { per_second: 0 });
  await control('resend', 'POST', 'forget');
  assert.notEqual((await api.emails.send(mail(), key)).data.id, data.id);
});

await check('resend: what is wrong has a name and a status', async () => {
  await control('resend', 'POST', 'config', { per_second: 0 });
  const api = new Resend(secret('resend-api-key'));
  const wrong = async (more, statusCode, name) => {
    const { error } = await api.emails.send(mail(more));
    assert.deepEqual([error.statusCode, error.name], [statusCode, name], error.message);
  };
  await wrong({ from: undefined }, 422, 'missing_required_field');
  await wrong({ from: 'Avo' }, 422, 'invalid_from_address');
  await wrong({ from: 'a@example.net' }, 403, 'validation_error');
  await wrong({ to: 'nobody' }, 422, 'validation_error');
  await wrong({ to: Array.from({ length: 51 }, (_, i) => `p${i}@example.org`) }, 422, 'validation_error');
  await wrong({ tags: [{ name: 'a b', value: 'x' }] }, 422, 'validation_error');
  await wrong({ attachments: [{ content: 'QQ==' }] }, 422, 'invalid_attachment');
  assert.equal((await new Resend('re_other').emails.send(mail())).error.name, 'invalid_api_key');
  const bare = await fetch(`${base('resend')}/emails`, { method: 'POST', body: '{}' });
  assert.deepEqual([bare.status, (await bare.json()).name], [401, 'missing_api_key']);
});

await check('resend: too many requests are told to wait', async () => {
  const api = new Resend(secret('resend-api-key'));
  const answers = await Promise.all(Array.from({ length: 8 }, () => api.emails.send(mail())));
  const late = answers.filter(({ error }) => error);
  assert.equal(late.length, 3);
  assert.equal(late[0].error.name, 'rate_limit_exceeded');
  assert.equal(late[0].headers['retry-after'], '1');
  await control('resend', 'POST', 'reset');
  await fault('resend', { kind: 'status', status: 429, reason: 'daily_quota_exceeded', retry_after: 60, times: 1 });
  const { error, headers } = await api.emails.send(mail());
  assert.deepEqual([error.name, headers['retry-after']], ['daily_quota_exceeded', '60']);
  await fault('resend', { kind: 'truncate', times: 1 });
  assert.ok((await api.emails.send(mail())).error);
});

// ---- Telegram ----

const bot = (token = secret('telegram-bot-token')) => new Bot(token, { client: { apiRoot: base('telegram') } }).api;

async function told(promise, code, pattern) {
  const error = await promise.then(() => assert.fail('It was not refused.'), (e) => e);
  assert.ok(error instanceof GrammyError, String(error));
  assert.equal(error.error_code, code);
  assert.match(error.description, pattern);
  return error;
}

await check('telegram: a message arrives', async () => {
  const api = bot();
  assert.equal((await api.getMe()).is_bot, true);
  assert.equal((await api.getChat(123456)).type, 'private');
  const { message_id, text } = await api.sendMessage(123456, 'Booked: 1 < 2 & *so*');
  assert.deepEqual([message_id, text], [1, 'Booked: 1 < 2 & *so*']);
  await api.sendMessage(123456, 'ä'.repeat(4096));
  assert.equal((await state('telegram')).messages.length, 2);
  assert.ok(!JSON.stringify(await state('telegram')).includes(secret('telegram-bot-token')));
});

await check('telegram: what is wrong is described', async () => {
  const api = bot();
  await told(api.sendMessage(123456, 'x'.repeat(4097)), 400, /too long/);
  await told(api.sendMessage(123456, ' '), 400, /text is empty/);
  await told(api.sendMessage(1, 'x'), 400, /chat not found/);
  await told(bot('1:other').getMe(), 401, /Unauthorized/);
  await fault('telegram', [
    { route: 'sendMessage', kind: 'status', status: 429, retry_after: 7, times: 1 },
    { route: 'sendMessage', kind: 'status', status: 403, times: 1 },
    { route: 'sendMessage', kind: 'status', status: 400, migrate_to_chat_id: -100123, times: 1 },
    { route: 'sendMessage', kind: 'garbage', times: 1 },
  ]);
  assert.equal((await told(api.sendMessage(123456, 'x'), 429, /retry after 7/)).parameters.retry_after, 7);
  await told(api.sendMessage(123456, 'x'), 403, /blocked/);
  assert.equal((await told(api.sendMessage(123456, 'x'), 400, /./)).parameters.migrate_to_chat_id, -100123);
  await assert.rejects(api.sendMessage(123456, 'x'), HttpError);
  await api.sendMessage(123456, 'x');
});
