// SPDX-License-Identifier: MIT
// google.mjs: a stand-in for Google's OAuth 2.0 token endpoint and for Calendar v3
//
// It answers what Google documents, with Google's reasons, so that clients can branch on them.
// What it does not do: access lists, push messages.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { formatTime, isZone, parseDate, parseTime } from './time.mjs';
import { instances, isEndless, occurrenceOf } from './series.mjs';
import { Rate } from './service.mjs';

const SCOPE = 'https://www.googleapis.com/auth/';
const FREEBUSY_SCOPES = ['calendar', 'calendar.readonly', 'calendar.freebusy', 'calendar.events.freebusy'];
const EVENT_SCOPES = ['calendar', 'calendar.events', 'calendar.events.owned'];
const ADDRESS = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;
const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;

const ERRORS = {
  400: ['badRequest', 'Bad Request'],
  401: ['authError', 'Invalid Credentials'],
  403: ['forbidden', 'Forbidden'],
  404: ['notFound', 'Not Found'],
  409: ['duplicate', 'The requested identifier already exists.'],
  410: ['deleted', 'Resource has been deleted'],
  412: ['conditionNotMet', 'Precondition Failed'],
  429: ['rateLimitExceeded', 'Rate Limit Exceeded'],
  500: ['backendError', 'Backend Error'],
  503: ['backendError', 'Service Unavailable'],
};
const DOMAINS = {
  rateLimitExceeded: 'usageLimits',
  userRateLimitExceeded: 'usageLimits',
  quotaExceeded: 'usageLimits',
  dailyLimitExceeded: 'usageLimits',
  timeRangeEmpty: 'calendar',
  timeRangeTooLong: 'calendar',
};

