// What GitHub's descriptions have no examples of: a file, a commit's SHA, a
// diff, a log, an archive.
// The archive is a ZIP file of one stored entry (PKWARE APPNOTE.TXT 4.3).
import { crc32 } from 'node:zlib';

export const raw = 'Hello World!\n';

export const sha = '7638417db6d59f3c431d3e1f261cc637155684cd';

export const diff = `diff --git a/README.md b/README.md
index 980a0d5..ab71423 100644
--- a/README.md
+++ b/README.md
@@ -1 +1,2 @@
-Hello World!
+Hello World
+and everybody in it
`;

// The lines of a job's log: a time, then what the step printed, with groups
// (docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
export const log = [
  '##[group]Run make test', 'make test', '##[endgroup]', 'ok    hello', '##[error]Process completed with exit code 2.',
].map((line, i) => `2020-01-22T19:33:0${i}.0000000Z ${line}\n`).join('');

const record = (signature, fields, ...rest) => {
  const head = Buffer.alloc(4 + fields.reduce((n, [size]) => n + size, 0));
  let at = head.writeUInt32LE(signature);
  for (const [size, value] of fields) at = head.writeUIntLE(value, at, size);
  return Buffer.concat([head, ...rest]);
};

export const archive = (name = '0_build.txt', content = log) => {
  const [title, data] = [Buffer.from(name), Buffer.from(content)];
  const entry = [[2, 20], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, crc32(data)], [4, data.length], [4, data.length], [2, title.length], [2, 0]];
  const local = record(0x04034b50, entry, title, data);
  const central = record(0x02014b50, [[2, 20], ...entry, [2, 0], [2, 0], [2, 0], [4, 0], [4, 0]], title);
  const end = record(0x06054b50, [[2, 0], [2, 0], [2, 1], [2, 1], [4, central.length], [4, local.length], [2, 0]]);
  return Buffer.concat([local, central, end]);
};
