// From a host's file to a sign-in: valetkey install and status, with a person
// who approves the code in a browser.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { client, ask, approve } from '../kit.mjs';
import { draw } from '../svg.mjs';

const columns = 112;
const settings = `{
  // what I use at work
  "mcpServers": {
    "files": {"command": "files-server", "args": ["/srv"]},
  }
}
`;

export default async function install(kit) {
  mkdirSync(join(kit.home, '.cursor'));
  writeFileSync(join(kit.home, '.cursor', 'mcp.json'), settings);
  const { github } = await kit.practice();
  const terminal = await kit.shell({ columns, rows: 60, env: { GITHUB_CLIENT_ID: client.GITHUB_CLIENT_ID, GITHUB_HOST: github } });
  await terminal.types('valetkey install\r');
  await terminal.sees(/\[Y\/n\]$/);
  await terminal.types('y\r');
  await terminal.sees(/Sign in to GitHub now\? \[Y\/n\]$/);
  await terminal.types('y\r');
  const [, code] = await terminal.sees(/enter code +(\S+)/);
  const page = await kit.page();
  await ask(page, `${github}/login/device`, code);
  await approve(page);
  await terminal.sees(/Signed in to GitHub as[^]*\n\$$/);
  await terminal.types('valetkey status\r');
  await terminal.sees(/valetkey status\n[^]*\n\$$/);
  return {
    'install.svg': draw({
      title: 'valetkey install and status, recorded in a terminal',
      description: 'valetkey install shows what it would add to Cursor\'s mcp.json, where a comment and another server stay as they are, and '
        + 'writes it after a yes. Asked for, it signs in: it shows an address and a code, which is approved in a browser. valetkey status says whose the '
        + 'token is. A real run with a practice GitHub; only its pauses are evened out.',
      frames: terminal.frames, columns,
    }),
  };
}
