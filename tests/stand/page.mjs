// SPDX-License-Identifier: MIT
// page.mjs: what the stand-ins received, as a page for people

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (value) => String(value ?? '').replace(/[&<>"']/g, (c) => ENTITIES[c]);

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc }
article { border: 1px solid #ddd; border-radius: 4px; padding: .5rem 1rem; margin: 1rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 14px }
small { color: #666 }
table { border-collapse: collapse; width: 100%; font-size: 14px }
td, th { text-align: left; padding: .2rem .5rem; border-bottom: 1px solid #eee; overflow-wrap: anywhere }
iframe { width: 100%; height: 24rem; border: 1px solid #ddd }`;

const newestFirst = (list) => [...list].reverse();
const all = (list, one) =>
  list.length ? newestFirst(list).map(one).join('\n') : '<p>Nothing so far.</p>';

const mail = (m) => `<article>
<strong>${escape(m.subject)}</strong><br>
<small>${escape(m.time)} from ${escape(m.from)} to ${escape([m.to].flat().join(', '))}</small>
<pre>${escape(m.text)}</pre>
${(m.attachments ?? []).map((a) => `<details><summary>${escape(a.filename)}</summary><pre>${escape(Buffer.from(a.content ?? '', 'base64'))}</pre></details>`).join('')}
${m.html ? `<details><summary>HTML</summary><iframe sandbox title="HTML" srcdoc="${escape(m.html)}"></iframe></details>` : ''}
</article>`;

const message = (m) => `<article>
<small>${escape(m.time)} to chat ${escape(m.chat.id)}</small>
<pre>${escape(m.text)}</pre>
</article>`;

const event = (e) => `<article>
<strong>${escape(e.summary ?? '(no title)')}</strong>${e.status === 'cancelled' ? ' – cancelled' : ''}<br>
${escape(e.start.dateTime ?? e.start.date)} – ${escape(e.end.dateTime ?? e.end.date)}<br>
<small>${escape(e.calendar)}, id ${escape(e.id)}${e.attendees ? `, with ${escape(e.attendees.map((a) => a.email).join(', '))}` : ''}${e.hangoutLink ? `, ${escape(e.hangoutLink)}` : ''}</small>
<pre>${escape(e.description)}</pre>
</article>`;

const requests = (state) => `<h3>${escape(state.service)}</h3>
<table><tr><th>time</th><th>request</th><th>answer</th><th>ms</th></tr>
${newestFirst(state.requests).slice(0, 50).map((r) => `<tr><td>${escape(r.time.slice(11, 23))}</td><td>${escape(r.method)} ${escape(r.path)}${state.service === 'clickhouse' ? `<br><small>${escape(r.body)}</small>` : ''}</td><td>${escape(r.status ?? '–')} ${escape(r.fault)}</td><td>${escape(r.ms)}</td></tr>`).join('\n')}
</table>`;

/** standIns: Map of name → Service. */
export function page(standIns) {
  const states = Object.fromEntries([...standIns].map(([name, service]) => [name, service.state()]));
  const { google, resend, telegram } = states;
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'",
    },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>What the stand-ins received</title><style>${STYLE}</style></head><body>
<h1>What the stand-ins received</h1>
<p>These servers stand in for Google, Resend and Telegram. Nothing leaves this machine.
This page shows the newest first and loads itself again every five seconds.</p>
<h2>E-mail (${resend.mails.length})</h2>
${all(resend.mails, mail)}
<h2>Telegram (${telegram.messages.length})</h2>
${all(telegram.messages, message)}
<h2>Calendar events (${google.events.length})</h2>
${all(google.events, event)}
<h2>Requests, the last 50 of each</h2>
${Object.values(states).map(requests).join('\n')}
</body></html>
`,
  };
}
