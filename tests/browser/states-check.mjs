// SPDX-License-Identifier: MIT
// states-check.mjs: every page that a prospect may meet is sound HTML and can be used by everybody
//
// html-validate reads what the server sent; axe-core, which needs scripts, looks at the page, in turn by
// day on a telephone and by night on a desk.

import { readFileSync } from 'node:fs';
import { FileSystemConfigLoader, HtmlValidate } from '../stand/node_modules/html-validate/dist/cjs/index.js';
import { openWindow, show, withBrowser } from './browser.mjs';
import { more, reached, states } from './states.mjs';

const axe = readFileSync(new URL('../stand/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  // HTML has the attribute with rel=expect as well (section 4.2.4).
  elements: ['html5', { link: { attributes: { blocking: { allowed: () => null } } } }],
  rules: {
    // The templates leave void elements open, as HTML has them, and line ends are not the reader's.
    'void-style': ['error', { style: 'omit' }],
    'no-trailing-whitespace': 'off',
    'long-title': 'off',
    'doctype-style': ['error', { style: 'lowercase' }],
    // A button submits and an input is a text when nothing else is said, and the times share a name.
    'no-implicit-button-type': 'off',
    'no-implicit-input-type': 'off',
    'form-dup-name': 'off',
    // Four hundred zones are listed without end tags, which HTML lets go (section 13.1.2.4).
    'no-implicit-close': 'off',
    // The stylesheet is our own, from our own host.
    'require-sri': 'off',
    'prefer-native-element': 'error',
  },
});

const faults = [];
let at = 0;
const looks = [Promise.resolve(), Promise.resolve()];

/** What moves, whatever the reader prefers, and links that would show another site within the frame of a third. */
function outOfPlace() {
  const moving = [...document.querySelectorAll('*')].filter((part) => {
    const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(part);
    return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
  });
  const leaving = [...document.links].filter(({ protocol, origin, target }) =>
    protocol.startsWith('http') && origin !== location.origin && !['_blank', '_top'].includes(target));
  return [...moving.map(({ tagName }) => `${tagName} moves`), ...leaving.map(({ href }) => `${href} stays in a frame`)];
}

async function audit(page, look, name, answer) {
  await show(page, answer);
  if (await page.isVisible('.cancel summary')) await page.click('.cancel summary');
  faults.push(...(await page.evaluate(outOfPlace)).map((fault) => `${name}: ${fault}`));
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags, resultTypes: ['violations'] }), TAGS);
  if (!passes.some(({ id }) => id === 'color-contrast')) faults.push(`${name}: axe saw no text at all`);
  for (const { id, help, nodes } of violations)
    faults.push(`${name} (${look}): ${id}: ${help}: ${nodes[0].html} ${nodes[0].failureSummary}`);
}

await withBrowser(async (browser) => {
  // A page for each, which shows one after the other: to make a new one costs as much as to look at it.
  const pages = await Promise.all([{ width: 320, scheme: 'light' }, { width: 1280, scheme: 'dark' }].map(async (look) => {
    const window = await openWindow(browser, { ...look, scripts: true, reducedMotion: 'no-preference' });
    return [`${look.scheme}, ${look.width} wide`, await window.newPage()];
  }));
  for (const state of [...states, ...more]) {
    const { name } = state;
    const answer = await reached(state);
    if (!/^text\/html/.test(answer.headers['content-type'])) faults.push(`${name}: it is no page`);
    const report = await validator.validateString(answer.html, `${name}.html`);
    for (const { messages } of report.results)
      for (const { line, column, ruleId, message } of messages) faults.push(`${name}:${line}:${column}: ${ruleId}: ${message}`);
    // One is looked at while the next is reached and read.
    const turn = at++ % 2;
    const [look, page] = pages[turn];
    looks[turn] = looks[turn].then(() => audit(page, look, name, answer));
  }
  await Promise.all(looks);
});
console.log(`${states.length + more.length} pages were looked at.`);
if (faults.length) {
  console.error(faults.join('\n'));
  process.exit(1);
}
