// The pages of a sign-in, as a browser shows them: the practice GitHub's, which
// takes the code, and valetkey's own, to which a sign-in without a code returns.
import { client, ask, approve } from '../kit.mjs';

const size = { viewport: { width: 440, height: 480 } };

export default async function pages(kit) {
  const { github } = await kit.practice();
  const terminal = await kit.shell({ columns: 160, env: { ...client, GITHUB_HOST: github, VALET_BROWSER: 'never' } });
  const page = await kit.page(size);
  await terminal.types('valetkey login github\r');
  const [, code] = await terminal.sees(/enter code +(\S+)/);
  await ask(page, `${github}/login/device`, code);
  const { y, height } = await page.locator('main').boundingBox();
  const question = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: size.viewport.width, height: y + height + 24 } });
  await approve(page);
  await terminal.sees(/Signed in to GitHub as/);
  terminal.forget();
  await terminal.types('GITHUB_FLOW=loopback valetkey login github --again\r');
  const [, start] = await terminal.sees(/login github --again\n[^]*open +(\S+)/);
  await page.setViewportSize({ width: 400, height: 384 });
  await page.goto(start);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.locator('[data-step=kept]').waitFor();
  return { 'approve.png': question, 'signed-in.png': await page.screenshot() };
}
