// SPDX-License-Identifier: MIT
// room.mjs: node room.mjs: the schedule needs no scrolling on a desk, and two screens at most of a telephone
//
// For the window that the stand has, in the business's zone and in another, with the times of the
// day that has the most of them. Sixty days are for a desk alone. The first paint waits for the page and its
// stylesheet.

import assert from 'node:assert/strict';
import { openWindow, withBrowser } from './browser.mjs';
import { base, lead } from './site.mjs';

const SCREENS = [
  { width: 1280, height: 720, screens: 1 },
  { width: 1366, height: 768, screens: 1 },
  { width: 1920, height: 900, screens: 1 },
  { width: 390, height: 844, screens: 2 },
  { width: 360, height: 640, screens: 2, longest: 14 },
  { width: 320, height: 568, screens: 2, longest: 14 },
];
/** The widest words, and two zones, need the most. */
const PAGES = [['en', 'America/New_York'], ['es', 'America/Argentina/Buenos_Aires'], ['he', 'Asia/Jerusalem']];

/** The height of the page with whichever day needs the most. Scripts are off in the page; the debugger's are not. */
function highest() {
  const heights = [...document.querySelectorAll('.days > :enabled')].map((day) => {
    day.checked = true;
    return document.documentElement.scrollHeight;
  });
  return Math.max(...heights);
}

await withBrowser(async (browser) => {
  const booking = await lead();
  for (const { width, height, screens, longest = 60 } of SCREENS) {
    const window = await openWindow(browser, { width, viewport: { width, height } });
    const page = await window.newPage();
    const asked = [];
    page.on('request', (request) => asked.push(request.resourceType()));
    for (const [lang, tz] of PAGES) {
      await page.goto(`${base}/schedule?bookingId=${booking}&tz=${tz}&lang=${lang}`);
      const days = await page.locator('.days > input').count();
      const needed = await page.evaluate(highest);
      assert.ok(days > longest + 1 || needed <= height * screens,
        `${lang}, ${tz}: ${needed} pixels of ${days} days in a window of ${width} by ${height}`);
    }
    assert.deepEqual(asked.filter((type) => type !== 'image'), PAGES.flatMap(() => ['document', 'stylesheet']));
    await window.close();
  }
});
