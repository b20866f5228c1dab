// Where the description in @octokit/openapi is not what GitHub accepts, and says
// elsewhere that it does. Each correction names where that is.
import { raw } from './github_files.mjs';

const names = (...list) => list.map((name) => ({ name, in: 'query', schema: { type: 'string' } }));

// https://docs.github.com/en/copilot/how-tos/use-copilot-agents/coding-agent/create-a-pr
const agent = {
  type: 'object',
  properties: Object.fromEntries(['target_repo', 'base_branch', 'custom_instructions', 'custom_agent', 'model'].map((name) => [name, { type: 'string' }])),
};

export const correct = ({ paths, components }) => {
  const repo = '/repos/{owner}/{repo}';
  const bodyOf = (operation) => operation.requestBody.content['application/json'].schema;

  // octokit/openapi keeps an older list of parameters to keep a value of sort.
  // https://docs.github.com/en/rest/code-scanning/code-scanning#list-code-scanning-alerts-for-a-repository
  const severity = { name: 'severity', in: 'query', schema: { $ref: '#/components/schemas/code-scanning-alert-severity' } };
  const alerts = paths[`${repo}/code-scanning/alerts`].get.parameters;
  alerts.push(severity, ...names('assignees', 'pr', 'before', 'after'));
  alerts.find((p) => p.name === 'state').schema = { $ref: '#/components/schemas/code-scanning-alert-state-query' };

  // "To delete a file, set the whole file to null", and so does the example.
  bodyOf(paths['/gists/{gist_id}'].patch).properties.files.additionalProperties.nullable = true;

  // "If you omit the path parameter, you will receive the contents of the
  // repository's root directory."
  const root = structuredClone(paths[`${repo}/contents/{path}`].get);
  for (const { examples } of Object.values(root.responses[200].content)) delete examples[Object.keys(examples)[0]];
  paths[`${repo}/contents/`] = { get: root };

  // The base64 in the example is none: its lines end with a backslash and an n.
  const file = components.examples['content-file-response-if-content-is-a-file'].value;
  Object.assign(file, { content: Buffer.from(raw).toString('base64'), size: raw.length });

  // The Link header of a long list leads to its next page with after.
  // https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
  paths[`${repo}/issues`].get.parameters.push(...names('after'));

  for (const operation of [paths[`${repo}/issues`].post, paths[`${repo}/issues/{issue_number}`].patch, paths[`${repo}/issues/{issue_number}/assignees`].post]) {
    bodyOf(operation).properties.agent_assignment = agent;
  }
};
