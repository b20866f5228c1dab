// People at a browser, who sign in wherever they are sent. Each line it reads is a person, {"id", "address", "code", "allow"}: they
// open the address, type in the code if they are asked for one, sign in as anybody with any password, and agree or say no. Each
// line it prints is what they have seen last, {"id", "address", "step", "said", "complaints"}: of the pages that have a step, which
// are valetkey's own and the practice GitHub's, also what the browser has complained of; or {"id", "failure"}. It ends with its stdin.
// node consent.mjs BROWSER
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const browser = await chromium.launch({
  executablePath: process.argv[2],
  chromiumSandbox: false,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  ],
});

// What a page asks for, and how a person answers; the first that a page has.
const answers = ({ code, allow }) => [
  ['[name=login]', async (page, field) => {
    if (!allow && !code) return page.getByText('[ Cancel ]').click();
    await field.fill('mona');
    await page.locator('[name=password]').fill('example');
    return page.getByRole('button', { name: 'Sign-in' }).click();
  }],
  ['[id="op.deviceConfirmForm"]', (page) => page.getByRole('button', { name: allow ? 'Continue' : '[ Abort ]', exact: true }).click()],
  // With a red line above it the code is spent.
  ['p:not(.red) + [id="op.deviceInputForm"] [name=user_code]', async (page, field) => {
    await field.fill(code);
    return page.getByRole('button', { name: 'Continue' }).click();
  }],
  ['main[data-step=enter] [name=user_code]', (page, field) => field.fill(code).then(() => field.press('Enter'))],
  ['main[data-step=confirm], main[data-step=authorize]', (page) => page.getByRole('button', { name: allow ? 'Approve' : 'Deny', exact: true }).click()],
  ['input[name=prompt][value=consent]', (page) => (allow ? page.getByRole('button', { name: 'Continue' }) : page.getByText('[ Cancel ]')).click()],
];

// answer does what a page asks for, and tells whether it asked for anything.
const answer = async (page, person) => {
  for (const [selector, act] of answers(person)) {
    const found = page.locator(selector).first();
    if (await found.count() > 0) {
      // Whatever is clicked leads to another page, and that may be the last.
      await Promise.all([page.waitForEvent('load'), act(page, found)]);
      return true;
    }
  }
  return false;
};

const visit = async (person) => {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(25_000);
    const complaints = [];
    const complain = (address, text) => complaints.push({ address, text });
    page.on('console', (message) => complain(message.location().url || page.url(), message.text()));
    page.on('pageerror', (error) => complain(page.url(), String(error)));
    await page.goto(person.address);
    for (let pages = 0; await answer(page, person); pages++) {
      if (pages === 9) throw new Error(`the pages never end: ${page.url()}`);
    }
    const last = page.locator('main[data-step]');
    const step = await last.count() > 0 ? await last.getAttribute('data-step') : '';
    const { origin, pathname } = new URL(page.url());
    return {
      address: origin + pathname, step, said: await page.locator('body').innerText(),
      complaints: step ? complaints.filter(({ address }) => address.startsWith(origin)).map(({ text }) => text) : [],
    };
  } finally {
    await context.close();
  }
};

const visits = [];
for await (const line of createInterface({ input: process.stdin })) {
  const person = JSON.parse(line);
  visits.push(visit(person)
    .catch((error) => ({ failure: String(error) }))
    .then((seen) => console.log(JSON.stringify({ id: person.id, ...seen }))));
}
await Promise.all(visits);
await browser.close();
