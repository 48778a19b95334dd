// SPDX-License-Identifier: MIT
// mails.mjs: node mails.mjs SENT FOLDER [--update]: the mails of SENT, as check_mails leaves them, hold in every program
//
// They are the ones that were agreed on; their HTML keeps to what Outlook's Word engine understands; it is sound, and can be
// read by everybody, in Chromium and Firefox, by telephone and desk, by day and night; and they say what they have to.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer from '../stand/node_modules/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js';
import { HtmlValidate } from '../stand/node_modules/html-validate/dist/cjs/index.js';
import { chromium } from '../stand/node_modules/playwright-core/index.mjs';

const [, , sent, folder, update] = process.argv;
const axe = readFileSync(new URL('../stand/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const faults = [];

/** What says, in each language, that a decline does not cancel: in the mail, and in the invitation. */
const DECLINES = {
  en: ['does not cancel the call', 'does not cancel the call'],
  de: ['sagt das Gespräch nicht ab', 'abgesagt ist das Gespräch damit nicht'],
  es: ['no anula la llamada', 'no anula la llamada'],
  he: ['אינה מבטלת את השיחה', 'אינה מבטלת את השיחה'],
};
const WITH_CALL = ['booked', 'booked-here', 'moved', 'reminder', 'begun'];
const VIDEO = 'https://meet.example.com/avo';
const PLACE = '12 Mill Lane';

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {
    'void-style': ['error', { style: 'omit' }],
    'doctype-style': ['error', { style: 'lowercase' }],
    'no-trailing-whitespace': 'off',
    // Mail programs want what pages no longer have: sizes and colours as attributes, and styles in their place.
    'no-deprecated-attr': 'off',
    'no-inline-style': 'off',
    'no-conditional-comment': 'off',
    'prefer-tbody': 'off',
  },
});

/** What Outlook for Windows, Gmail and the dark schemes of others cannot do with. */
function* outlook(html) {
  const visible = html.replace(/<style>[^]*?<\/style>/, '').replace(/<!--\[if mso\]>|<!\[endif\]-->/g, '');
  for (const [tag, name] of visible.matchAll(/<([a-z0-9]+)[^>]*>/g)) {
    const style = /style="([^"]*)"/.exec(tag)?.[1] ?? '';
    if (/padding(?!: 0;)/.test(style) && !(name === 'td' || (name === 'a' && /display: inline-block/.test(style)))) yield `padding of ${tag}`;
    if (/display: (flex|grid)|float:|position:|background-image|url\(|calc\(|var\(/.test(style)) yield `a style it does not know: ${tag}`;
    if (name === 'table' && !/role="presentation".* cellpadding="0" cellspacing="0" border="0"/.test(tag)) yield `a table that is not laid out: ${tag}`;
    if (/background:/.test(style) && !/bgcolor=/.test(tag) && name !== 'body') yield `a colour that is no attribute: ${tag}`;
    if (['img', 'script', 'form', 'input', 'link', 'div', 'svg', 'video', 'button'].includes(name)) yield `<${name}>`;
  }
  for (const [, link] of visible.matchAll(/<td[^>]*bgcolor="[^"]*"[^>]*>(<a [^>]*inline-block[^>]*>)/g))
    if (!/mso-padding-alt/.test(visible.slice(0, visible.indexOf(link)).split('<td').pop())) yield `a button without room: ${link}`;
  if (!/max-width: 520px/.test(html) || !/\[if mso\]><table role="presentation" width="520"/.test(html)) yield 'no width in Outlook';
  if ((html.match(/\[if mso\]/g) ?? []).length !== (html.match(/<!\[endif\]-->/g) ?? []).length) yield 'a comment of Outlook without its end';
  if (!/<meta name="color-scheme" content="light dark">/.test(html) || !/supported-color-schemes/.test(html) || !/prefers-color-scheme: dark/.test(html))
    yield 'no dark scheme';
  // Gmail cuts off what is longer.
  if (html.length > 102000) yield `${html.length} bytes`;
}

const agreed = (name, text) => {
  const file = join(folder, name);
  if (update) writeFileSync(file, text);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) faults.push(`${name} is not the one that was agreed on`);
};

// The id in a reminder is made anew, and known to nobody before.
const said = (file) => {
  const all = readFileSync(join(sent, file), 'utf8');
  return file.includes('-nudge') ? all.replaceAll(/bookingId=[0-9a-f-]{36}/g, 'bookingId=00000000-0000-0000-0000-00000000000a') : all;
};

const mails = readdirSync(sent).sort().map((file) => {
  const { subject, text, html, attachments } = JSON.parse(said(file));
  const [, language, kind] = /^(..)-(.*)\.json$/.exec(file);
  const ics = attachments && Buffer.from(attachments[0].content, 'base64').toString();
  return { name: `${language}-${kind}`, language, kind, subject, text, html, ics };
});
assert.equal(mails.length, 4 * 9, 'every kind in every language');
if (!update)
  assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith('.html')), mails.map(({ name }) => `${name}.html`), 'no other is agreed on');

