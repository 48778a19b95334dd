// SPDX-License-Identifier: MIT
// forms.mjs: the forms, links and headings of a page
//
// It reads the plain HTML that the templates write and is no browser: attributes are quoted,
// elements are closed, and no element stands within itself.

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decoded = (text) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (all, decimal, hex, name) =>
    decimal ? String.fromCodePoint(Number(decimal)) : hex ? String.fromCodePoint(parseInt(hex, 16)) : NAMED[name] ?? all);

const attributes = (tag) =>
  Object.fromEntries([...tag.matchAll(/\s([a-z]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [name, decoded(value ?? '')]));

const words = (part) => decoded(part.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();

/** Every element of this name: its attributes and what stands in it. */
const elements = (part, name) =>
  [...part.matchAll(new RegExp(`<${name}(\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, tag, inner]) => ({
    ...attributes(tag ?? ''),
    inner,
    text: words(inner),
  }));

function form({ method, action, inner }) {
  const fields = {};
  for (const [tag] of inner.matchAll(/<input(\s[^>]*)>/g)) {
    const { name, value } = attributes(tag);
    if (name) fields[name] = value ?? '';
  }
  for (const { name, inner: typed } of elements(inner, 'textarea')) fields[name] = decoded(typed.replace(/^\n/, ''));
  const buttons = elements(inner, 'button').map(({ name, value, text }) => ({ name, value, text }));
  const fields_in_order = Object.entries(fields).map((pair) => pair.join('='));
  return { method: (method ?? 'get').toUpperCase(), action, fields, fields_in_order, buttons };
}

/** {title, headings: [text], links: [{href, text}], text, forms: [{method, action, fields, buttons}], times: the form with the open times} */
export function readPage(html) {
  const forms = elements(html, 'form').map(form);
  return {
    title: elements(html, 'title')[0]?.text ?? '',
    headings: elements(html, 'h[1-6]').map(({ text }) => text),
    links: elements(html, 'a').map(({ href, text }) => ({ href, text })),
    text: words(html.replace(/<head>[\s\S]*<\/head>|<(title|style)>[\s\S]*?<\/\1>/g, '')),
    forms,
    times: forms.findLast(({ action }) => action === '/api/schedule'),
  };
}
