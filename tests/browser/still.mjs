// SPDX-License-Identifier: MIT
// still.mjs: nothing of a page moves while the rest of it is still coming
//
// A telephone far from the mast gets a page in pieces and paints each. Here the pieces are a thousand
// bytes long, and each is painted before the next is sent.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { openWindow, withBrowser } from './browser.mjs';
import { ask, base, booked, configure, lead } from './site.mjs';

const SLICE = 1000;
/** Where the chosen times stand below the calendar, and where beside it. */
const WIDTHS = [412, 1280];

/** In a page, before anything of it has come: notes what moves. */
function watch() {
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries())
      for (const { node } of sources) window.moved.push(node?.outerHTML?.slice(0, 80) ?? node?.textContent ?? 'something');
  }).observe({ type: 'layout-shift' });
}

/** In a page: all that has come is painted, and what moved is noted. A page that is held back is not painted at all. */
const painted = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 50);
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)));
  });

await withBrowser(async (browser) => {
  await configure({ 'site.logo': new URL('../fixtures/site/photo.svg', import.meta.url).pathname });
  const { booking } = await booked(3);
  const paths = ['/', `/schedule?bookingId=${await lead()}`, `/schedule?bookingId=${booking}&tz=Asia/Tokyo&lang=he`, `/booking?bookingId=${booking}`];
  let answer;
  const server = createServer((request, response) => {
    if (request.url === '/page') answer(response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }));
    else response.writeHead(307, { location: `${base}${request.url}` }).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const width of WIDTHS) {
    const window = await openWindow(browser, { width, viewport: { width, height: 823 }, scripts: true });
    for (const path of paths) {
      const whole = Buffer.from((await ask(path)).html);
      const page = await window.newPage();
      await page.addInitScript(watch);
      const pictures = [];
      await page.route('**/*.svg', (route) => pictures.push(route));
      const asked = new Promise((resolve) => { answer = resolve; });
      const begun = page.goto(`http://127.0.0.1:${server.address().port}/page`, { waitUntil: 'commit' });
      const response = await asked;
      response.write(whole.subarray(0, SLICE));
      await begun;
      for (let at = SLICE; at < whole.length; at += SLICE) {
        response.write(whole.subarray(at, at + SLICE));
        await page.evaluate(painted);
      }
      response.end();
      await page.waitForLoadState('domcontentloaded');
      await page.evaluate(painted);
      await Promise.all(pictures.map((route) => route.continue()));
      await page.waitForLoadState();
      await page.evaluate(painted);
      assert.deepEqual(await page.evaluate(() => window.moved), [], `${path} at ${width} pixels`);
      await page.close();
    }
    await window.close();
  }
  server.close();
});
