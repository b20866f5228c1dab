// GitHub's GraphQL API as its schema describes it: what is wrong with a
// question, and an answer of the right shape. Faults are sentences.
import { readFileSync } from 'node:fs';
import {
  buildASTSchema, executeSync, getNullableType, getVariableValues, isAbstractType, isEnumType, isLeafType, isListType,
  NoDeprecatedCustomRule, parse, validate,
} from 'graphql';
import { graphFaults } from './github_answers.mjs';
import { schema as definition } from '@octokit/graphql-schema';

const later = readFileSync(new URL('github_later.graphql', import.meta.url), 'utf8');
const schema = buildASTSchema(parse(definition.idl + later), { assumeValid: true });

const answerFaults = (document, { operation, selectionSet }, answer) => {
  const fragments = Object.fromEntries(document.definitions.filter((d) => d.kind === 'FragmentDefinition').map((d) => [d.name.value, d]));
  return graphFaults(JSON.parse(answer).data ?? null, [{ type: schema.getRootType(operation), selectionSet }], { schema, fragments });
};

// judge answers what a body asks for, its faults, and the deprecated fields in
// it. body is a text; an answer in JSON is judged as well.
export const judge = ({ body, answer }) => {
  const nothing = { operationId: 'graphql', deprecated: [] };
  let asked, document;
  try {
    asked = JSON.parse(body);
    document = parse(asked.query);
  } catch (error) {
    return { ...nothing, faults: [error.message] };
  }
  const definitions = document.definitions.filter((d) => d.kind === 'OperationDefinition');
  const { variableDefinitions, selectionSet } = definitions[0];
  const faults = Object.keys(asked).filter((key) => !['query', 'variables', 'operationName'].includes(key))
    .map((key) => `body must not have ${key}`);
  if (definitions.length > 1 && !asked.operationName) faults.push('operationName is missing');
  faults.push(...validate(schema, document).map((error) => error.message));
  const given = asked.variables ?? {};
  if (faults.length === 0) faults.push(...(getVariableValues(schema, variableDefinitions, given).errors ?? []).map((e) => e.message));
  if (faults.length === 0 && answer !== undefined) faults.push(...answerFaults(document, definitions[0], answer));
  const declared = variableDefinitions.map((d) => d.variable.name.value);
  faults.push(...Object.keys(given).filter((name) => !declared.includes(name)).map((name) => `variable ${name} is not declared`));
  return {
    operationId: `graphql ${selectionSet.selections.map((s) => s.name?.value).join(' ')}`,
    faults,
    deprecated: validate(schema, document, [NoDeprecatedCustomRule]).map((error) => error.message),
  };
};

const named = {
  login: 'octocat', nameWithOwner: 'octocat/Hello-World', path: 'README.md', hasNextPage: false, hasPreviousPage: false,
  totalCount: 2, remaining: 4999, email: 'octocat@github.com',
};

const scalar = (type, { parentType, fieldName }, counter) => ({
  ID: () => `${parentType.name}_${++counter.count}`,
  Int: () => ++counter.count,
  Float: () => 0.5,
  Boolean: () => fieldName.startsWith('viewerCan'),
  BigInt: () => '1024',
  Date: () => '2011-01-26',
  DateTime: () => '2011-01-26T19:01:12Z',
  PreciseDateTime: () => '2011-01-26T19:01:12.000Z',
  GitTimestamp: () => '2011-01-26T19:01:12Z',
  GitObjectID: () => '6dcb09b5b57875f334f61aebed695e2e4193db5e',
  URI: () => 'https://github.com/octocat/Hello-World',
  HTML: () => `<p>${parentType.name} ${fieldName}</p>`,
}[type.name] ?? (() => `${parentType.name} ${fieldName}`))();

const mock = (type, info, counter) => {
  const inner = getNullableType(type);
  if (isListType(inner)) return [mock(inner.ofType, info, counter), mock(inner.ofType, info, counter)];
  if (isEnumType(inner)) return inner.getValues()[0].value;
  if (isLeafType(inner)) return named[info.fieldName] ?? scalar(inner, info, counter);
  return {};
};

// kinds are the types that a selection asks fields of, in order.
const kinds = (selectionSet, fragments) => selectionSet.selections.flatMap((s) => {
  const fragment = s.kind === 'FragmentSpread' ? fragments[s.name.value] : s;
  if (fragment.kind === 'Field') return [];
  return [fragment.typeCondition?.name.value, ...kinds(fragment.selectionSet, fragments)];
});

// resolveType takes the first type that the question has fields of, and rather
// one that it names than one that has to do.
const resolveType = (_, __, { fieldNodes, fragments }, type) => {
  const possible = schema.getPossibleTypes(type).map((t) => t.name);
  const named = fieldNodes.flatMap((node) => kinds(node.selectionSet, fragments)).filter(Boolean);
  const fitting = named.map((name) => schema.getType(name)).filter(isAbstractType).flatMap((kind) => schema.getPossibleTypes(kind).map((t) => t.name));
  return [...named, ...fitting].find((name) => possible.includes(name)) ?? possible[0];
};

// answer is what the schema admits: lists of two, ids and numbers that differ,
// texts that name where they stand.
export const answer = (body) => {
  const { query, variables, operationName } = JSON.parse(body);
  return executeSync({
    schema, document: parse(query), variableValues: variables, operationName, contextValue: { count: 0 },
    fieldResolver: (_, __, counter, info) => mock(info.returnType, info, counter), typeResolver: resolveType,
  });
};
