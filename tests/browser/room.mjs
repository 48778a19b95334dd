// SPDX-License-Identifier: MIT
// room.mjs: node room.mjs: the schedule needs no scrolling on a desk, and two screens at most of a telephone
//
// For the window that the stand has, in the business's zone and in two. Sixty days are for a desk alone, and the
// smallest telephone needs a little more than two screens. The first paint waits for the page and its stylesheet.

import assert from 'node:assert/strict';
import { openWindow, withBrowser } from './browser.mjs';
import { base, lead } from './site.mjs';

const SCREENS = [
  { width: 1280, height: 900, screens: 1 },
  { width: 1920, height: 900, screens: 1 },
  { width: 1280, height: 720, screens: 1 },
  { width: 1366, height: 768, screens: 1 },
  { width: 390, height: 900, screens: 2 },
  { width: 360, height: 640, screens: 2, longest: 14 },
  { width: 320, height: 568, screens: 2.2, longest: 14 },
];

await withBrowser(async (browser) => {
  const booking = await lead();
  for (const tz of ['America/New_York', 'Europe/Madrid'])
    for (const { width, height, screens, longest = 60 } of SCREENS) {
      const window = await openWindow(browser, { width, viewport: { width, height } });
      const page = await window.newPage();
      const asked = [];
      page.on('request', (request) => asked.push(request.resourceType()));
      await page.goto(`${base}/schedule?bookingId=${booking}&tz=${tz}`);
      assert.deepEqual(asked.filter((type) => type !== 'image'), ['document', 'stylesheet']);
      const days = await page.locator('.days > input, .days > p').count();
      const needed = await page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(days > longest + 1 || needed <= height * screens, `${tz} is ${needed} high in a window of ${width} by ${height}`);
      await window.close();
    }
});
