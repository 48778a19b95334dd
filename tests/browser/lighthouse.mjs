// SPDX-License-Identifier: MIT
// lighthouse.mjs: brief, schedule and booking have full marks; search engines are for the brief alone
//
// Performance is printed and not asserted: it is measured in time, and the machine does other things as
// well. What of it is no time is asserted: how much is asked for, and that nothing moves while it comes.

import { createServer } from 'node:net';
import lighthouse from '../stand/node_modules/lighthouse/core/index.js';
import { chromium } from '../stand/node_modules/playwright-core/index.mjs';
import { base, booked, lead } from './site.mjs';

/** A port that nobody has, for the debugger of this browser. */
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const categories = ['performance', 'accessibility', 'best-practices'];
/** Audits whose figures do not depend on the machine, and the most that they may be. */
const LIMITS = {
  'cumulative-layout-shift': ({ numericValue }) => [numericValue, 0],
  'dom-size': ({ numericValue }) => [numericValue, 1000],
  // The page, its stylesheet and the person's picture.
  'network-requests': ({ details }) => [details.items.filter(({ url }) => !url.startsWith('data:')).length, 3],
  'render-blocking-resources': ({ details }) => [details.items.length, 1],
  'total-byte-weight': ({ numericValue }) => [numericValue, 12000],
};
const pages = [
  { name: 'brief', path: '/', categories: [...categories, 'seo'] },
  { name: 'schedule', path: `/schedule?bookingId=${await lead()}`, categories },
  { name: 'booked', path: `/booking?bookingId=${(await booked()).booking}`, categories },
];
const faults = [];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--ignore-certificate-errors', `--remote-debugging-port=${port}`],
});
try {
  for (const { name, path, categories: wanted } of pages) {
    const { lhr } = await lighthouse(`${base}${path}`, { port, onlyCategories: wanted, logLevel: 'error' });
    for (const { id, score, auditRefs } of Object.values(lhr.categories)) {
      console.log(`${name}: ${id} ${Math.round(score * 100)}`);
      if (id === 'performance' || score >= 1) continue;
      const lost = auditRefs
        .filter((ref) => ref.weight && lhr.audits[ref.id].score < 1)
        .map((ref) => `${ref.id} ${lhr.audits[ref.id].explanation ?? lhr.audits[ref.id].displayValue ?? ''}`);
      faults.push(`${name}: ${id} has ${score}: ${lost.join(', ')}`);
    }
    for (const [id, read] of Object.entries(LIMITS)) {
      const [found, most] = read(lhr.audits[id]);
      console.log(`${name}: ${id} ${found}`);
      if (!(found <= most)) faults.push(`${name}: ${id} is ${found}, and may be ${most}`);
    }
  }
} finally {
  await browser.close();
}
if (faults.length) {
  console.error(faults.join('\n'));
  process.exit(1);
}
