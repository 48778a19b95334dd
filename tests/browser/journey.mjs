// SPDX-License-Identifier: MIT
// journey.mjs: a prospect with a browser and without scripts: the brief, a zone, a click on a time that
// has just gone, the booking, a move and the cancel, by telephone and desk, by day, by night and in forced colours

import assert from 'node:assert/strict';
import { ALL_LOOKS, awry, LOOKS, openWindow, withBrowser } from './browser.mjs';
import { base, booked, click, lead } from './site.mjs';

/** What every page has to be: in one column that fits, with its stylesheet, quiet, and alone. */
async function looksRight(page, name, foreign) {
  const { width } = page.viewportSize();
  const seen = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    headings: document.querySelectorAll('h1').length,
    font: getComputedStyle(document.querySelector('h1')).fontWeight,
    small: [...document.querySelectorAll('button, summary, select, input:not([type=hidden], [type=radio], [tabindex="-1"]), .button, .days label')]
      .filter((part) => part.getClientRects().length && !part.closest('details:not([open]) form'))
      .map((part) => part.getBoundingClientRect())
      .filter((box) => box.width < 24 || box.height < 24).length,
  }));
  assert.ok(seen.width <= width, `${name}: the page is ${seen.width} wide in a window of ${width}`);
  assert.equal(seen.headings, 1, `${name}: one heading says what the page is`);
  assert.equal(seen.font, '700', `${name}: the stylesheet counts`);
  assert.equal(seen.small, 0, `${name}: every target is 24 by 24 pixels or more (WCAG 2.2, 2.5.8)`);
  assert.deepEqual(foreign, [], `${name}: nothing is asked of others`);
}

/** The h1 of the page, when it is the one that is waited for. */
const heading = async (page, text) => assert.match(await page.textContent('h1'), text);

/** The open days of the calendar, and the one whose times are shown. */
const days = (page) => page.locator('.days input:enabled').evaluateAll((inputs) => inputs.map(({ value }) => value));
const chosen = (page) => page.inputValue('.days input:checked');

const ground = (part) => part.evaluate((label) => getComputedStyle(label).backgroundColor);

