// What scenes are made with: the program, a home to throw away, a shell with a
// keyring, a practice GitHub and a browser. Everything is ended by end.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { Terminal } from './terminal.mjs';

export const repository = join(import.meta.dirname, '..');
// The one client that the practice GitHub knows.
export const client = { GITHUB_CLIENT_ID: 'valetkey-example-client', GITHUB_CLIENT_SECRET: 'valetkey-example-secret' };

export class Kit {
  #endings = [];

  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'home-'));
    this.#endings.push(() => rmSync(this.home, { recursive: true, force: true, maxRetries: 5 }));
    this.bin = join(this.home, 'bin');
    mkdirSync(this.bin);
    this.#build('valetkey', '.');
    this.env = { HOME: this.home, PATH: `${this.bin}:${process.env.PATH}` };
  }

  // terminal runs a command at a terminal of its own.
  terminal(command, { env, ...more }) {
    const terminal = new Terminal(command, { cwd: this.home, env: { ...this.env, ...env }, ...more });
    this.#endings.push(() => terminal.close());
    return terminal;
  }

  // shell is a person's shell, with an unlocked keyring of its own.
  async shell(options) {
    const rc = join(this.home, '.shellrc');
    writeFileSync(rc, "PS1='\\[\\e[32m\\]$\\[\\e[0m\\] '\nbind 'set enable-bracketed-paste off'\n");
    const start = join(this.home, '.start');
    // Only the shell's words belong into the picture, not the bus's.
    writeFileSync(start, `exec 2>/dev/tty\nprintf example | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\nexec bash --noprofile --rcfile ${rc} -i\n`);
    const terminal = this.terminal(`exec dbus-run-session -- bash ${start} 2>/dev/null`, options);
    await terminal.sees(/\$$/);
    terminal.forget();
    return terminal;
  }

  // practice answers the addresses of a practice GitHub and of a practice language
  // model, which calls github_whoami and repeats what it answers.
  async practice() {
    this.#build('practice', './testdata/hosts/practice');
    const program = spawn(join(this.bin, 'practice'), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#endings.push(async () => {
      program.stdin.end();
      if (program.exitCode === null) await once(program, 'exit');
    });
    const said = {};
    for await (const line of createInterface(program.stdout)) {
      const [name, value] = line.split('=');
      said[name] = value;
      if (name === 'MODEL') return { github: said.GITHUB_HOST, model: value };
    }
    throw new Error('the practice GitHub has ended');
  }

  #build(name, source) {
    execFileSync('go', ['build', '-buildvcs=false', '-o', join(this.bin, name), source], { cwd: repository, stdio: 'inherit' });
  }

  // page is a page of a browser that gets nowhere but to this machine.
  async page(options = {}) {
    const browser = await chromium.launch({
      executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
      chromiumSandbox: false,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync', '--disable-background-networking',
        '--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
    });
    this.#endings.push(() => browser.close());
    const page = await browser.newPage(options);
    page.setDefaultTimeout(30_000);
    return page;
  }

  // end undoes the newest first.
  async end() {
    for (const ending of this.#endings.reverse()) await ending();
  }
}

// ask types a code into the practice GitHub's page, as far as the question.
export async function ask(page, address, code) {
  await page.goto(address);
  await page.getByLabel('Code').pressSequentially(code);
  await page.keyboard.press('Enter');
  await page.locator('main[data-step=confirm]').waitFor();
}

// approve goes on from there.
export async function approve(page) {
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: '?' }).waitFor();
}
