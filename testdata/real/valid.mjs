// Holds a JSON document against a JSON Schema (draft 7) and prints what is wrong.
// node valid.mjs SCHEMA DOCUMENT
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import formats from 'ajv-formats';

const [schema, document] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const ajv = new Ajv({ allErrors: true, strict: false });
formats(ajv);
if (!ajv.validate(schema, document)) {
  console.log(ajv.errors.map(({ instancePath, message }) => `${instancePath} ${message}`).join('\n'));
  process.exitCode = 1;
}
