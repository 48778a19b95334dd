// SPDX-License-Identifier: MIT
// tree.mjs: node tree.mjs FOLDER [--update]: what a screen reader is told of pages, as text
//
// Chromium's accessibility tree, as playwright writes it, without the addresses of links; in the calendar after one
// arrow key.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWindow, show, withBrowser } from './browser.mjs';
import { configure } from './site.mjs';
import { reached, states } from './states.mjs';

const [, , folder, update] = process.argv;
const faults = [];

await withBrowser(async (browser) => {
  const window = await openWindow(browser, { width: 1280 });
  for (const name of ['brief', 'schedule', 'schedule-gone', 'booked', 'erased', 'he-schedule', 'he-booked', 'booked-refused-fault']) {
    const page = await window.newPage();
    await show(page, await reached(states.find((state) => state.name === name)));
    if (name === 'schedule') {
      await page.focus('.days :checked');
      await page.keyboard.press('ArrowRight');
    }
    const tree = `${await page.locator('body').ariaSnapshot()}\n`.replace(/^ *- \/url: .*\n/gm, '');
    const file = join(folder, `${name}.txt`);
    if (update) writeFileSync(file, tree);
    const [agreed, now] = [readFileSync(file, 'utf8').split('\n'), tree.split('\n')];
    const at = now.findIndex((line, i) => line !== agreed[i]);
    if (at >= 0 || agreed.length !== now.length)
      faults.push(`${name}.txt:${at + 1}: agreed on: ${agreed[at] ?? '(nothing)'}\n  it is: ${now[at] ?? '(nothing)'}`);
    await page.close();
  }
  await configure();
});
if (faults.length) {
  console.error(faults.join('\n'));
  process.exit(1);
}
