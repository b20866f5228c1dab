// A person at a terminal of 80 columns and 24 lines, who runs a program and does
// what this reads, a JSON object a line: {"sees": PATTERN} waits until the screen
// shows it and prints the screen as a text in JSON; {"types": TEXT} types, with
// \r for Enter. It takes what npm has installed in pictures.
// node terminal.mjs PROGRAM
import { createInterface } from 'node:readline';
import { Terminal, pause } from '../../pictures/terminal.mjs';

const terminal = new Terminal(process.argv[2], { columns: 80, rows: 24, env: process.env, cwd: process.cwd() });
for await (const line of createInterface({ input: process.stdin })) {
  const { sees, types } = JSON.parse(line);
  // Keys that come too fast are taken for a paste, with Enter in it.
  if (types) {
    await pause(1000);
    await terminal.types(types);
  } else {
    await terminal.sees(new RegExp(sees));
    await pause(1000);
    console.log(JSON.stringify(terminal.text()));
  }
}
await terminal.close();
process.exit(0);