for (const { name, language, kind, subject, text, html, ics } of mails) {
  agreed(`${name}.html`, html);
  agreed(`${name}.txt`, `${subject}\n\n${text}`);
  if (ics) agreed(`${name}.ics`, ics.replaceAll('\r\n', '\n'));
  for (const fault of outlook(html)) faults.push(`${name}: ${fault}`);
  const report = await validator.validateString(html, `${name}.html`);
  for (const { messages } of report.results)
    for (const { line, column, ruleId, message } of messages) faults.push(`${name}:${line}:${column}: ${ruleId}: ${message}`);
  if (!html.includes(`<html lang="${language}"`)) faults.push(`${name} does not say its language`);
  if (!WITH_CALL.includes(kind)) continue;
  const [inMail, inInvitation] = DECLINES[language];
  for (const [part, words] of [['html', html], ['text', text]])
    for (const wanted of [inMail, VIDEO, PLACE]) if (!words.includes(wanted)) faults.push(`${name}: its ${part} does not have: ${wanted}`);
  if (ics && !ics.replaceAll('\r\n ', '').includes(inInvitation)) faults.push(`${name}: its invitation does not have: ${inInvitation}`);
  if (Boolean(ics) === (kind === 'reminder')) faults.push(`${name}: the invitation`);
}

/** In a mail: what is awry in it. */
function awry(scheme) {
  const { scrollWidth, clientWidth } = document.documentElement;
  const faults = scrollWidth > clientWidth ? [`it is ${scrollWidth} wide in a window of ${clientWidth}`] : [];
  const light = ([r, g, b]) => (r * 299 + g * 587 + b * 114) / 1000;
  const shade = (colour) => light(colour.match(/\d+/g).map(Number));
  const card = getComputedStyle(document.querySelector('.card'));
  if ((shade(card.backgroundColor) < 128) !== (scheme === 'dark')) faults.push(`the card is ${card.backgroundColor} when it is ${scheme}`);
  if (Math.abs(shade(card.backgroundColor) - shade(getComputedStyle(document.querySelector('h1')).color)) < 128) faults.push('its heading cannot be read');
  for (const link of document.querySelectorAll('.button a')) {
    const { height, width, right } = link.getBoundingClientRect();
    if (height < 40 || width < 100 || right > clientWidth) faults.push(`the button is ${width} by ${height}`);
  }
  return faults;
}
const found = (name, how, list) => faults.push(...list.map((fault) => `${name} (${how}): ${fault}`));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const [width, scheme] of [[360, 'light'], [360, 'dark'], [640, 'light'], [640, 'dark']]) {
    const page = await (await browser.newContext({ viewport: { width, height: 760 }, colorScheme: scheme })).newPage();
    for (const { name, html } of mails) {
      await page.setContent(html);
      found(name, `Chromium, ${width}, ${scheme}`, await page.evaluate(awry, scheme));
      if ((width === 360) !== (scheme === 'light')) continue;
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }));
      found(name, `axe, ${width}, ${scheme}`, violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`));
    }
  }
} finally {
  await browser.close();
}
for (const [width, scheme] of [[640, 'light'], [360, 'dark']]) {
  const firefox = await puppeteer.launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    extraPrefsFirefox: { 'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1 },
  });
  try {
    const page = await firefox.newPage();
    await page.setViewport({ width, height: 760 });
    for (const { name, html } of mails) {
      await page.setContent(html);
      found(name, `Firefox, ${width}, ${scheme}`, await page.evaluate(awry, scheme));
    }
  } finally {
    await firefox.close();
  }
}
if (faults.length) {
  console.error(faults.join('\n'));
  console.error('If this is meant: UPDATE_GOLDEN=1 tests/t68-mails.sh, and look at the difference.');
  process.exit(1);
}
console.log(`${mails.length} mails are sound.`);
