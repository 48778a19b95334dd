// SPDX-License-Identifier: MIT
// shots.mjs: node shots.mjs FOLDER [STATE …]: pictures of the pages, and of the booking as printed

import { join } from 'node:path';
import { LOOKS, openWindow, show, withBrowser } from './browser.mjs';
import { more, reached, states } from './states.mjs';

const [, , folder, ...wanted] = process.argv;

await withBrowser(async (browser) => {
  for (const state of [...states, ...more].filter(({ name }) => !wanted.length || wanted.includes(name))) {
    const { name } = state;
    const answer = await reached(state);
    for (const look of LOOKS) {
      const { width, scheme } = look;
      const window = await openWindow(browser, look);
      const page = await window.newPage();
      await show(page, answer);
      await page.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`), fullPage: true });
      if (name === 'booked' && scheme === 'light') {
        await page.click('summary');
        await page.screenshot({ path: join(folder, `booked-cancel-${width}.png`), fullPage: true });
        await page.emulateMedia({ media: 'print' });
        await page.screenshot({ path: join(folder, `booked-print-${width}.png`), fullPage: true });
      }
      await window.close();
    }
  }
});
