// Microsoft Graph as Microsoft's own library describes it, which is generated
// from the API's metadata: paths, query parameters, properties, their types and
// enumerations. It says nothing of headers, of status codes, of what may be
// filtered or sorted by, nor of which properties may be written.
//
// node microsoft.mjs reads requests, one JSON object a line: {method, path,
// query, body, status, answer}, with paths below the API's address, and prints
// each that has faults. It exits 1 if there are some, 2 if it can't judge. What
// else a line holds is printed with it.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import * as models from '@microsoft/msgraph-sdk/models/index.js';

const users = join(dirname(createRequire(import.meta.url).resolve('@microsoft/msgraph-sdk-users/package.json')), 'users');

// moduleOf finds what describes a path: a folder for each of its names, and one
// called item for each identifier. /me stands for /users/{id}.
const moduleOf = async (path) => {
  const [first, ...segments] = path.split('/').filter(Boolean);
  let folder = first === 'me' ? join(users, 'item') : '';
  for (const segment of segments) {
    const named = [segment, 'item'].map((name) => join(folder, name)).find(existsSync);
    folder = folder && named;
  }
  if (!folder || !existsSync(join(folder, 'index.js'))) return undefined;
  const exported = await import(pathToFileURL(join(folder, 'index.js')));
  const of = (ending) => Object.entries(exported).find(([name]) => name.endsWith(ending))?.[1];
  return { exported, template: of('RequestBuilderUriTemplate'), requests: of('RequestsMetadata') };
};

// Node plays the part of the library's parser: the model's own code asks it for
// values of a type, and it says where they are of another.
class Node {
  constructor(value, where, faults) {
    Object.assign(this, { value, where, faults });
  }

  fault(text) {
    this.faults.push(`${this.where} ${text}`);
  }

  is(type, valid) {
    if (this.value !== null && !valid(this.value)) this.fault(`is ${JSON.stringify(this.value)?.slice(0, 60)}, not ${type}`);
    return this.value;
  }

  text(type, pattern) {
    return this.is(type, (v) => typeof v === 'string' && pattern.test(v));
  }

  each(check) {
    if (this.value === null) return;
    if (!Array.isArray(this.value)) return void this.fault('is no list');
    this.value.forEach((v, i) => check(new Node(v, `${this.where}.${i}`, this.faults)));
  }

  getStringValue() { return this.is('a text', (v) => typeof v === 'string'); }
  getBooleanValue() { return this.is('a truth value', (v) => typeof v === 'boolean'); }
  getNumberValue() { return this.is('a number', (v) => typeof v === 'number'); }
  getDateValue() { return this.text('a moment', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/); }
  getDateOnlyValue() { return this.text('a day', /^\d{4}-\d\d-\d\d$/); }
  getTimeOnlyValue() { return this.text('a time', /^\d\d:\d\d/); }
  getDurationValue() { return this.text('a duration', /^-?P/); }
  getGuidValue() { return this.text('a GUID', /^[0-9a-f-]{36}$/i); }
  getByteArrayValue() { return this.text('Base64', /^[\w+/=-]*$/); }
  getEnumValue(known) { return this.is(`one of ${Object.values(known).join(', ')}`, (v) => Object.values(known).includes(v)); }
  getCollectionOfEnumValues(known) { this.each((n) => n.getEnumValue(known)); }
  getCollectionOfPrimitiveValues(type) { this.each((n) => n.is(`a ${type}`, (v) => type !== 'string' || typeof v === 'string')); }
  getCollectionOfObjectValues(factory) { this.each((n) => n.getObjectValue(factory)); }
  getChildNode(name) { return this.value?.[name] === undefined ? undefined : new Node(this.value[name], `${this.where}.${name}`, this.faults); }

  getObjectValue(factory) {
    if (this.value === null) return;
    if (typeof this.value !== 'object' || Array.isArray(this.value)) return void this.fault('is no object');
    const fields = factory(this)({});
    for (const [name, value] of Object.entries(this.value)) {
      if (name.includes('@odata.')) continue;
      if (!fields[name]) this.fault(`has ${name}, which is not described`);
      else fields[name](new Node(value, `${this.where}.${name}`, this.faults));
    }
  }
}

const fieldsOf = (factory) => factory(new Node({}, '', []))({});

// inner is the model of a property, or of the things in a list; undefined for a
// value that has no properties.
const inner = (factory, name) => {
  let found;
  const probe = new Proxy({}, { get: (_, method) => (factoryOrKnown) => { if (/Object/.test(method)) found = factoryOrKnown; } });
  fieldsOf(factory)[name]?.(probe);
  return found;
};

const pathFault = (factory, path) => {
  for (const name of path.split('/')) {
    if (!factory || !fieldsOf(factory)[name]) return [`property ${path} is not described`];
    factory = inner(factory, name);
  }
  return [];
};

const queryFaults = (template, query, factory) => {
  const described = decodeURIComponent(template.split(/\?|{\?/).slice(1).join('?'));
  const required = [...described.matchAll(/(\w+)={\1}/g)].map(([, name]) => name);
  const faults = required.filter((name) => !query.has(name)).map((name) => `query lacks ${name}`);
  const known = [...required, ...described.replaceAll(/[{}?&]/g, ',').split(',').map((name) => name.replace('*', ''))];
  // $skiptoken is the service's own (OData 4.01 §11.2.6.7), and so no part of a description.
  faults.push(...[...query.keys()].filter((name) => name !== '$skiptoken' && !known.includes(name)).map((name) => `query parameter ${name} is not described`));
  const thing = (factory && inner(factory, 'value')) || factory;
  const properties = [
    ...(query.get('$select') ?? '').split(','), ...(query.get('$orderby') ?? '').split(',').map((s) => s.split(' ')[0]),
    ...(query.get('$filter') ?? '').split(' and ').map((s) => s.split(' ')[0]),
  ].filter(Boolean);
  return [...faults, ...properties.flatMap((path) => pathFault(thing, path))];
};

const bodyFaults = ({ exported }, { requestBodySerializer }, body) => {
  if (!requestBodySerializer) return body ? ['body is sent, and the operation has none'] : [];
  const name = requestBodySerializer.name.replace(/^serialize/, 'deserializeInto');
  const faults = [];
  new Node(JSON.parse(body || 'null'), 'body', faults).getObjectValue(() => models[name] ?? exported[name]);
  return faults;
};

const answerFaults = ({ responseBodyFactory, errorMappings }, status, answer) => {
  if (answer === undefined) return [];
  const faults = [];
  const factory = status < 400 ? responseBodyFactory : errorMappings.XXX;
  if (!factory) return ['answer is given, and the operation has none'];
  new Node(JSON.parse(answer), 'answer', faults).getObjectValue(factory);
  return faults;
};

const judge = async ({ method, path, query, body, status, answer }) => {
  const found = await moduleOf(path);
  const operation = found?.requests?.[method.toLowerCase()];
  if (!operation) return [`Microsoft describes no ${method} ${path}`];
  return [
    ...queryFaults(found.template, new URLSearchParams(query), operation.responseBodyFactory),
    ...bodyFaults(found, operation, body), ...answerFaults(operation, status, answer),
  ];
};

try {
  process.exitCode = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const faults = await judge(request);
    if (faults.length > 0) {
      console.log(JSON.stringify({ ...request, faults }));
      process.exitCode = 1;
    }
  }
} catch (error) {
  console.error(error);
  process.exit(2);
}