function failure(code, reason, message, more = {}) {
  const [usual, text] = ERRORS[code] ?? ['backendError', 'Error'];
  const said = message ?? text;
  return {
    status: code,
    headers: code === 401 ? { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' } : {},
    body: {
      error: {
        code,
        message: said,
        errors: [{ domain: DOMAINS[reason] ?? 'global', reason: reason ?? usual, message: said, ...more }],
      },
    },
  };
}

/** Thrown by whatever finds that a request cannot be carried out. */
class Refusal extends Error {
  constructor(...args) {
    super(args[1]);
    this.reply = failure(...args);
  }
}

const refuse = (...args) => {
  throw new Refusal(...args);
};

export function google(credentials) {
  const config = {
    calendars: ['owner@example.com', 'home@example.com'], // the first is the account's own
    accounts: {}, // more of them: refresh token → the calendars that it sees, the first being its own
    timezone: 'America/New_York', // of the calendars
    offset: 'Z', // how instants are written in freeBusy: Z, -05:00, …
    expires_in: 3599,
    per_minute: 600, // requests a minute and user; 0: without a limit
    page_size: 2500, // of a listing, whatever was asked for
    // pending: the conference is there from the second look on; waiting: it never is; failure: Google cannot
    // make it; refused, forbidden: who asks for one gets 400 or 403
    conference: 'success',
    scopes: ['calendar.events', 'calendar.freebusy'],
    role: 'owner', // of the account in its calendars: owner, writer, reader
    declined: '', // a scope that the owner does not tick, or 'all'
  };
  let changes = 0; // how often an event was written: what a sync token counts
  let synced = 0; // tokens from before this are too old
  let calendars, tokens, notifications, revoked, codes;
  let seen; // the calendars of the account that asks; undefined: all, as the stand itself sees them
  const rate = new Rate();

  function reset() {
    calendars = new Map(); // calendar → Map of id → event
    tokens = new Map(); // access token → until when, in ms, and of which refresh token
    codes = new Map(); // authorization code → what it was asked with
    notifications = [];
    revoked = false;
    rate.clear();
  }
  reset();

  // The calendar of the account has its address as its id and answers to 'primary', too.
  function eventsOf(id) {
    const mine = seen ?? [...config.calendars, ...Object.values(config.accounts).flat()];
    const name = id === 'primary' ? mine[0] : id;
    if (!mine.includes(name)) return undefined;
    if (!calendars.has(name)) calendars.set(name, new Map());
    return calendars.get(name);
  }
  const calendarOr404 = (id) => eventsOf(id) ?? refuse(404);

  // ---- OAuth 2.0, RFC 6749 section 6 ----

  const denied = (status, error, error_description) => ({ status, body: { error, error_description } });

  function token({ headers, text, fault }) {
    if (!/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? ''))
      return denied(400, 'invalid_request', 'Invalid content type: the parameters are a form.');
    const form = new URLSearchParams(text);
    const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '');
    const [id, secret] = basic
      ? Buffer.from(basic[1], 'base64').toString().split(':').map(decodeURIComponent)
      : [form.get('client_id'), form.get('client_secret')];
    const grant = form.get('grant_type');
    if (!grant) return denied(400, 'invalid_request', 'Required parameter is missing: grant_type');
    if (!['refresh_token', 'authorization_code'].includes(grant))
      return denied(400, 'unsupported_grant_type', `Invalid grant_type: ${grant}`);
    if (!id) return denied(400, 'invalid_request', 'Could not determine client ID from request.');
    if (id !== credentials.client_id)
      return denied(401, 'invalid_client', 'The OAuth client was not found.');
    if (secret !== credentials.client_secret)
      return denied(401, 'invalid_client', 'The provided client secret is invalid.');
    if (grant === 'authorization_code') return exchange(form);
    if (!form.get('refresh_token'))
      return denied(400, 'invalid_request', 'Missing required parameter: refresh_token');
    const account = form.get('refresh_token');
    if (account === credentials.refresh_token ? revoked : !config.accounts[account])
      return denied(400, 'invalid_grant', 'Token has been expired or revoked.');
    const expires_in = fault?.kind === 'expires_in' ? fault.seconds : config.expires_in;
    const access_token = `ya29.${randomBytes(48).toString('base64url')}`;
    tokens.set(access_token, { until: Date.now() + expires_in * 1000, account });
    return {
      headers: { 'cache-control': 'no-store' },
      body: {
        access_token,
        expires_in,
        scope: config.scopes.map((scope) => SCOPE + scope).join(' '),
        token_type: 'Bearer',
      },
    };
  }

  // ---- The authorization code grant, RFC 6749 section 4.1, with PKCE, RFC 7636; the owner of the stand
  // consents to whatever is asked, but for what config.declined names ----

  function consent({ query }) {
    const asked = Object.fromEntries(query);
    const wrong = (error) => ({ status: 400, body: `Access blocked: ${error}` });
    if (asked.client_id !== credentials.client_id) return wrong('invalid_client');
    if (asked.response_type !== 'code') return wrong('unsupported_response_type');
    if (!/^http:\/\/127\.0\.0\.1:\d+\/$/.test(asked.redirect_uri ?? '')) return wrong('redirect_uri_mismatch');
    if (!asked.scope?.split(' ').every((scope) => scope.startsWith(SCOPE))) return wrong('invalid_scope');
    if (asked.code_challenge && asked.code_challenge_method !== 'S256') return wrong('invalid_request');
    const back = new URL(asked.redirect_uri);
    if (asked.state) back.searchParams.set('state', asked.state);
    if (config.declined === 'all') {
      back.searchParams.set('error', 'access_denied');
    } else {
      const code = `4/${randomBytes(24).toString('base64url')}`;
      codes.set(code, { ...asked, scope: asked.scope.split(' ').filter((scope) => scope !== SCOPE + config.declined).join(' ') });
      back.searchParams.set('code', code);
    }
    return { status: 302, headers: { location: back.href }, body: '' };
  }

  function exchange(form) {
    const asked = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    if (!asked || asked.redirect_uri !== form.get('redirect_uri')) return denied(400, 'invalid_grant', 'Malformed auth code.');
    if (asked.code_challenge) {
      const hash = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
      if (hash !== asked.code_challenge) return denied(400, 'invalid_grant', 'Invalid code verifier.');
    }
    const access_token = `ya29.${randomBytes(48).toString('base64url')}`;
    tokens.set(access_token, { until: Date.now() + config.expires_in * 1000, account: credentials.refresh_token });
    // Only who asks for offline access gets a refresh token, and Google repeats none without a new consent.
    const offline = asked.access_type === 'offline' && asked.prompt === 'consent';
    return {
      body: {
        access_token,
        expires_in: config.expires_in,
        scope: asked.scope,
        token_type: 'Bearer',
        ...(offline && { refresh_token: credentials.refresh_token }),
      },
    };
  }

  function authorize({ headers }, scopes) {
    const where = { locationType: 'header', location: 'Authorization' };
    const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '');
    if (!bearer) refuse(401, 'required', 'Login Required', where);
    const token = tokens.get(bearer[1]);
    if (!(token?.until > Date.now())) refuse(401, 'authError', 'Invalid Credentials', where);
    if (!config.scopes.some((scope) => scopes.includes(scope)))
      refuse(403, 'insufficientPermissions', 'Insufficient Permission');
    if (!rate.allows(config.per_minute, 60_000))
      refuse(403, 'rateLimitExceeded', 'Rate Limit Exceeded');
    return config.accounts[token.account] ?? config.calendars;
  }

  function jsonBody({ headers, text }) {
    if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
      refuse(400, 'parseError', 'This API does not support parsing other input than JSON.');
    try {
      const body = JSON.parse(text);
      if (body && typeof body === 'object' && !Array.isArray(body)) return body;
    } catch {
      // Falls through to the refusal.
    }
    return refuse(400, 'parseError', 'Parse Error');
  }

  // ---- events ----

  /** start or end of an event → ms; `date` is a whole day in the calendar's zone. */
  function instant(point, what) {
    if (!point || (!point.date && !point.dateTime)) refuse(400, 'required', `Missing ${what} time.`);
    if (point.timeZone && !isZone(point.timeZone))
      refuse(400, 'invalid', `Invalid time zone definition for ${what} time.`);
    if (point.date && point.dateTime) refuse(400, 'invalid', `Invalid ${what} time.`);
    const ms = point.date ? parseDate(point.date, config.timezone) : parseTime(point.dateTime, point.timeZone);
    if (Number.isNaN(ms)) {
      if (!point.date && !point.timeZone && !Number.isNaN(parseTime(point.dateTime, 'UTC')))
        refuse(400, 'required', `Missing time zone definition for ${what} time.`);
      refuse(400, 'invalid', `Invalid ${what} time.`);
    }
    return ms;
  }

  const range = (event) => [instant(event.start, 'start'), instant(event.end, 'end')];

  /** From the first to the last of a series. */
  function span(event) {
    const [start, end] = range(event);
    if (!event.recurrence) return [start, end];
    if (isEndless(event)) return [start, Infinity];
    return [start, Math.max(end, ...[...instances(event, config.timezone)].map((one) => range(one)[1]))];
  }

  /** Series as their instances until max; those that were changed by themselves stand for themselves. */
  function* singly(events, max) {
    for (const event of events.values()) {
      if (!event.recurrence || event.status === 'cancelled') yield event;
      else
        for (const one of instances(event, config.timezone)) {
          if (range(one)[0] >= max) break;
          if (!events.has(one.id)) yield one;
        }
    }
  }

  function check(event) {
    const [start, end] = range(event);
    if (Boolean(event.start.date) !== Boolean(event.end.date))
      refuse(400, 'invalid', 'Start and end times must either both be date or both be dateTime.');
    if (end < start) refuse(400, 'timeRangeEmpty', 'The specified time range is empty.');
    if (event.recurrence !== undefined) {
      if (!Array.isArray(event.recurrence) || !event.recurrence.every((line) => /^(RRULE|EXDATE)[:;]/.test(line)))
        refuse(400, 'invalid', 'Invalid recurrence rule.');
      if (event.start.dateTime && !event.start.timeZone)
        refuse(400, 'required', 'Missing time zone definition for start time.');
      try {
        instances(event, config.timezone).next();
      } catch {
        refuse(400, 'invalid', 'Invalid recurrence rule.');
      }
    }
    if (!['opaque', 'transparent', undefined].includes(event.transparency))
      refuse(400, 'invalid', 'Invalid value for: transparency');
    if (!['confirmed', 'tentative', 'cancelled', undefined].includes(event.status))
      refuse(400, 'invalid', 'Invalid value for: status');
    for (const [name, max] of [['description', 8192], ['summary', 1024]])
      if ((event[name]?.length ?? 0) > max) refuse(400, 'invalid', `The ${name} is too long.`);
    for (const attendee of event.attendees ?? [])
      if (!ADDRESS.test(attendee?.email ?? '')) refuse(400, 'invalid', 'Invalid attendee email.');
    for (const kind of ['private', 'shared'])
      for (const [key, value] of Object.entries(event.extendedProperties?.[kind] ?? {}))
        if (key.length > 44 || typeof value !== 'string' || value.length > 1024)
          refuse(400, 'invalid', 'Invalid extended property.');
  }

  /** Without conferenceDataVersion=1 the field is ignored, as Google does. */
  function conference(event, asked, query) {
    const version = query.get('conferenceDataVersion') ?? '0';
    if (!['0', '1'].includes(version)) refuse(400, 'invalid', 'Invalid value for: conferenceDataVersion');
    if (version === '0') return;
    if (asked === undefined) return;
    if (config.conference === 'refused') refuse(400, 'invalid', 'Invalid conference type value.');
    if (config.conference === 'forbidden') refuse(403, 'forbiddenForNonOrganizer', 'Conferences are not available.');
    if (asked === null) {
      delete event.conferenceData;
      delete event.hangoutLink;
      return;
    }
    const request = asked.createRequest;
    if (!request) return copyConference(event, asked);
    if (!request.requestId) refuse(400, 'required', 'Missing conference request id.');
    if (request.conferenceSolutionKey?.type !== 'hangoutsMeet')
      refuse(400, 'invalid', 'Invalid conference type value.');
    if (event.conferenceData?.createRequest?.requestId === request.requestId) return;
    event.conferenceData = {
      createRequest: { ...request, status: { statusCode: 'pending' } },
    };
    if (config.conference === 'success') settleConference(event);
    if (config.conference === 'failure') event.conferenceData.createRequest.status.statusCode = 'failure';
  }

  /** The conference of another event; a solution and one way in are what it takes at least. */
  function copyConference(event, asked) {
    const video = asked.entryPoints?.find((entry) => entry.entryPointType === 'video');
    if (asked.conferenceSolution?.key?.type !== 'hangoutsMeet' || !video?.uri)
      refuse(400, 'invalid', 'Invalid conference data.');
    if (!/^https:\/\/meet\.google\.com\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/.test(video.uri)) refuse(400, 'invalid', 'Invalid entry point.');
    event.conferenceData = structuredClone(asked);
    event.hangoutLink = video.uri;
  }

  function settleConference(event) {
    const request = event.conferenceData?.createRequest;
    if (request?.status.statusCode !== 'pending' || config.conference === 'waiting') return;
    const hex = createHash('sha256').update(request.requestId).digest('hex');
    const letters = [...hex.slice(0, 10)].map((c) => 'abcdefghijklmnop'[parseInt(c, 16)]).join('');
    const code = `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`;
    request.status.statusCode = 'success';
    event.hangoutLink = `https://meet.google.com/${code}`;
    event.conferenceData = {
      createRequest: request,
      entryPoints: [{ entryPointType: 'video', uri: event.hangoutLink, label: `meet.google.com/${code}` }],
      conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet' },
      conferenceId: code,
    };
  }

  function notify(action, event, query) {
    const sendUpdates = query.get('sendUpdates') ?? 'none';
    if (!['all', 'externalOnly', 'none'].includes(sendUpdates))
      refuse(400, 'invalid', 'Invalid value for: sendUpdates');
    return () =>
      notifications.push({
        time: new Date().toISOString(),
        action,
        event: event.id,
        sendUpdates,
        to: sendUpdates === 'none' ? [] : (event.attendees ?? []).map((a) => a.email),
      });
  }

  const changed = new WeakMap(); // event → when, in changes

  function stamp(event) {
    changed.set(event, ++changes);
    event.updated = new Date().toISOString();
    event.etag = `"${randomBytes(8).toString('hex')}"`;
    return event;
  }

  const READ_ONLY = ['kind', 'etag', 'id', 'recurringEventId', 'originalStartTime', 'created', 'updated', 'htmlLink', 'hangoutLink', 'iCalUID', 'creator', 'organizer', 'conferenceData'];
  const writable = (body) =>
    Object.fromEntries(Object.entries(body).filter(([key]) => !READ_ONLY.includes(key)));

  function makeEvent(body, query) {
    const id = body.id ?? randomUUID().replaceAll('-', '');
    if (typeof id !== 'string' || !/^[0-9a-v]{5,1024}$/.test(id))
      refuse(400, 'invalid', 'Invalid resource id value.');
    const owner = { email: config.calendars[0], self: true };
    const event = {
      kind: 'calendar#event',
      id,
      status: 'confirmed',
      htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(id).toString('base64url')}`,
      created: new Date().toISOString(),
      creator: owner,
      organizer: owner,
      iCalUID: `${id}@google.com`,
      sequence: 0,
      eventType: 'default',
      reminders: { useDefault: true },
      ...writable(body),
    };
    event.attendees = body.attendees?.map((a) => ({ responseStatus: 'needsAction', ...a }));
    check(event);
    conference(event, body.conferenceData, query);
    return stamp(event);
  }

  function insert(req) {
    const events = calendarOr404(req.params.calendar);
    const event = makeEvent(jsonBody(req), req.query);
    const told = notify('created', event, req.query);
    // A deleted event keeps its id.
    if (events.has(event.id)) refuse(409);
    events.set(event.id, event);
    told();
    return { body: event };
  }

  const find = (events, id) => events.get(id) ?? occurrenceOf(events, id, config.timezone);
  const eventOr404 = ({ params }) => find(calendarOr404(params.calendar), params.event) ?? refuse(404);

  /** What stood for itself goes with its series. */
  function endSeries(events, id) {
    for (const event of events.values())
      if (event.recurringEventId === id && event.status !== 'cancelled') stamp(Object.assign(event, { status: 'cancelled' }));
  }

  /** A series that begins has none of what stood for itself in one of before. */
  function beginSeries(events, id) {
    for (const event of events.values()) if (event.recurringEventId === id) events.delete(event.id);
  }

  function get(req) {
    const event = eventOr404(req);
    const answer = structuredClone(event);
    settleConference(event);
    return { body: answer };
  }

  function change(req, apply) {
    const event = eventOr404(req);
    const match = req.headers['if-match'];
    if (match && match !== '*' && match !== event.etag) refuse(412);
    const body = jsonBody(req);
    const next = apply(event, body);
    check(next);
    conference(next, body.conferenceData, req.query);
    const told = notify(next.status === 'cancelled' ? 'cancelled' : 'updated', next, req.query);
    next.sequence = (event.sequence ?? 0) + 1;
    calendarOr404(req.params.calendar).set(event.id, stamp(next));
    if (event.recurrence && !next.recurrence) endSeries(calendarOr404(req.params.calendar), event.id);
    if (!event.recurrence && next.recurrence) beginSeries(calendarOr404(req.params.calendar), event.id);
    told();
    return { body: next };
  }

  /** RFC 7396, which is what Google's patch does: null removes, objects merge, lists replace. */
  function merged(old, patch) {
    if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
    const out = { ...(old && typeof old === 'object' && !Array.isArray(old) ? old : {}) };
    for (const [key, value] of Object.entries(patch))
      if (value === null) delete out[key];
      else out[key] = merged(out[key], value);
    return out;
  }

  const patch = (req) => change(req, (event, body) => merged(event, writable(body)));
  const update = (req) =>
    change(req, (event, body) => ({
      ...Object.fromEntries(Object.entries(event).filter(([key]) => READ_ONLY.includes(key))),
      status: 'confirmed',
      ...writable(body),
    }));

  function remove(req) {
    const event = eventOr404(req);
    if (event.status === 'cancelled') refuse(410);
    const match = req.headers['if-match'];
    if (match && match !== '*' && match !== event.etag) refuse(412);
    const told = notify('cancelled', event, req.query);
    event.status = 'cancelled';
    calendarOr404(req.params.calendar).set(event.id, stamp(event));
    if (event.recurrence) endSeries(calendarOr404(req.params.calendar), event.id);
    told();
    return { status: 204 };
  }

  // What an incremental list may not have beside its token; of deleted events it shows the id.
  const NOT_WITH_TOKEN = ['iCalUID', 'orderBy', 'privateExtendedProperty', 'q', 'sharedExtendedProperty', 'timeMin', 'timeMax', 'updatedMin'];

  function listChanges(req) {
    const { query } = req;
    if (NOT_WITH_TOKEN.some((name) => query.has(name)))
      refuse(400, 'badRequest', 'Sync token cannot be combined with other query restrictions.');
    const from = /^sync(\d+)$/.exec(query.get('syncToken'));
    if (!from) refuse(400, 'invalid', 'Invalid sync token value.');
    if (Number(from[1]) < synced) refuse(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.');
    const found = [...calendarOr404(req.params.calendar).values()].filter((event) => changed.get(event) > Number(from[1]))
      .map(({ kind, id, status, recurringEventId, originalStartTime, ...rest }) =>
        ({ kind, id, status, ...(recurringEventId && { recurringEventId, originalStartTime }), ...(status !== 'cancelled' && rest) }));
    return page(req, found);
  }

  function listEvents(req) {
    const { query } = req;
    if (query.has('syncToken')) return listChanges(req);
    const flag = (name) => query.get(name) === 'true';
    const time = (name) => {
      if (!query.has(name)) return undefined;
      const ms = parseTime(query.get(name));
      return Number.isNaN(ms) ? refuse(400, 'badRequest', 'Bad Request') : ms;
    };
    const [min, max, since] = [time('timeMin'), time('timeMax'), time('updatedMin')];
    if (min !== undefined && max !== undefined && max <= min)
      refuse(400, 'timeRangeEmpty', 'The specified time range is empty.', { locationType: 'parameter', location: 'timeMax' });
    const order = query.get('orderBy');
    if (order && !['startTime', 'updated'].includes(order)) refuse(400, 'invalid', 'Invalid value for: orderBy');
    if (order === 'startTime' && !flag('singleEvents'))
      refuse(400, 'badRequest', 'The requested ordering is not available for the particular query.');
    const wanted = [];
    for (const kind of ['private', 'shared'])
      for (const pair of query.getAll(`${kind}ExtendedProperty`)) {
        const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? refuse(400, 'invalid', 'Invalid extended property.');
        wanted.push([kind, key, value]);
      }
    const events = calendarOr404(req.params.calendar);
    const single = flag('singleEvents');
    const found = [...(single ? singly(events, max ?? Date.now() + YEAR_MS) : events.values())].filter((event) => {
      const [start, end] = span(event);
      return (
        (event.status !== 'cancelled' || flag('showDeleted') || (event.recurringEventId && !single)) &&
        (min === undefined || end > min) &&
        (max === undefined || start < max) &&
        (since === undefined || Date.parse(event.updated) >= since) &&
        (!query.has('iCalUID') || event.iCalUID === query.get('iCalUID')) &&
        wanted.every(([kind, key, value]) => event.extendedProperties?.[kind]?.[key] === value)
      );
    });
    if (order === 'startTime') found.sort((a, b) => range(a)[0] - range(b)[0]);
    if (order === 'updated') found.sort((a, b) => Date.parse(a.updated) - Date.parse(b.updated));
    return page(req, found);
  }

  function page(req, found) {
    const { query } = req;
    const size = Math.min(Number(query.get('maxResults') ?? 250), config.page_size);
    const from = Number(query.get('pageToken') ?? 0);
    if (!(size >= 1) || !(from >= 0)) refuse(400, 'invalid', 'Invalid value.');
    return {
      body: {
        kind: 'calendar#events',
        summary: req.params.calendar === 'primary' ? seen[0] : req.params.calendar,
        timeZone: config.timezone,
        updated: new Date().toISOString(),
        accessRole: config.role,
        ...(from + size < found.length ? { nextPageToken: String(from + size) } : { nextSyncToken: `sync${changes}` }),
        items: found.slice(from, from + size),
      },
    };
  }

  // ---- free/busy ----

  const isBusy = (event) =>
    event.status !== 'cancelled' &&
    event.transparency !== 'transparent' &&
    !event.attendees?.some((a) => a.self && a.responseStatus === 'declined');

  function busyTimes(events, min, max, write) {
    const times = [...singly(events, max)].filter(isBusy).map(range)
      .filter(([start, end]) => start < max && end > min && start < end)
      .sort((a, b) => a[0] - b[0]);
    const joined = [];
    for (const [start, end] of times) {
      const last = joined.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else joined.push([start, end]);
    }
    return joined.map(([start, end]) => ({ start: write(start), end: write(end) }));
  }

  function freeBusy(req) {
    const body = jsonBody(req);
    const time = (name) => {
      if (body[name] === undefined) refuse(400, 'required', `Missing ${name} parameter.`);
      const ms = parseTime(body[name]);
      return Number.isNaN(ms) ? refuse(400, 'badRequest', 'Bad Request') : ms;
    };
    const [min, max] = [time('timeMin'), time('timeMax')];
    if (max <= min)
      refuse(400, 'timeRangeEmpty', 'The specified time range is empty.', { locationType: 'parameter', location: 'timeMax' });
    // An hour more than 90 days, for the end of summer time.
    if (max - min > 90 * DAY_MS + 3_600_000)
      refuse(400, 'timeRangeTooLong', 'The requested time range is too long.', { locationType: 'parameter', location: 'timeMax' });
    if (body.timeZone !== undefined && !isZone(body.timeZone)) refuse(400, 'invalid', 'Invalid time zone.');
    const items = body.items ?? [];
    if (!Array.isArray(items) || items.some((item) => typeof item?.id !== 'string'))
      refuse(400, 'invalid', 'Invalid value for: items');
    const form = config.offset !== 'Z' ? config.offset : body.timeZone ?? 'Z';
    const write = (ms) => formatTime(ms, form);
    const { fault } = req;
    const answer = ({ id }) => {
      if (fault?.kind === 'calendar_errors' && (!fault.calendar || fault.calendar === id))
        return { errors: [{ domain: 'global', reason: fault.reason ?? 'internalError' }], busy: [] };
      if (items.length > 50)
        return { errors: [{ domain: 'global', reason: 'tooManyCalendarsRequested' }], busy: [] };
      const events = eventsOf(id);
      if (!events) return { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] };
      return { busy: busyTimes(events, min, max, write) };
    };
    return {
      body: {
        kind: 'calendar#freeBusy',
        timeMin: formatTime(min, 'Z').replace('Z', '.000Z'),
        timeMax: formatTime(max, 'Z').replace('Z', '.000Z'),
        calendars: Object.fromEntries(items.map((item) => [item.id, answer(item)])),
      },
    };
  }

  // ---- the service ----

  const api = (name, method, path, scopes, handle) => ({
    name,
    method: [method],
    path,
    handle(req) {
      try {
        seen = authorize(req, scopes);
        return handle(req);
      } catch (error) {
        if (error instanceof Refusal) return error.reply;
        throw error;
      } finally {
        seen = undefined;
      }
    },
  });
  const EVENTS = /^\/calendar\/v3\/calendars\/(?<calendar>[^/]+)\/events$/;
  const EVENT = /^\/calendar\/v3\/calendars\/(?<calendar>[^/]+)\/events\/(?<event>[^/]+)$/;

  return {
    name: 'google',
    config,
    reset,
    routes: [
      { name: 'consent', method: ['GET'], path: /^\/o\/oauth2\/v2\/auth$/, handle: consent },
      { name: 'token', method: ['POST'], path: /^\/token$/, handle: token },
      api('freeBusy', 'POST', /^\/calendar\/v3\/freeBusy$/, FREEBUSY_SCOPES, freeBusy),
      api('events.insert', 'POST', EVENTS, EVENT_SCOPES, insert),
      api('events.list', 'GET', EVENTS, EVENT_SCOPES, listEvents),
      api('events.get', 'GET', EVENT, EVENT_SCOPES, get),
      api('events.patch', 'PATCH', EVENT, EVENT_SCOPES, patch),
      api('events.update', 'PUT', EVENT, EVENT_SCOPES, update),
      api('events.delete', 'DELETE', EVENT, EVENT_SCOPES, remove),
    ],
    error(status, fault) {
      if (fault.route === 'token')
        return denied(status, fault.reason ?? (status === 401 ? 'invalid_client' : status >= 500 ? 'internal_failure' : 'invalid_grant'), 'A fault of the stand.');
      const reply = failure(status, fault.reason, fault.message);
      if (fault.retry_after !== undefined) reply.headers['retry-after'] = String(fault.retry_after);
      return reply;
    },
    mask: (text) => text.replace(/\b(client_secret|refresh_token|code|code_verifier)=[^&\s]*/g, '$1=…'),
    state: () => ({
      events: [...calendars].flatMap(([calendar, events]) =>
        [...events.values()].map((event) => ({ calendar, ...event })),
      ),
      notifications,
      tokens: [...tokens.values()].filter(({ until }) => until > Date.now()).length,
      revoked,
    }),
    actions: {
      /** The owner's own events, one or a list; `calendar` says in which (absent: the first). */
      events(body) {
        const list = Array.isArray(body) ? body : [body];
        try {
          return list.map(({ calendar = 'primary', ...event }) => {
            const events = eventsOf(calendar);
            if (!events) throw new Error(`There is no calendar ${calendar}.`);
            const made = makeEvent(event, new URLSearchParams());
            events.set(made.id, made);
            return made;
          });
        } catch (error) {
          throw new Error(error.reply?.body.error.message ?? error.message);
        }
      },
      /** The owner changes an event in the calendar: {id, …fields}; {id, status: 'cancelled'} deletes it. */
      edit({ id, ...fields }) {
        const events = eventsOf('primary');
        const event = find(events, id);
        if (!event) throw new Error(`There is no event ${id}.`);
        if (!event.recurrence && fields.recurrence) beginSeries(events, id);
        events.set(id, stamp(Object.assign(event, fields)));
      },
      /** All sync tokens are too old. */
      unsync() {
        synced = ++changes;
      },
      /** {what: 'tokens'} ends the access tokens, {what: 'grant'} the refresh token as well. */
      revoke({ what = 'tokens' }) {
        if (!['tokens', 'grant', 'restore'].includes(what))
          throw new Error('what is tokens, grant or restore.');
        if (what !== 'restore') tokens.clear();
        revoked = what === 'grant' || (revoked && what !== 'restore');
      },
    },
  };
}
