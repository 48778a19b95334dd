// SPDX-License-Identifier: MIT
// resend.mjs: a stand-in for Resend

import { createHash, randomUUID } from 'node:crypto';
import { Rate } from './service.mjs';

const ADDRESS = /^(?:[^<>]*<\s*([^\s@<>]+@[^\s@<>]+\.[^\s@<>]+)\s*>|([^\s@<>]+@[^\s@<>]+\.[^\s@<>]+))$/;
const NAMES = {
  400: 'validation_error',
  401: 'missing_api_key',
  403: 'invalid_api_key',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'concurrent_idempotent_requests',
  422: 'validation_error',
  429: 'rate_limit_exceeded',
};

const failure = (statusCode, name, message, headers = {}) => ({
  status: statusCode,
  headers,
  body: { statusCode, name, message },
});

const list = (value) => (value === undefined || value === null ? [] : [value].flat());
const addressIn = (text) => {
  const found = typeof text === 'string' && ADDRESS.exec(text);
  return found ? found[1] ?? found[2] : undefined;
};

export function resend(credentials) {
  const config = {
    per_second: 5, // requests a second; 0: without a limit
    domains: ['book.example.com'], // verified for sending
    idempotency_ms: 86_400_000,
  };
  let mails, keys;
  const rate = new Rate();

  function reset() {
    mails = [];
    keys = new Map(); // Idempotency-Key → {digest, until, answer}; no answer: in progress
    rate.clear();
  }
  reset();

  /** What is wrong with a mail, or undefined. */
  function problem(mail) {
    const invalid = (message) => failure(422, 'validation_error', message);
    for (const field of ['from', 'to', 'subject'])
      if (mail[field] === undefined || mail[field] === '' || list(mail[field]).length === 0)
        return failure(422, 'missing_required_field', `Missing \`${field}\` field.`);
    const from = addressIn(mail.from);
    if (!from)
      return failure(422, 'invalid_from_address', 'Invalid `from` field. The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.');
    const domain = from.split('@')[1];
    if (!config.domains.includes(domain))
      return failure(403, 'validation_error', `The ${domain} domain is not verified. Please, add and verify your domain.`);
    for (const field of ['to', 'cc', 'bcc', 'reply_to'])
      if (!list(mail[field]).every(addressIn)) return invalid(`Invalid \`${field}\` field.`);
    if (list(mail.to).length > 50) return invalid('Too many recipients: the maximum is 50.');
    if (typeof mail.subject !== 'string' || /[\r\n]/.test(mail.subject))
      return invalid('Invalid `subject` field.');
    if (mail.html === undefined && mail.text === undefined)
      return failure(422, 'missing_required_field', 'Missing `html` or `text` field.');
    for (const field of ['html', 'text'])
      if (mail[field] !== undefined && typeof mail[field] !== 'string') return invalid(`Invalid \`${field}\` field.`);
    for (const value of Object.values(mail.headers ?? {}))
      if (typeof value !== 'string' || /[\r\n]/.test(value)) return invalid('Invalid `headers` field.');
    for (const tag of mail.tags ?? [])
      for (const part of [tag?.name, tag?.value])
        if (typeof part !== 'string' || !/^[A-Za-z0-9_-]{1,256}$/.test(part))
          return invalid('Tags should only contain ASCII letters, numbers, underscores, or dashes.');
    for (const file of mail.attachments ?? []) {
      const content = typeof file?.content === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(file.content) && file.content.length % 4 === 0;
      if (!file?.filename || (!content && !file.path))
        return failure(422, 'invalid_attachment', 'Attachment must have either a `content` or `path`, and a `filename`.');
    }
    return undefined;
  }

  function emails({ headers, raw, text }) {
    const key = headers['idempotency-key'];
    if (key !== undefined && (key.length < 1 || key.length > 256))
      return failure(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars.');
    const digest = createHash('sha256').update(raw).digest('hex');
    const known = key !== undefined && keys.get(key);
    if (known && known.until > Date.now()) {
      if (known.digest !== digest)
        return failure(409, 'invalid_idempotent_request', 'Same idempotency key used with a different request payload.');
      if (!known.answer)
        return failure(409, 'concurrent_idempotent_requests', 'Same idempotency key used while original request is still in progress.');
      return { ...known.answer, settle: undefined };
    }
    let mail;
    try {
      mail = JSON.parse(text);
    } catch {
      return failure(400, 'validation_error', 'The request body is no JSON.');
    }
    const wrong = problem(mail);
    if (wrong) return wrong;
    const id = randomUUID();
    mails.push({ id, time: new Date().toISOString(), idempotency_key: key ?? null, ...mail });
    const answer = { body: { id } };
    if (key === undefined) return answer;
    // The key is in use until the answer has left or its receiver has gone.
    const entry = { digest, until: Date.now() + config.idempotency_ms };
    keys.set(key, entry);
    return { ...answer, settle: () => (entry.answer = answer) };
  }

  function mail({ params }) {
    const found = mails.find(({ id }) => id === params.id);
    return found
      ? { body: { object: 'email', ...found, created_at: found.time, last_event: 'delivered' } }
      : failure(404, 'not_found', 'Email not found');
  }

  const domains = () => ({
    body: { object: 'list', data: config.domains.map((name) => ({ id: name, name, status: 'verified' })) },
  });

  const api = (name, method, path, handle) => ({
    name,
    method: [method],
    path,
    handle(req) {
      if (!req.headers['user-agent'])
        return { status: 403, headers: { 'content-type': 'text/plain' }, body: 'error code: 1010' };
      const bearer = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '');
      if (!bearer) return failure(401, 'missing_api_key', 'Missing API Key');
      if (bearer[1] !== credentials.resend_api_key) return failure(403, 'invalid_api_key', 'API key is invalid');
      const allowed = rate.allows(config.per_second, 1000);
      const limits = {
        'ratelimit-limit': String(config.per_second),
        'ratelimit-remaining': String(rate.left(config.per_second)),
        'ratelimit-reset': '1',
      };
      if (!allowed)
        return failure(429, 'rate_limit_exceeded', `Too many requests. You can only make ${config.per_second} requests per second.`, { ...limits, 'retry-after': '1' });
      const reply = handle(req);
      return { ...reply, headers: { ...limits, ...reply.headers } };
    },
  });

  return {
    name: 'resend',
    config,
    reset,
    routes: [
      api('emails.send', 'POST', /^\/emails$/, emails),
      api('emails.get', 'GET', /^\/emails\/(?<id>[^/]+)$/, mail),
      api('domains', 'GET', /^\/domains$/, domains),
    ],
    error: (status, fault) =>
      failure(
        status,
        fault.reason ?? NAMES[status] ?? 'internal_server_error',
        fault.message ?? 'A fault of the stand.',
        fault.retry_after === undefined ? {} : { 'retry-after': String(fault.retry_after) },
      ),
    mask: (text) => text,
    state: () => ({ mails, keys: keys.size }),
    actions: {
      /** The mails alone, of one booking or of all: the state has every request as well. */
      mails: ({ booking = '' }) => mails.filter((mail) => (mail.idempotency_key ?? '').startsWith(booking)),
      /** Forgets the idempotency keys, as Resend does after a day. */
      forget: () => keys.clear(),
    },
  };
}
