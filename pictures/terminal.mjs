// A terminal without a screen: runs a command at a real pseudo-terminal, which
// script of util-linux opens, lets a scene type into it as a person would, and
// keeps every state of the screen with its time.
import { spawn } from 'node:child_process';
import xterm from '@xterm/headless';

const patience = 60_000;
// States that follow each other faster than this are one to the eye.
const blink = 30;

export class Terminal {
  frames = [];
  #typing = false;
  #onChange = new Set();

  constructor(command, { columns = 100, rows = 30, env = {}, cwd } = {}) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    this.#process = spawn('script', ['--quiet', '--return', '--flush', '--command', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], {
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8', ...env }, cwd, stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.#process.on('close', resolve));
    this.#process.stdin.on('error', () => {});
    // What programs ask a terminal, such as where the cursor is, it answers.
    this.#screen.onData((answer) => this.#process.stdin.write(answer));
    this.#process.stdout.on('data', (bytes) => {
      const typing = this.#typing;
      this.#screen.write(bytes, () => this.#keep(typing));
    });
  }

  #screen;
  #process;

  #keep(typing) {
    const at = performance.now();
    const last = this.frames.at(-1);
    const frame = { at, typing, rows: picture(this.#screen.buffer.active) };
    if (last && !last.typing && !typing && at - last.at < blink) {
      frame.at = last.at;
      this.frames.pop();
    }
    this.frames.push(frame);
    for (const look of this.#onChange) look();
  }

  // text is what the screen shows.
  text() {
    return (this.frames.at(-1)?.rows ?? []).map((row) => row.map((run) => run.text).join('')).join('\n').trimEnd();
  }

  // sees waits until the screen shows something, and answers the match.
  sees(pattern) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = this.text().match(pattern);
        if (!match) return;
        clearTimeout(deadline);
        this.#onChange.delete(look);
        resolve(match);
      };
      const deadline = setTimeout(() => reject(new Error(`${pattern} is not shown:\n${this.text()}`)), patience);
      this.#onChange.add(look);
      look();
    });
  }

  // types a line key by key. Enter is '\r'.
  async types(text) {
    this.#typing = true;
    for (const key of text) {
      this.#process.stdin.write(key);
      await pause(25);
    }
    this.#typing = false;
  }

  // forget drops what has been shown so far; the screen stays.
  forget() {
    this.frames.splice(0, this.frames.length - 1);
  }

  // close hangs up and waits for the end.
  async close() {
    this.#process.stdin.end();
    const late = setTimeout(() => this.#process.kill('SIGTERM'), 1000);
    await this.ended;
    clearTimeout(late);
  }
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// picture is a screen as rows of runs: {x, width, text, style}. Blank space at
// the end of a row is left out.
function picture(buffer) {
  const rows = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    const runs = [];
    for (let x = 0; x < line.length; x++) {
      const cell = line.getCell(x);
      if (cell.getWidth() === 0) continue;
      const style = styleOf(cell);
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      if (last && same(last.style, style)) {
        last.text += text;
        last.width += cell.getWidth();
      } else {
        runs.push({ x, width: cell.getWidth(), text, style });
      }
    }
    while (runs.length && isBlank(runs.at(-1))) runs.pop();
    const end = runs.at(-1);
    if (end && !end.style.background && !end.style.inverse) {
      const shorter = end.text.trimEnd();
      end.width -= end.text.length - shorter.length;
      end.text = shorter;
    }
    rows.push(runs);
  }
  return rows;
}

function isBlank(run) {
  return run.text.trim() === '' && !run.style.background && !run.style.inverse;
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

// styleOf names only what differs from the terminal's own.
function styleOf(cell) {
  const style = {};
  const foreground = colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor());
  const background = colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
  if (foreground !== undefined) style.foreground = foreground;
  if (background !== undefined) style.background = background;
  for (const [name, has] of [['bold', cell.isBold()], ['dim', cell.isDim()], ['italic', cell.isItalic()], ['underline', cell.isUnderline()], ['inverse', cell.isInverse()]]) {
    if (has) style[name] = true;
  }
  return style;
}

// colour is a number of the palette, or '#rrggbb'.
function colour(isDefault, isRGB, value) {
  if (isDefault) return undefined;
  return isRGB ? '#' + value.toString(16).padStart(6, '0') : value;
}
