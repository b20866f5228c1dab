// GitHub's REST API as GitHub describes it: which operation a request is, what
// is wrong with it, and the answer its documentation gives as an example.
// Faults are sentences; a request without any is one that GitHub describes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv/dist/2019.js';
import formats from 'ajv-formats';
import { restFaults } from './github_answers.mjs';
import { correct } from './github_corrections.mjs';

const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
const description = JSON.parse(readFileSync(file, 'utf8'));
correct(description);
const media = 'application/json';

// A query's values are texts, whatever their type; a body's are what they are.
const options = { strict: false, allErrors: true, logger: false };
const texts = formats(new Ajv({ ...options, coerceTypes: 'array' }));
const values = formats(new Ajv(options));

const resolve = (thing) => {
  while (thing?.$ref) {
    const keys = thing.$ref.slice(2).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    thing = keys.reduce((inside, key) => inside[key], description);
  }
  return thing;
};

// The templates in the order they are tried: the one with the most that is
// literal first. Some parameters hold slashes, and GitHub marks them.
const operations = Object.entries(description.paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    const parameters = (operation.parameters ?? []).map(resolve);
    const names = [...template.matchAll(/{([\w-]+)}/g)].map(([, name]) => name);
    const long = (name) => parameters.find((p) => p.in === 'path' && p.name === name)?.['x-multi-segment'];
    const pattern = template.split(/({[\w-]+})/).map((part, i) => {
      if (i % 2 === 0) return part.replace(/[.+]/g, '\\$&');
      return long(part.slice(1, -1)) ? '(.+)' : '([^/]+)';
    });
    return {
      method: method.toUpperCase(), template, operation, parameters, names,
      pattern: new RegExp(`^${pattern.join('')}$`), literal: template.replace(/{[\w-]+}/g, '').length,
    };
  })).sort((a, b) => b.literal - a.literal);

export const find = (method, path) => operations.find((o) => o.method === method && o.pattern.test(path));

// closed is a schema that knows all properties it admits: where GitHub's says
// nothing about others, they are faults, since GitHub ignores them in silence.
const closed = (schema, isPart = false, above = []) => {
  const original = resolve(schema);
  if (above.includes(original)) return {};
  const inside = (s, part) => closed(s, part, [...above, original]);
  const { nullable, ...copy } = original;
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    if (copy[key]) copy[key] = copy[key].map((s) => inside(s, true));
  }
  if (copy.properties) {
    copy.properties = Object.fromEntries(Object.entries(copy.properties).map(([name, s]) => [name, inside(s)]));
  }
  if (copy.items) copy.items = inside(copy.items);
  if (typeof copy.additionalProperties === 'object') copy.additionalProperties = inside(copy.additionalProperties);
  const names = copy.properties || copy.allOf || copy.anyOf || copy.oneOf;
  if (!('additionalProperties' in copy)) {
    if (names && !isPart) copy.unevaluatedProperties = false;
    if (!names && copy.type === 'object') copy.additionalProperties = true;
  }
  if (!nullable) return copy;
  return copy.type && !copy.enum ? { ...copy, nullable } : { anyOf: [{ type: 'null' }, copy] };
};

// A text may be both of a number or a text.
const either = ({ oneOf, ...rest }) => (oneOf ? { anyOf: oneOf, ...rest } : rest);

const compiled = new Map();
const compile = (key, make) => {
  if (!compiled.has(key)) compiled.set(key, make());
  return compiled.get(key);
};

const word = (what, { instancePath, message, params }) => {
  const more = params.additionalProperty ?? params.unevaluatedProperty ?? params.allowedValues?.join(', ');
  return `${what}${instancePath.replaceAll('/', '.')} ${message}${more === undefined ? '' : `: ${more}`}`;
};

const check = (validate, what, value) => (validate(value) ? [] : validate.errors.map((error) => word(what, error)));

const parametersOf = ({ method, template, parameters, names }, place) => compile(`${place} ${method} ${template}`, () => {
  const here = parameters.filter((p) => p.in === place && (place !== 'path' || names.includes(p.name)));
  return texts.compile({
    type: 'object',
    properties: Object.fromEntries(here.map((p) => [p.name, closed(either(resolve(p.schema)))])),
    required: here.filter((p) => p.required).map((p) => p.name),
    additionalProperties: false,
  });
});

const queryFaults = (found, query) => {
  const given = {};
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name);
    given[name] = all.length > 1 ? all : all[0];
  }
  return check(parametersOf(found, 'query'), 'query', given);
};

const pathFaults = (found, path) => {
  const given = found.pattern.exec(path).slice(1).map(decodeURIComponent);
  return check(parametersOf(found, 'path'), 'path', Object.fromEntries(found.names.map((name, i) => [name, given[i]])));
};

const bodyFaults = (found, body) => {
  const wanted = resolve(found.operation.requestBody);
  if (body === '') return wanted?.required ? ['body is missing'] : [];
  if (!wanted) return ['body is sent, and the operation has none'];
  const schema = wanted.content[media]?.schema;
  if (!schema) return [];
  let given;
  try {
    given = JSON.parse(body);
  } catch {
    return ['body is no JSON'];
  }
  return check(compile(`body ${found.method} ${found.template}`, () => values.compile(closed(schema))), 'body', given);
};

// answerFaults are those of an answer made up for a test.
const answerFaults = ({ operation }, status, answer) => {
  if (answer === undefined) return [];
  const described = Object.entries(operation.responses).filter(([code]) => code === String(status) || (status === 200 && code.startsWith('2')));
  if (described.length === 0) return [`answer ${status} is not described`];
  const schemas = described.flatMap(([, response]) => Object.values(resolve(response).content ?? {})).map((c) => c.schema).filter(Boolean);
  return schemas.length > 0 ? restFaults(JSON.parse(answer), schemas, resolve) : [];
};

// judge answers the operation of a request, its faults, and what is deprecated
// in it. path is below the API's address and escaped, body is a text. An answer
// in JSON with its status is judged as well.
export const judge = ({ method, path, query, body, status, answer }) => {
  const found = find(method, path);
  if (!found) return { faults: [`GitHub describes no ${method} ${path}`], deprecated: [] };
  const parameters = new URLSearchParams(query);
  return {
    operationId: found.operation.operationId,
    faults: [...pathFaults(found, path), ...queryFaults(found, parameters), ...bodyFaults(found, body), ...answerFaults(found, status, answer)],
    deprecated: [
      ...(found.operation.deprecated ? [`${method} ${found.template}`] : []),
      ...found.parameters.filter((p) => p.deprecated && parameters.has(p.name)).map((p) => `query ${p.name} of ${found.template}`),
    ],
  };
};

// valueOf is what an example shows; some show another example.
const valueOf = (example) => {
  const value = resolve(example)?.value;
  return value?.$ref ? valueOf(value) : value;
};

// documented is the first successful answer in the description of an operation,
// else its redirect: {status, type, body}. Without content: no type, no body.
export const documented = ({ operation }, accept = '') => {
  const statuses = Object.keys(operation.responses).sort();
  const status = statuses.find((s) => s.startsWith('2')) ?? statuses.find((s) => s.startsWith('3'));
  const content = resolve(operation.responses[status])?.content ?? {};
  const types = Object.keys(content);
  const type = types.find((t) => accept.includes(t)) ?? types.find((t) => t === media) ?? types[0];
  const { examples = {}, example } = content[type] ?? {};
  return { status: Number(status), type, body: valueOf(Object.values(examples)[0]) ?? example };
};
