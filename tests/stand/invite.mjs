// SPDX-License-Identifier: MIT
// invite.mjs: the invitations of the mails that left, as another program's parser reads them
//
//   invite.mjs <MAILS       a JSON list of mails → one JSON object a line, in their order
//
// It fails when a line is longer than 75 octets, is cut inside a character, or does not end in
// CRLF (RFC 5545, section 3.1), or when the parser or its component types refuse something.

import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

function unfolded(bytes) {
  const text = bytes.toString('latin1');
  if (!text.endsWith('\r\n') || /[^\r]\n|\r[^\n]/.test(text)) throw new Error('A line does not end in CRLF.');
  for (const line of text.slice(0, -2).split('\r\n')) {
    if (line.length > 75) throw new Error(`A line has ${line.length} octets: ${line}`);
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(line, 'latin1'));
  }
  return bytes.toString();
}

function read(mail) {
  const about = { to: [mail.to].flat().join(), subject: mail.subject };
  const file = mail.attachments?.[0];
  if (!file) return { ...about, method: null };
  const calendar = new ICAL.Component(ICAL.parse(unfolded(Buffer.from(file.content, 'base64'))));
  const events = calendar.getAllSubcomponents('vevent');
  if (events.length !== 1) throw new Error(`There are ${events.length} events.`);
  const own = (name) => events[0].getAllProperties(name);
  for (const name of ['uid', 'sequence', 'dtstamp', 'dtstart', 'dtend', 'organizer', 'attendee', 'status', 'summary'])
    if (own(name).length !== 1) throw new Error(`There are ${own(name).length} of ${name}.`);
  const event = new ICAL.Event(events[0]);
  const wire = (time) => time.toJSDate().toISOString().replace(/:00\.000Z$/, 'Z');
  return {
    ...about,
    type: file.content_type,
    method: calendar.getFirstPropertyValue('method'),
    uid: event.uid,
    sequence: event.sequence,
    start: wire(event.startDate),
    end: wire(event.endDate),
    status: events[0].getFirstPropertyValue('status'),
    summary: event.summary,
    description: event.description,
    location: event.location,
    url: events[0].getFirstPropertyValue('url'),
    organizer: events[0].getFirstPropertyValue('organizer'),
    attendee: events[0].getFirstPropertyValue('attendee'),
    attendee_name: own('attendee')[0].getFirstParameter('cn'),
    properties: events[0].getAllProperties().map(({ name }) => name).sort().join(),
  };
}

for (const mail of JSON.parse(readFileSync(0, 'utf8'))) console.log(JSON.stringify(read(mail)));
