// A GitHub that nobody here has written: it holds every request against GitHub's
// own descriptions and answers with the examples in them.
//
// node github.mjs prints READY and the address of the API, and ends when its
// stdin does. A request with faults is answered 599 and {message, faults}.
// GET /_recorded gives all requests so far, with operationId and faults.
// PUT /_answer {method, path, match, status, headers, body} sets the answer to
// requests for a path below the API's address (/graphql for that one); match is
// a text that the body has to hold.
//
// node github.mjs check reads requests, one JSON object a line: {method, path,
// query, body, status, answer}, and prints each that has faults or is deprecated. It exits 1 if
// there are faults, 2 if it can't judge. What else a line holds is printed with it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { archive, diff, log, raw, sha } from './github_files.mjs';
import * as graphql from './github_graphql.mjs';
import * as rest from './github_rest.mjs';

const asText = (body = '') => (typeof body === 'string' ? body : JSON.stringify(body)).trim();

// below is a path below the API's address, which is /api/v3 on a server of one's
// own, with GraphQL beside it, and nothing at github.com.
const below = (path) => path.replace(/^\/api(\/v3)?(?=\/)/, '');

const judge = (request) => (request.path === '/graphql' ? graphql : rest).judge(request);

const checkLines = async () => {
  let isFaulty = false;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const verdict = judge({ ...request, path: below(request.path), body: asText(request.body) });
    if (verdict.faults.length > 0 || verdict.deprecated.length > 0) console.log(JSON.stringify({ ...request, ...verdict }));
    isFaulty ||= verdict.faults.length > 0;
  }
  process.exitCode = isFaulty ? 1 : 0;
};

const json = (body, status = 200, headers = {}) => ({ status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) });

// example is the documented answer; what a redirect leads to is here as well.
const example = ({ method, path, accept }) => {
  const found = rest.find(method, path);
  const { status, type, body } = rest.documented(found, accept);
  if (status >= 300) return { status, headers: { location: `/_archive/${found.operation.operationId}` }, body: '' };
  if (/\.(diff|patch)\b/.test(accept)) return { status, headers: { 'content-type': accept }, body: diff };
  if (/\.raw\b/.test(accept)) return { status, headers: { 'content-type': accept }, body: raw };
  if (/\.sha\b/.test(accept)) return { status, headers: { 'content-type': accept }, body: sha };
  if (body === undefined) return { status, headers: {}, body: '' };
  return typeof body === 'string' ? { status, headers: { 'content-type': type }, body } : json(body, status);
};

const recorded = [];
const given = [];

const respond = (request) => {
  const verdict = judge(request);
  recorded.push({ ...request, ...verdict });
  if (verdict.faults.length > 0) return json({ message: verdict.faults.join('; '), faults: verdict.faults }, 599);
  const { status = 200, headers, body } = given.findLast((a) => a.method === request.method && a.path === request.path && request.body.includes(a.match ?? '')) ?? {};
  if (body !== undefined) {
    return typeof body === 'string' ? { status, headers: headers ?? {}, body } : json(body, status, headers);
  }
  return request.path === '/graphql' ? json(graphql.answer(request.body)) : example(request);
};

const usual = () => ({
  'x-oauth-scopes': 'admin:org, delete_repo, gist, notifications, project, repo, security_events, user, workflow',
  'x-accepted-oauth-scopes': '',
  'x-github-media-type': 'github.v3; format=json',
  'x-github-request-id': '0000:00000:EXAMPLE:00000:00000000',
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': '4999',
  'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
  'x-ratelimit-resource': 'core',
  'x-ratelimit-used': '1',
});

const textOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString().trim();
};

const send = (request, response, { status, headers, body }) => {
  const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
  const isKnown = status === 200 && request.method === 'GET' && request.headers['if-none-match'] === etag;
  response.writeHead(isKnown ? 304 : status, { ...usual(), etag, ...headers });
  response.end(isKnown ? undefined : body);
};

const serve = async (request, response) => {
  const { method, headers } = request;
  const [address, query = ''] = request.url.split('?', 2);
  const body = await textOf(request);
  if (address === '/_recorded') return send(request, response, json(recorded));
  if (address === '/_answer') {
    given.push(JSON.parse(body));
    return response.writeHead(204).end();
  }
  if (address.startsWith('/_archive/')) {
    const isText = address.endsWith('/download-job-logs-for-workflow-run');
    return response.writeHead(200, { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/zip' }).end(isText ? log : archive());
  }
  send(request, response, respond({ method, path: below(address), query, body, accept: headers.accept ?? '' }));
};

if (process.argv[2] === 'check') {
  await checkLines().catch((error) => {
    console.error(error);
    process.exitCode = 2;
  });
} else {
  const server = createServer(serve);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  process.stdin.resume().on('end', () => process.exit(0));
  console.log(`READY http://127.0.0.1:${server.address().port}/api/v3/`);
}
