// SPDX-License-Identifier: MIT
// browser.mjs: Debian's Chromium, as a prospect may have it

import { chromium } from '../stand/node_modules/playwright-core/index.mjs';
import { base } from './site.mjs';

/** 320 is a desk of 1280 at 400 % as well, 768 and less one at 200 %. */
export const LOOKS = [
  { width: 320, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 768, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 1920, scheme: 'light', forcedColors: 'active' },
];

/** Runs a program with a browser that is closed afterwards. */
export async function withBrowser(run) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
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
