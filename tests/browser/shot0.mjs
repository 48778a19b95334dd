import { chromium } from '../stand/node_modules/playwright-core/index.mjs';
const [,, base, out] = process.argv;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [w,h] of [[320,700],[1280,900]]) for (const scheme of ['light','dark']) {
 const c = await b.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false, viewport: {width:w,height:h}, colorScheme: scheme });
 const p = await c.newPage();
 await p.goto(base + '/');
 const shot = (n) => p.screenshot({ path: `${out}/${n}-${w}-${scheme}.png`, fullPage: true });
 await shot('1-brief');
 await p.fill('#name','Ada Lovelace'); await p.fill('#email','ada@example.com'); await p.fill('#brief','A call about engines.');
 await p.click('form.brief button');
 await shot('2-schedule');
 await p.selectOption('#tz','Europe/Madrid'); await p.click('form.zone button');
 await shot('3-zone');
 await p.click('button.slot >> nth=5');
 await shot('4-booked');
 await p.click('summary'); await shot('5-cancel');
 await p.click('button.danger'); await shot('6-cancelled');
 await c.close();
}
await b.close();
