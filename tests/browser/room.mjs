// SPDX-License-Identifier: MIT
// room.mjs: node room.mjs: the schedule needs no scrolling on a desk, and two screens at most of a telephone
//
// For the window that the stand has, in the business's zone and in two.

import assert from 'node:assert/strict';
import { openWindow, withBrowser } from './browser.mjs';
import { base, lead } from './site.mjs';

const SCREENS = [
  { width: 1280, height: 900, screens: 1 },
  { width: 1920, height: 900, screens: 1 },
  { width: 390, height: 900, screens: 2 },
];

await withBrowser(async (browser) => {
  const booking = await lead();
  for (const tz of ['America/New_York', 'Europe/Madrid'])
    for (const { width, height, screens } of SCREENS) {
      const window = await openWindow(browser, { width });
      const page = await window.newPage();
      await page.goto(`${base}/schedule?bookingId=${booking}&tz=${tz}`);
      const needed = await page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(needed <= height * screens, `${tz} is ${needed} high in a window of ${width} by ${height}`);
      await window.close();
    }
});
