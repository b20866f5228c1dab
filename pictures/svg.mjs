// Draws the states of a terminal as an SVG that plays once and ends with the
// last of them: no scripts, no fonts of its own, nothing from elsewhere. Each
// row is drawn once for the time it is shown. The window is dark by itself, so
// that it can be read on light and dark pages alike.

const cell = { width: 8.4, height: 18, size: 14, base: 13.5 };
const margin = 14;
const paper = '#0d1117';
const ink = '#d7dde4';
const palette = [
  '#484f58', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#c9d1d9',
  '#8b949e', '#ffa198', '#7ee787', '#f2cc60', '#a5d6ff', '#e2c5ff', '#76e3ea', '#ffffff',
];
// How long a state stays: a key that was typed, and anything else at least and
// at most. Programs are faster than eyes, and people slower.
const pace = { typed: 0.05, least: 0.7, most: 2 };

export function draw({ title, description, frames, columns, still = false }) {
  const shown = still ? frames.slice(-1) : frames;
  const times = timetable(shown);
  const height = Math.max(...shown.map(({ rows }) => rows.findLastIndex((row) => row.length > 0))) + 1;
  const body = [];
  for (let y = 0; y < height; y++) {
    for (const { runs, from, to } of stays(shown, times, y)) {
      if (runs.length) body.push(`<g${timing(from, to)}>${runs.map((run) => drawRun(run, y)).join('')}</g>`);
    }
  }
  const w = Math.ceil(columns * cell.width + 2 * margin);
  const h = height * cell.height + 2 * margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="t d">
<title id="t">${escape(title)}</title>
<desc id="d">${escape(description)}</desc>
<style>
text{font:${cell.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${ink};white-space:pre}
.b{font-weight:700}.d{opacity:.65}.i{font-style:italic}.u{text-decoration:underline}
.f{animation:f 1ms both}.p{visibility:hidden;animation:p 1ms}
@keyframes f{from{visibility:hidden}}
@keyframes p{from,to{visibility:visible}}
@media (prefers-reduced-motion:reduce){.f,.p{animation:none}}
</style>
<rect x=".5" y=".5" width="${w - 1}" height="${h - 1}" rx="8" fill="${paper}" stroke="#3d444d"/>
${body.join('\n')}
</svg>
`;
}

// timetable answers when each state begins, in seconds.
function timetable(frames) {
  let now = 0;
  return frames.map((frame, i) => {
    if (i > 0) {
      const gap = (frame.at - frames[i - 1].at) / 1000;
      now += frame.typing ? pace.typed : Math.min(Math.max(gap, pace.least), pace.most);
    }
    return now;
  });
}

// stays answers what a row shows, and from when to when; the last has no end.
function stays(frames, times, y) {
  const all = [];
  for (const [i, { rows }] of frames.entries()) {
    const runs = rows[y] ?? [];
    const key = JSON.stringify(runs);
    if (all.at(-1)?.key === key) continue;
    if (all.length) all.at(-1).to = times[i];
    all.push({ key, runs, from: times[i] });
  }
  return all;
}

function timing(from, to) {
  if (to === undefined) return from === 0 ? '' : ` class="f" style="animation-delay:${seconds(from)}"`;
  return ` class="p" style="animation-delay:${seconds(from)};animation-duration:${seconds(to - from)}"`;
}

function seconds(s) {
  return `${Number(s.toFixed(2))}s`;
}

function drawRun({ x, width, text, style }, y) {
  let { foreground, background } = style;
  if (style.inverse) [foreground, background] = [background ?? paper, foreground ?? ink];
  const left = number(margin + x * cell.width);
  const top = margin + y * cell.height;
  const length = number(width * cell.width);
  let drawn = '';
  if (background !== undefined) drawn += `<rect x="${left}" y="${top}" width="${length}" height="${cell.height}" fill="${hex(background)}"/>`;
  if (text.trim() === '') return drawn;
  const classes = [style.bold && 'b', style.dim && 'd', style.italic && 'i', style.underline && 'u'].filter(Boolean).join(' ');
  const fill = foreground === undefined ? '' : ` style="fill:${hex(foreground)}"`;
  return `${drawn}<text x="${left}" y="${top + cell.base}" textLength="${length}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${classes && ` class="${classes}"`}${fill}>${escape(text)}</text>`;
}

function number(n) {
  return String(Number(n.toFixed(1)));
}

// hex is a colour of the palette of 256, or one that is spelt out.
function hex(colour) {
  if (typeof colour === 'string') return colour;
  if (colour < 16) return palette[colour];
  if (colour >= 232) return grey(8 + (colour - 232) * 10);
  const level = (n) => (n === 0 ? 0 : 55 + n * 40).toString(16).padStart(2, '0');
  const n = colour - 16;
  return `#${level(Math.floor(n / 36))}${level(Math.floor(n / 6) % 6)}${level(n % 6)}`;
}

function grey(value) {
  return '#' + value.toString(16).padStart(2, '0').repeat(3);
}

function escape(text) {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]).replace(/[\x00-\x08\x0b-\x1f]/g, '');
}
