// Whether an answer made up for a test is one GitHub could give: fields that
// are described, of their types. What is left out is no fault, nor is null.
import { getNullableType, isEnumType, isListType, isLeafType } from 'graphql';

const kindOf = (value) => (Array.isArray(value) ? 'array' : typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value);

const fits = (type, kind) => type === kind || (type === 'number' && kind === 'integer');

// flat are the alternatives and parts of a schema, as one list.
const flat = (schema, resolve) => {
  const { allOf = [], anyOf = [], oneOf = [], ...own } = resolve(schema) ?? {};
  const parts = [...allOf, ...anyOf, ...oneOf].flatMap((part) => flat(part, resolve));
  return Object.keys(own).some((key) => ['type', 'properties', 'items', 'enum'].includes(key)) || parts.length === 0 ? [own, ...parts] : parts;
};

const inObject = (value, schemas, resolve, at) => Object.entries(value).flatMap(([name, inside]) => {
  const known = schemas.map((s) => s.properties?.[name] ?? (typeof s.additionalProperties === 'object' ? s.additionalProperties : undefined)).filter(Boolean);
  if (known.length > 0) return restFaults(inside, known, resolve, `${at}.${name}`);
  const isOpen = schemas.some((s) => s.additionalProperties === true || (!s.properties && !s.additionalProperties && (s.type ?? 'object') === 'object'));
  return isOpen ? [] : [`${at}.${name} is not described`];
});

// restFaults are what schemas, any of which may be meant, don't admit.
export const restFaults = (value, alternatives, resolve, at = 'answer') => {
  const schemas = alternatives.flatMap((schema) => flat(schema, resolve));
  if (value === null || schemas.some((s) => Object.keys(s).length === 0)) return [];
  const kind = kindOf(value);
  const meant = schemas.filter((s) => s.type === undefined || fits(s.type, kind));
  if (meant.length === 0) return [`${at} is ${kind}, not ${schemas.map((s) => s.type).join(' or ')}`];
  if (kind === 'array') return value.flatMap((item, i) => restFaults(item, meant.map((s) => s.items ?? {}), resolve, `${at}.${i}`));
  if (kind === 'object') return inObject(value, meant, resolve, at);
  return meant.every((s) => s.enum && !s.enum.includes(value)) ? [`${at} is ${value}, not ${meant.flatMap((s) => s.enum).join(', ')}`] : [];
};

// asked are the fields of a selection by the names they have in an answer. Of an
// interface or a union it takes those of every type.
const asked = (type, { selections }, { schema, fragments }, into = {}) => {
  for (const s of selections) {
    if (s.kind === 'Field') {
      const field = s.name.value === '__typename' ? undefined : type.getFields()[s.name.value];
      (into[s.alias?.value ?? s.name.value] ??= []).push({ type: field?.type ?? schema.getType('String'), selectionSet: s.selectionSet });
    } else {
      const fragment = s.kind === 'FragmentSpread' ? fragments[s.name.value] : s;
      asked(fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type, fragment.selectionSet, { schema, fragments }, into);
    }
  }
  return into;
};

const scalars = { String: ['string'], ID: ['string'], Int: ['integer'], Float: ['integer', 'number'], Boolean: ['boolean'], DateTime: ['string'], Date: ['string'], URI: ['string'] };

const leafFault = (value, type) => (isEnumType(type) ? !type.getValue(value) : !(scalars[type.name] ?? [kindOf(value)]).includes(kindOf(value)));

// graphFaults are what a field, one of several that may be meant, can't be.
export const graphFaults = (value, fields, context, at = 'answer') => {
  if (value === null) return [];
  const meant = fields.map((f) => ({ ...f, type: getNullableType(f.type) }));
  if (Array.isArray(value)) {
    const lists = meant.filter((f) => isListType(f.type)).map((f) => ({ ...f, type: f.type.ofType }));
    return lists.length === 0 ? [`${at} is a list`] : value.flatMap((item, i) => graphFaults(item, lists, context, `${at}.${i}`));
  }
  if (typeof value !== 'object') return meant.some((f) => isLeafType(f.type) && !leafFault(value, f.type)) ? [] : [`${at} is ${value}, not ${meant.map((f) => f.type).join(' or ')}`];
  const known = {};
  for (const { type, selectionSet } of meant.filter((f) => f.selectionSet && !isListType(f.type))) asked(type, selectionSet, context, known);
  return Object.entries(value).flatMap(([name, inside]) => (known[name] ? graphFaults(inside, known[name], context, `${at}.${name}`) : [`${at}.${name} is not asked for`]));
};
