// SPDX-License-Identifier: MIT
// ask.mjs: answers what the scenario scripts ask about pages and about what stands
//
// A question is a line of words with 0x1f between them, ended by NUL; so is the answer, a 0 or
// 1 (a failure) and a text. It runs as long as its script, since a Node of its own for each
// question would take longer than all the rest.
//
//   page FILE EXPRESSION [ARGUMENT …]   in JavaScript, with the names of forms.mjs and args
//   stands BOOKING EXPRESSION           with the names of audit.mjs' ofBooking()
//   audit [--lagging]

import { readFileSync } from 'node:fs';
import { audit, ofBooking, standing } from './audit.mjs';
import { readPage } from './forms.mjs';

function value(expression, names, args) {
  const found = new Function(...Object.keys(names), 'args', `return (${expression});`)(...Object.values(names), args);
  if (found === undefined) throw new Error(`There is no ${expression}.`);
  return typeof found === 'string' ? found : JSON.stringify(found);
}

async function answer([what, ...words]) {
  if (what === 'page') {
    const [file, expression, ...args] = words;
    return value(expression, readPage(readFileSync(file, 'utf8')), args);
  }
  if (what === 'stands') return value(words[1], ofBooking(await standing(), words[0]), []);
  const faults = audit(await standing(), { lagging: words[0] === '--lagging' });
  if (faults.length) throw new Error(faults.join('\n'));
  return '';
}

let heard = '';
process.stdin.setEncoding('utf8');
for await (const part of process.stdin) {
  heard += part;
  for (let end; (end = heard.indexOf('\0')) >= 0; heard = heard.slice(end + 1)) {
    const question = heard.slice(0, end).split('\x1f');
    try {
      process.stdout.write(`0${await answer(question)}\0`);
    } catch (error) {
      process.stdout.write(`1${error.message}\0`);
    }
  }
}
