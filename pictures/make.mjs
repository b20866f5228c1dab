// Makes the pictures: node make.mjs [--list] [NAME...]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kit, repository } from './kit.mjs';
import demo from './scenes/demo.mjs';
import hosts from './scenes/hosts.mjs';
import install from './scenes/install.mjs';
import pages from './scenes/pages.mjs';

// Each scene answers its files by their names.
const scenes = { demo, install, pages, hosts };

async function main(names) {
  if (names[0] === '--list') {
    console.log(Object.keys(scenes).join('\n'));
    return;
  }
  const unknown = names.filter((name) => !scenes[name]);
  if (unknown.length) throw new Error(`no such pictures: ${unknown.join(', ')}; there are ${Object.keys(scenes).join(', ')}`);
  // A test wants them elsewhere.
  const folder = process.env.VALET_PICTURES ?? join(repository, 'docs', 'pictures');
  mkdirSync(folder, { recursive: true });
  for (const name of names.length ? names : Object.keys(scenes)) {
    const kit = new Kit();
    try {
      for (const [file, content] of Object.entries(await scenes[name](kit))) {
        writeFileSync(join(folder, file), content);
        console.log(`${join(folder, file)}: ${Math.ceil(content.length / 1000)} kB`);
      }
    } finally {
      await kit.end();
    }
  }
}

await main(process.argv.slice(2));
