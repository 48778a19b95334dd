// SPDX-License-Identifier: MIT
// browser.mjs: Debian's Chromium, as a prospect may have it

import { chromium } from '../stand/node_modules/playwright-core/index.mjs';
import { base } from './site.mjs';

/** For what is long: each width and each scheme once. */
export const LOOKS = [
  { width: 320, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 768, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 1920, scheme: 'light', forcedColors: 'active' },
];

/** For what is short: each width in each scheme. */
export const SCHEMES = [{ scheme: 'light' }, { scheme: 'dark' }, { scheme: 'light', forcedColors: 'active' }];
export const ALL_LOOKS = SCHEMES.flatMap((scheme) => LOOKS.map(({ width }) => ({ width, ...scheme })));

/**
 * In a page: what is awry in it. It fits its window, nothing is cut off, no day's name or number is broken, the times of
 * the chosen day are there, days that cannot be chosen do not look as if they could, and whatever has the focus shows that.
 */
export function awry() {
  const faults = [];
  const shown = (part) => part.getClientRects().length > 0;
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`it is ${scrollWidth} wide in a window of ${clientWidth}`);
  for (const part of document.querySelectorAll('h1, h2, h3, h4, p, li, button, label, .button, .days label > *'))
    if (shown(part) && part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1)
      faults.push(`"${part.textContent.trim()}" is ${part.scrollWidth} wide where ${part.clientWidth} are`);
  for (const part of document.querySelectorAll('.days > label > b, .days > label > span')) {
    const lines = document.createRange();
    lines.selectNodeContents(part);
    if (new Set([...lines.getClientRects()].map(({ bottom }) => Math.round(bottom))).size > 1) faults.push(`"${part.textContent}" of a day is broken into lines`);
  }
  if (document.querySelector('.days') && !document.querySelector('.days :checked + label + section button')?.checkVisibility())
    faults.push('no time is shown');
  const [closed, open] = ['.days > :disabled + label:not(.full)', '.days > :enabled:not(:checked) + label'].map((days) => {
    const label = document.querySelector(days);
    return label && [getComputedStyle(label).backgroundColor, getComputedStyle(label).borderTopColor, getComputedStyle(label.previousElementSibling).cursor];
  });
  if (closed && open && (`${closed.slice(0, 2)}` === `${open.slice(0, 2)}` || closed[2] === 'pointer')) faults.push(`a closed day looks open: ${closed}`);
  for (const part of document.querySelectorAll('a, button, input, select, textarea, summary')) {
    if (!shown(part) || part.tabIndex < 0) continue;
    part.focus();
    if (part !== document.activeElement) continue;
    const { outlineStyle, outlineWidth } = getComputedStyle(part.type === 'radio' ? part.nextElementSibling : part);
    if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) faults.push(`${part.outerHTML} does not show the focus`);
  }
  return faults;
}

/** Runs a program with a browser that is closed afterwards; more: of its switches. */
export async function withBrowser(run, more = []) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', ...more],
  });
  try {
    await run(browser);
  } finally {
    await browser.close();
  }
}

/** A window of this width; scripts run only where asked for. The stand's certificate is its own. */
export const openWindow = (browser, { width, scheme = 'light', scripts = false, ...more }) =>
  browser.newContext({
    ignoreHTTPSErrors: true,
    javaScriptEnabled: scripts,
    bypassCSP: scripts,
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    ...more,
  });

/** Shows an answer of the site as if the browser had got it itself: stylesheet and headers are real. */
export async function show(page, { status, headers, html }) {
  const address = `${base}/shown`;
  await page.route(address, (route) =>
    route.fulfill({
      status,
      headers: { 'content-type': headers['content-type'], 'content-security-policy': headers['content-security-policy'] ?? '' },
      body: html,
    }));
  await page.goto(address);
  await page.unroute(address);
}
