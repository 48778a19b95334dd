// SPDX-License-Identifier: MIT
// telegram.mjs: a stand-in for Telegram's Bot API

import { Rate } from './service.mjs';

const DESCRIPTIONS = {
  400: 'Bad Request: chat not found',
  401: 'Unauthorized',
  403: 'Forbidden: bot was blocked by the user',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

const failure = (error_code, description, parameters) => ({
  status: error_code,
  body: { ok: false, error_code, description, ...(parameters ? { parameters } : {}) },
});
const success = (result) => ({ body: { ok: true, result } });

export function telegram(credentials) {
  const config = {
    chats: ['123456'],
    per_second: 0, // messages a second and chat; 0: without a limit
  };
  const bot = {
    id: Number.parseInt(credentials.telegram_bot_token, 10) || 1,
    is_bot: true,
    first_name: 'Slotguard',
    username: 'slotguard_stand_bot',
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  };
  let messages;
  // What was written to the bot, as Telegram keeps it for a day.
  const updates = [
    { update_id: 1, message: { message_id: 1, date: 0, chat: { id: 99, type: 'private', first_name: 'Zoë' }, text: '/start' } },
    { update_id: 2, my_chat_member: { date: 0, chat: { id: -1001234567890, type: 'supergroup', title: 'Calls' } } },
    { update_id: 3, message: { message_id: 2, date: 0, chat: { id: 99, type: 'private', first_name: 'Zoë' }, text: 'hello' } },
  ];
  const rates = new Map();

  function reset() {
    messages = [];
    rates.clear();
  }
  reset();

  const chat = (id) => ({ id: Number(id), type: 'private', first_name: 'Owner' });
  const known = (id) => config.chats.includes(String(id));

  const methods = {
    getMe: () => success(bot),
    getUpdates: () => success(updates),
    getChat: ({ chat_id }) => (known(chat_id) ? success(chat(chat_id)) : failure(400, DESCRIPTIONS[400])),
    sendMessage({ chat_id, text, ...more }) {
      if (chat_id === undefined || chat_id === '') return failure(400, 'Bad Request: chat_id is empty');
      if (!known(chat_id)) return failure(400, DESCRIPTIONS[400]);
      if (typeof text !== 'string' || text.trim() === '') return failure(400, 'Bad Request: message text is empty');
      if ([...text].length > 4096) return failure(400, 'Bad Request: message is too long');
      const rate = rates.get(String(chat_id)) ?? new Rate();
      rates.set(String(chat_id), rate);
      if (!rate.allows(config.per_second, 1000))
        return failure(429, 'Too Many Requests: retry after 1', { retry_after: 1 });
      const message = {
        message_id: messages.length + 1,
        from: bot,
        chat: chat(chat_id),
        date: Math.floor(Date.now() / 1000),
        text,
      };
      messages.push({ time: new Date().toISOString(), ...message, ...more });
      return success(message);
    },
  };

  /** Parameters come as JSON, as a form or in the address. */
  function parameters({ headers, query, text }) {
    const given = Object.fromEntries(query);
    if (!text) return given;
    if (/^application\/json\b/i.test(headers['content-type'] ?? '')) return { ...given, ...JSON.parse(text) };
    return { ...given, ...Object.fromEntries(new URLSearchParams(text)) };
  }

  const route = (name) => ({
    name,
    method: ['GET', 'POST'],
    path: new RegExp(`^/bot(?<token>[^/]+)/${name}$`, 'i'),
    handle(req) {
      if (!/^\d+:[A-Za-z0-9_-]+$/.test(req.params.token)) return failure(404, 'Not Found');
      if (req.params.token !== credentials.telegram_bot_token) return failure(401, 'Unauthorized');
      try {
        return methods[name](parameters(req));
      } catch {
        return failure(400, "Bad Request: can't parse the request");
      }
    },
  });

  return {
    name: 'telegram',
    config,
    reset,
    routes: Object.keys(methods).map(route),
    error(status, fault) {
      const parameters = {};
      if (fault.retry_after !== undefined) parameters.retry_after = fault.retry_after;
      if (fault.migrate_to_chat_id !== undefined) parameters.migrate_to_chat_id = fault.migrate_to_chat_id;
      const wait = fault.retry_after === undefined ? '' : `: retry after ${fault.retry_after}`;
      return failure(
        status,
        fault.message ?? (DESCRIPTIONS[status] ?? 'Bad Gateway') + wait,
        Object.keys(parameters).length ? parameters : undefined,
      );
    },
    mask: (text) => text.replace(/\/bot[^/]+\//, '/bot…/'),
    state: () => ({ messages }),
    actions: {
      /** The texts alone. */
      texts: () => messages.map(({ text }) => text),
    },
  };
}
