// SPDX-License-Identifier: MIT
// firefox.mjs: the journey of journey.mjs in Debian's Firefox ESR, without scripts
//
// What Firefox has no command for is a setting of its profile: scripts, colours, motion. So there is a browser
// for each scheme, and a tab for each width.

import assert from 'node:assert/strict';
import puppeteer from '../stand/node_modules/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js';
import { ALL_LOOKS, awry, LOOKS, SCHEMES } from './browser.mjs';
import { base, booked, click, lead } from './site.mjs';

const launch = ({ scheme, forcedColors }) =>
  puppeteer.launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    acceptInsecureCerts: true,
    extraPrefsFirefox: {
      'javascript.enabled': false,
      'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
      'browser.display.document_color_use': forcedColors ? 2 : 0,
      'ui.prefersReducedMotion': 1,
    },
  });

/** Does something that leads to another page. */
const leads = (page, act) => Promise.all([page.waitForNavigation(), act()]);

/** Of the nth part of a selector that is shown, its place, made to be within the window, and what it is. Whatever waits
 * for a promise of the page would wait for ever, as scripts are off. */
const part = (page, selector, n = 0) =>
  page.evaluate(
    (selector, n) => {
      const shown = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility({ visibilityProperty: true }));
      if (!shown[n]) return { count: shown.length };
      shown[n].scrollIntoView({ block: 'center', behavior: 'instant' });
      const { x, y, width, height } = shown[n].getBoundingClientRect();
      return {
        count: shown.length, x: x + width / 2, y: y + height / 2, value: shown[n].value, text: shown[n].textContent,
        time: shown[n].getAttribute('datetime'), focused: shown[n] === document.activeElement,
      };
    },
    selector, n);
async function press(page, selector, n = 0) {
  const { x, y, value } = await part(page, selector, n);
  assert.ok(x, `${selector} ${n} is shown`);
  await page.mouse.click(x, y);
  return value;
}
const text = async (page, selector) => (await part(page, selector)).text;
const seen = async (page, selector) => (await part(page, selector)).count;
const focus = (page, selector) => page.evaluate((selector) => document.querySelector(selector).focus(), selector);
const chosen = (page) => page.evaluate(() => document.querySelector('.days input:checked').value);

async function looksRight(page, name, foreign) {
  const { width } = page.viewport();
  const found = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    headings: document.querySelectorAll('h1').length,
    font: getComputedStyle(document.querySelector('h1')).fontWeight,
  }));
  assert.ok(found.width <= width, `${name}: the page is ${found.width} wide in a window of ${width}`);
  assert.equal(found.headings, 1, `${name}: one heading says what the page is`);
  assert.equal(found.font, '700', `${name}: the stylesheet counts`);
  assert.deepEqual(foreign, [], `${name}: nothing is asked of others`);
}

async function journey(browser, look) {
  const page = await browser.newPage();
  await page.setViewport({ width: look.width, height: 900 });
  const foreign = [];
  page.on('request', (request) => request.url().startsWith(base) || request.url().startsWith('data:') || foreign.push(request.url()));

  await page.goto(`${base}/`);
  assert.deepEqual(
    await page.evaluate(() => [
      matchMedia('(prefers-color-scheme: dark)').matches, matchMedia('(forced-colors: active)').matches, matchMedia('(scripting: none)').matches,
    ]),
    [look.scheme === 'dark', Boolean(look.forcedColors), true], 'the window is the one that was asked for');
  await looksRight(page, 'the brief', foreign);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await focus(page, '#name');
  for (const word of ['Ada Lovelace', 'ada@example.com', '', 'Engines.', '', '']) {
    if (word) await page.keyboard.type(word);
    await page.keyboard.press('Tab');
  }
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BUTTON', 'the button follows the last field');
  await leads(page, () => page.keyboard.press('Enter'));
  assert.match(await text(page, 'h1'), /Choose a time/);
  await looksRight(page, 'the schedule', foreign);

  const days = await page.evaluate(() => [...document.querySelectorAll('.days input:enabled')].map(({ value }) => value));
  assert.equal(await chosen(page), days[0], 'the first open day is chosen');
  await focus(page, '.days input:checked');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await chosen(page), days[2], 'the arrow keys go from day to day');
  assert.equal(await seen(page, '.days section'), 1, 'one day is shown');
  await page.keyboard.press('Tab');
  assert.ok((await part(page, '.slots button')).focused, 'its times follow');
  await press(page, '.zone summary');
  await page.evaluate(() => { document.querySelector('#tz').value = 'Europe/Madrid'; });
  await leads(page, () => press(page, '#zone button'));
  assert.equal(await chosen(page), days[2], 'the day stays');
  assert.match(await text(page, '.zone summary'), /Madrid time/);
  await looksRight(page, 'the schedule in two zones', foreign);

  const rival = await click(await lead(), (await part(page, '.slots button', 5)).value);
  assert.equal(rival.status, 303);
  await leads(page, () => press(page, '.slots button', 5));
  assert.match(await text(page, '.notice h1'), /just gone/);
  assert.equal(await seen(page, '.notice button'), 3, 'the nearest are offered');
  assert.equal(await chosen(page), days[2], 'the day of the gone time is chosen');
  await looksRight(page, 'a gone time', foreign);

  const taken = (await part(page, '.notice button')).value;
  await leads(page, () => press(page, '.notice button'));
  assert.match(await text(page, 'h1'), /Your call is booked/);
  assert.equal((await part(page, 'time')).time, taken);
  await looksRight(page, 'the booking', foreign);

  await leads(page, () => press(page, 'main a[href^="/schedule"]'));
  assert.match(await text(page, 'h1'), /another time/);
  assert.equal(await seen(page, '.slots > span'), 1, 'the present time stands in its place');
  await press(page, '.days :enabled + label', 4);
  const moved = (await part(page, '.slots button', 3)).value;
  await leads(page, () => press(page, '.slots button', 3));
  assert.equal((await part(page, 'time')).time, moved);

  assert.equal(await seen(page, 'button.danger'), 0, 'a cancel is asked for twice');
  await press(page, '.cancel summary');
  await leads(page, () => press(page, 'button.danger'));
  assert.match(await text(page, 'h1'), /cancelled/);
  await looksRight(page, 'the cancelled booking', foreign);
  await page.close();
}

const pages = [`/schedule?bookingId=${await lead()}&tz=Asia/Kathmandu`, `/booking?bookingId=${(await booked()).booking}`];

async function lies(browser, { width }, scheme) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  for (const path of pages) {
    await page.goto(`${base}${path}`);
    assert.deepEqual(await page.evaluate(awry), [], `${path}, ${width} wide, ${scheme}`);
  }
  await page.close();
}

const kind = ({ scheme, forcedColors }) => `${scheme} ${forcedColors}`;
for (const scheme of SCHEMES) {
  const among = (looks) => looks.filter((look) => kind(look) === kind(scheme));
  const browser = await launch(scheme);
  try {
    for (const look of among(LOOKS)) await journey(browser, look);
    for (const look of among(ALL_LOOKS)) await lies(browser, look, kind(scheme));
  } finally {
    await browser.close();
  }
}
