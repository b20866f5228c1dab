#!/usr/bin/env node
// Starts the program that npm has installed for this system, and ends as it ends.
// It reads and writes nothing: the program has the streams of this process, so a
// host that closes stdin ends both.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { isatty } = require("node:tty");

const windows = process.platform === "win32";
const platform = `@valetkey/${process.platform}-${process.arch}`;

function fail(reason) {
  console.error(`valetkey: ${reason}`);
  process.exit(1);
}

function findProgram() {
  try {
    return require.resolve(`${platform}/bin/valetkey${windows ? ".exe" : ""}`);
  } catch {
    const { optionalDependencies } = require("../package.json");
    if (!(platform in optionalDependencies)) {
      fail(`there is no package for ${process.platform} on ${process.arch}; build it instead: go install github.com/valetkey/valetkey@latest`);
    }
    // https://github.com/npm/cli/issues/4828
    fail(
      `the package ${platform} is missing. npm leaves it out with --omit=optional, and where a lock file or node_modules ` +
        "comes from another system: remove both and run npm install --include=optional",
    );
  }
}

// A terminal sends these to the program as well, and a second one ends it at once
// instead of letting it tidy up. Any stream may be redirected and the terminal still
// be there. On Windows every console does, and to pass a signal on would end the
// program without a word.
const terminal = [0, 1, 2].some(isatty);
const already = windows ? ["SIGINT", "SIGHUP", "SIGBREAK"] : terminal ? ["SIGINT"] : [];

const program = findProgram();
const passOn = (signal) => already.includes(signal) || child.kill(signal);
const signals = ["SIGINT", "SIGTERM", "SIGHUP", ...(windows ? ["SIGBREAK"] : [])];
for (const signal of signals) process.on(signal, passOn);

const child = spawn(program, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
child.on("error", (error) => fail(`${program} can't be started: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  for (const name of signals) process.off(name, passOn);
  // Only for a signal that doesn't end this process, as SIGPIPE doesn't.
  process.exitCode = 128 + constants.signals[signal];
  process.kill(process.pid, signal);
});
