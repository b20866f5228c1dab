// Checks bills of materials against the schema of CycloneDX 1.6, and that no
// reference stands for two components: cyclonedx.mjs FILE…
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const schema = (name) => JSON.parse(readFileSync(
  new URL(`node_modules/@cyclonedx/cyclonedx-library/res/schema/${name}.SNAPSHOT.schema.json`, import.meta.url)));

const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
// Those that ajv-formats doesn't have; what is checked here has none of them.
for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
for (const name of ['spdx', 'jsf-0.82']) ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
const valid = ajv.compile(schema('bom-1.6'));

for (const file of process.argv.slice(2)) {
  const bill = JSON.parse(readFileSync(file));
  if (!valid(bill)) {
    console.error(file, valid.errors);
    process.exitCode = 1;
  }
  const references = [bill.metadata.component, ...bill.components].map((component) => component['bom-ref']);
  if (new Set(references).size !== references.length) {
    console.error(file, 'has a reference twice');
    process.exitCode = 1;
  }
}
