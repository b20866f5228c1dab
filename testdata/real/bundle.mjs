// Prints how a host starts the server of an unpacked MCP bundle, by the code that
// the bundles' makers give to hosts.
// node bundle.mjs FOLDER SETTINGS, with what a person has filled in as JSON;
// "literal" for a host that leaves what isn't filled in as it stands.
import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { getMcpConfigForManifest } from '@anthropic-ai/mcpb';

const [folder, settings] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
if (settings === 'literal') {
  for (const option of Object.values(manifest.user_config)) delete option.default;
}
console.log(JSON.stringify(await getMcpConfigForManifest({
  manifest,
  extensionPath: folder,
  systemDirs: {},
  userConfig: settings === 'literal' ? {} : JSON.parse(settings),
  pathSeparator: sep,
})));
