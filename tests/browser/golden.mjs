// SPDX-License-Identifier: MIT
// golden.mjs: node golden.mjs FOLDER [--update]: every page as it was agreed on
//
// Ids, tokens and hashes of content are put aside; all else counts, to the last byte.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reached, states } from './states.mjs';

const [, , folder, update] = process.argv;

const settled = (html) =>
  html
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/name="token" value="[0-9a-f]{64}"/g, 'name="token" value="TOKEN"')
    .replace(/Request [0-9a-f]{32}/g, 'Request ID')
    .replace(/style-[0-9a-f]{16}\.css/g, 'style-HASH.css')
    .replace(/(name="version" value=")[1-9]\d*"/g, '$1VERSION"');

const seen = new Map();
for (const state of states) seen.set(`${state.name}.html`, settled((await reached(state)).html));

if (update) for (const [name, html] of seen) writeFileSync(join(folder, name), html);
const kept = readdirSync(folder).filter((name) => name.endsWith('.html'));
const faults = kept.filter((name) => !seen.has(name)).map((name) => `${name} is of no state any more.`);
for (const [name, html] of seen) {
  const lines = kept.includes(name) ? readFileSync(join(folder, name), 'utf8').split('\n') : [];
  const now = html.split('\n');
  const at = now.findIndex((line, i) => line !== lines[i]);
  if (at >= 0 || lines.length !== now.length)
    faults.push(`${name}:${at + 1}: agreed on: ${lines[at] ?? '(nothing)'}\n  it is: ${now[at] ?? '(nothing)'}`);
}
if (faults.length) {
  console.error(faults.join('\n'));
  console.error('If this is meant: UPDATE_GOLDEN=1 tests/t64-golden.sh, and look at the difference.');
  process.exit(1);
}
console.log(`${seen.size} pages are as they were agreed on.`);
