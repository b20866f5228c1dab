// An MCP host with one server. It prints what happens, one JSON object a line,
// and does what it reads: "call", or the action to answer a question with.
// node host.mjs SERVER ERA ELICITATION, with ERA legacy or a revision, and
// ELICITATION none, form or url.
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [command, era, elicitation] = process.argv.slice(2);
const say = (event) => console.log(JSON.stringify(event));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;

const client = new Client({ name: 'test-host', version: '1' }, {
  capabilities: elicitation === 'none' ? {} : { elicitation: { [elicitation]: {} } },
  versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: era } },
});
if (elicitation !== 'none') {
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    say({ event: 'question', ...params });
    const action = await next();
    return action === 'accept' && elicitation === 'form' ? { action, content: { approved: true } } : { action };
  });
}
await client.connect(new StdioClientTransport({ command, args: ['serve'], env: process.env, stderr: 'ignore' }));
say({ event: 'connected', server: client.getServerVersion()?.name, protocol: client.getNegotiatedProtocolVersion?.() });
for (let line = await next(); line !== undefined; line = await next()) {
  const { content, isError } = await client.callTool({ name: 'github_whoami', arguments: {} });
  say({ event: 'answer', text: content.map((c) => c.text).join('\n'), isError: isError ?? false });
}
await client.close();
