// An MCP host with one server. It prints what happens, one JSON object a line,
// and does what it reads: "call" calls a tool; "readResource PARAMS" and other
// methods of the client are called with theirs, a list if there are several;
// "accept", "decline", "cancel" and "fail" answer the oldest question, which stays
// open until then.
// node host.mjs SERVER ERA ELICITATION, with ERA legacy, auto or a revision, and
// ELICITATION none, form or url.
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [command, era, elicitation] = process.argv.slice(2);
const say = (event) => console.log(JSON.stringify(event));
const questions = [];

const client = new Client({ name: 'test-host', version: '1' }, {
  capabilities: elicitation === 'none' ? {} : { elicitation: { [elicitation]: {} } },
  versionNegotiation: { mode: ['legacy', 'auto'].includes(era) ? era : { pin: era } },
});
if (elicitation !== 'none') {
  client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) => new Promise((answer, fail) => {
    const question = { answer, fail };
    mcpReq.signal.addEventListener('abort', () => {
      if (questions.includes(question)) say({ event: 'withdrawn' });
    });
    questions.push(question);
    say({ event: 'question', ...params });
  }));
}

const attempt = async (act) => {
  try {
    say({ event: 'answer', ...await act() });
  } catch (error) {
    say({ event: 'failure', text: String(error) });
  }
};
const call = () => attempt(async () => {
  const { content, isError } = await client.callTool({ name: 'github_whoami', arguments: {} });
  return { text: content.map((c) => c.text).join('\n'), isError: isError ?? false };
});
const ask = (method, params) => attempt(async () => ({ text: JSON.stringify(await client[method](...[JSON.parse(params)].flat())) }));

const decide = (action) => {
  const { answer, fail } = questions.shift();
  if (action === 'fail') {
    fail(new Error('there is no window to ask in'));
  } else if (action === 'accept' && elicitation === 'form') {
    answer({ action, content: { approved: true } });
  } else {
    answer({ action });
  }
};

await client.connect(new StdioClientTransport({ command, args: ['serve'], env: process.env, stderr: 'ignore' }));
say({ event: 'connected', server: client.getServerVersion()?.name, protocol: client.getNegotiatedProtocolVersion() });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'call') {
    call();
  } else if (line.includes(' ')) {
    const at = line.indexOf(' ');
    ask(line.slice(0, at), line.slice(at + 1));
  } else {
    decide(line);
  }
}
await client.close();
process.exit(0);
