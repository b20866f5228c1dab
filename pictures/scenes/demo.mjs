import { draw } from '../svg.mjs';

const columns = 112;

export default async function demo(kit) {
  const terminal = await kit.shell({ columns, rows: 50 });
  await terminal.types('valetkey demo --approve\r');
  await terminal.sees(/That's all\.[^]*\n\$$/);
  return {
    'demo.svg': draw({
      title: 'valetkey demo --approve, recorded in a terminal',
      description: 'A practice GitHub runs on this machine. A host starts valetkey and lists its tools; a call needs a sign-in and shows an '
        + 'address and a code; the code is approved; the server is restarted and needs no sign-in; valetkey status says whose the token '
        + 'is; valetkey logout revokes and removes it. A real run; only its pauses are evened out.',
      frames: terminal.frames, columns,
    }),
  };
}