async function journey(browser, look) {
  const window = await openWindow(browser, look);
  const page = await window.newPage();
  const foreign = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith('data:')) foreign.push(url);
  });
  // The console tells of what the policy forbade, and of every 409 as well.
  page.on('console', (message) => /status of 409/.test(message.text()) || foreign.push(message.text()));

  await page.goto(`${base}/`);
  await looksRight(page, 'the brief', foreign);
  // By keyboard: the skip link stands first, the trap is passed over.
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.focus('#name');
  await page.keyboard.type('Ada Lovelace');
  await page.keyboard.press('Tab');
  await page.keyboard.type('ada@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Engines.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BUTTON', 'the button follows the last field');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/schedule\?/);
  await heading(page, /Choose a time/);
  await looksRight(page, 'the schedule', foreign);

  // A day of the calendar, by the keys of its group, and the zone, which keeps the day.
  const times = page.locator('.slots button:visible');
  const [first] = await days(page);
  assert.equal(await chosen(page), first, 'the first open day is chosen');
  await page.focus('.days input:checked');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const [, , third] = await days(page);
  assert.equal(await chosen(page), third, 'the arrow keys go from day to day');
  assert.equal(await page.locator('.days section:visible').count(), 1, 'one day is shown');
  assert.notEqual(await ground(page.locator('.days :checked + label')), await ground(page.locator('.days :enabled:not(:checked) + label').first()),
    'the chosen day stands out, in forced colours too');
  await page.keyboard.press('Tab');
  assert.ok(await times.first().evaluate((button) => button === document.activeElement), 'its times follow');
  await page.click('.zone summary');
  await page.selectOption('#tz', 'Europe/Madrid');
  await page.click('#zone button');
  assert.equal(await page.inputValue('#tz'), 'Europe/Madrid');
  assert.equal(await chosen(page), third, 'the day stays');
  assert.match(await page.textContent('.zone summary'), /Madrid time/);
  await looksRight(page, 'the schedule in two zones', foreign);

  // The time is taken while the page is open.
  const slot = times.nth(5);
  const wanted = await slot.getAttribute('value');
  const rival = await click(await lead(), wanted);
  assert.equal(rival.status, 303);
  await slot.click();
  assert.match(await page.textContent('.notice h1'), /just gone/);
  await looksRight(page, 'a gone time', foreign);
  assert.equal(await page.locator('.notice button').count(), 3, 'the nearest are offered');
  assert.equal(await chosen(page), third, 'the day of the gone time is chosen');

  const near = page.locator('.notice button').first();
  const taken = await near.getAttribute('value');
  await near.click();
  await page.waitForURL(/\/booking\?/);
  await heading(page, /Your call is booked/);
  assert.equal(await page.getAttribute('time', 'datetime'), taken);
  assert.match(await page.textContent('main'), /New York, where we are/);
  await looksRight(page, 'the booking', foreign);
  await page.emulateMedia({ media: 'print' });
  assert.doesNotMatch(await page.innerText('body'), /these links|Deutsch|Move it/, 'paper has no links, and nothing about them');
  await page.emulateMedia({ media: 'screen' });

  await page.click('text=Move it to another time');
  await heading(page, /another time/);
  assert.equal(await page.inputValue('#tz'), 'Europe/Madrid', 'the zone is remembered');
  assert.equal(await chosen(page), third, 'the day of the present time is chosen');
  assert.equal(await page.locator('.slots > span:visible').count(), 1, 'the present time stands in its place');
  await page.locator('.days input:enabled').nth(4).click();
  const later = times.nth(3);
  const moved = await later.getAttribute('value');
  await later.click();
  await page.waitForURL(/\/booking\?/);
  assert.equal(await page.getAttribute('time', 'datetime'), moved);

  assert.ok(!(await page.isVisible('button.danger')), 'a cancel is asked for twice');
  await page.click('summary');
  await looksRight(page, 'the question before the cancel', foreign);
  await page.click('button.danger');
  await heading(page, /cancelled/);
  await page.reload();
  await heading(page, /cancelled/);
  await looksRight(page, 'the cancelled booking', foreign);
  await window.close();
}

/** What WCAG means by a zoom of 200 and of 400 per cent (1.4.10): a window of 1280 pixels has room for 640 or 320 of
 * CSS, each of them two or four pixels wide; a telephone's has half of 360. */
const ZOOMS = [{ width: 640, deviceScaleFactor: 2 }, { width: 320, deviceScaleFactor: 4 }, { width: 180, deviceScaleFactor: 2 }];
/** Text alone at 200 per cent (1.4.4) is the reader's font size, 16 pixels where nothing is set. */
const LARGE = ['--blink-settings=defaultFontSize=32'];

const pages = ['/', `/schedule?bookingId=${await lead()}&tz=Asia/Kathmandu`, `/schedule?bookingId=${await lead()}&lang=he`,
  `/booking?bookingId=${(await booked()).booking}`];

async function lies(browser, look, size = '16px') {
  const window = await openWindow(browser, look);
  const page = await window.newPage();
  for (const path of pages) {
    await page.goto(`${base}${path}`);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), size);
    assert.deepEqual(await page.evaluate(awry), [], `${path}, ${JSON.stringify(look)}, ${size}`);
  }
  await window.close();
}

await withBrowser(async (browser) => {
  for (const look of LOOKS) await journey(browser, look);
  for (const look of [...ALL_LOOKS, ...ZOOMS]) await lies(browser, look);
});
await withBrowser(async (browser) => {
  for (const width of [360, 768, 1280]) await lies(browser, { width }, '32px');
}, LARGE);
