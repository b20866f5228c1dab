// Signing in at hosts of other people, in their own terminals, with a practice
// model in place of theirs: the moment at which a person is shown what to do.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { client, repository } from '../kit.mjs';
import { draw } from '../svg.mjs';
import { pause } from '../terminal.mjs';

const columns = 100;
const question = 'Tell me who I am on GitHub';
const installed = join(repository, 'testdata', 'hosts', 'node_modules');
const code = /[A-Z]{4}-[A-Z]{4}/;

// A host is what its person has set up before they ask, how long its screen is,
// when it is ready, and what it shows when valetkey asks.
const hosts = [
  {
    name: 'claude-code', title: 'Claude Code', rows: 25,
    program: '@anthropic-ai/claude-code-linux-x64/claude', ready: /auto mode on/, asks: /Open in browser/,
    description: 'Claude Code shows a dialog below the chat: the server valetkey wants to open a URL. It says: Sign in to GitHub, open the '
      + 'address and enter the code. There are three buttons: Open in browser; I\'m done, continue; Decline.',
    files: (entry, { work }) => ({
      '.claude.json': JSON.stringify({
        hasCompletedOnboarding: true, theme: 'dark', customApiKeyResponses: { approved: ['sk-example'], rejected: [] },
        projects: { [work]: { hasTrustDialogAccepted: true } }, mcpServers: { valetkey: { type: 'stdio', ...entry } },
      }),
      '.claude/settings.json': JSON.stringify({ permissions: { allow: ['mcp__valetkey__github_whoami'] } }),
    }),
    env: (model) => ({ ANTHROPIC_BASE_URL: model, ANTHROPIC_API_KEY: 'sk-example', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', ENABLE_TOOL_SEARCH: 'false' }),
  },
  {
    name: 'opencode', title: 'opencode', rows: 25,
    program: 'opencode-linux-x64-baseline/bin/opencode', ready: /1 MCP/, asks: code,
    description: 'opencode has called valetkey_github_whoami, and the answer stands in the chat: GitHub needs a sign-in first; '
      + 'open the address, enter the code, and say when it is approved.',
    files: (entry, { model }) => ({
      '.config/opencode/opencode.json': JSON.stringify({
        autoupdate: false, share: 'disabled', model: 'practice/practice', small_model: 'practice/practice',
        provider: {
          practice: {
            npm: '@ai-sdk/openai-compatible', name: 'practice', options: { baseURL: `${model}/v1`, apiKey: 'example' },
            models: { practice: { name: 'practice' } },
          },
        },
        mcp: { valetkey: { type: 'local', command: [entry.command], enabled: true, environment: entry.env } },
      }),
    }),
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' }),
  },
];

export default async function scene(kit) {
  const { github, model } = await kit.practice();
  const work = join(kit.home, 'work');
  mkdirSync(work);
  const entry = {
    command: join(kit.bin, 'valetkey'), args: [],
    env: { GITHUB_CLIENT_ID: client.GITHUB_CLIENT_ID, GITHUB_HOST: github, VALET_BROWSER: 'never' },
  };
  const pictures = {};
  for (const host of hosts) {
    for (const [path, text] of Object.entries(host.files(entry, { model, work }))) {
      mkdirSync(dirname(join(kit.home, path)), { recursive: true });
      writeFileSync(join(kit.home, path), text);
    }
    const frames = await record(kit, host, model);
    pictures[`${host.name}.svg`] = draw({
      title: `${host.title} shows a sign-in of valetkey`,
      description: `${host.description} A real screen, with a practice model and a practice GitHub.`, frames, columns, still: true,
    });
  }
  return pictures;
}

async function record(kit, host, model) {
  const terminal = await kit.shell({ columns, rows: host.rows, env: { DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1', DO_NOT_TRACK: '1', ...host.env(model) } });
  await terminal.types(`cd work; clear; ${join(installed, host.program)}\r`);
  await terminal.sees(host.ready);
  // Keys that come too fast are taken for a paste, with Enter in it.
  await pause(1000);
  await terminal.types(question);
  await terminal.sees(/who I am on GitHub/);
  await pause(1000);
  await terminal.types('\r');
  await terminal.sees(host.asks);
  await pause(1000);
  const frames = [...terminal.frames];
  await terminal.close();
  return frames;
}
