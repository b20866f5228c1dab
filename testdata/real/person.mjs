// A person at a browser: opens a page, types a code, presses a button, and
// says what they see.
// node person.mjs BROWSER ADDRESS CODE BUTTON
import { chromium } from 'playwright-core';

const [executablePath, address, code, button] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  chromiumSandbox: false,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  ],
});
const complaints = [];
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(address);
  await page.getByLabel('Code').pressSequentially(code);
  await page.keyboard.press('Enter');
  const confirmation = page.locator('main[data-step=confirm]');
  await confirmation.waitFor();
  const asked = await confirmation.innerText();
  const shown = await confirmation.locator('.code [aria-hidden]').innerText();
  await page.getByRole('button', { name: button, exact: true }).click();
  const heading = page.getByRole('heading', { level: 1 });
  await heading.filter({ hasNotText: '?' }).waitFor();
  console.log(JSON.stringify({ asked, shown, heading: await heading.innerText(), said: await page.locator('main').innerText(), complaints }));
} finally {
  await browser.close();
}
