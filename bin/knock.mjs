#!/usr/bin/env node
// The way into the command line. This file alone must be readable by any Node (no top-level await, nothing
// newer than Node 12): where the TypeScript behind it would fail with a riddle, it says what is missing, or
// goes on with the runtime that npm has brought.

import { spawn } from "child_process";
import { existsSync } from "fs";
import * as nodeModule from "module";
import { fileURLToPath } from "url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const isEnough = (version) => {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};

/** Node as the npm package `node` installs it: beside this package in a clone, above it when installed. */
const brought = () =>
  ["../node_modules/node/bin/", "../../node/bin/"]
    .map((folder) => at(folder + (process.platform === "win32" ? "node.exe" : "node")))
    .find((path) => existsSync(path) && path !== process.execPath);

const refuse = () => {
  process.stderr.write(
    "knock needs Node 22.18 or newer, and this is " +
      process.versions.node +
      ": `npm ci` brings Node 26, and then `npm run …` and `npx knock …` use it.\n",
  );
  process.exitCode = 1;
};

const goOnWith = (node) => {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  // What reaches only this process is handed on, and the child decides. (A terminal sends Ctrl-C to both.)
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal) =>
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal));
  signals.forEach(forward);
  child.on("error", refuse);
  child.on("exit", (code, signal) => {
    signals.forEach((name) => process.removeAllListeners(name));
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
};

const start = async () => {
  // What was compiled once is kept: a quarter of the start is saved.
  nodeModule.enableCompileCache();
  process.setSourceMapsEnabled(true);
  // A clone holds TypeScript that Node runs as it is, the packed package JavaScript.
  const source = at("../src/cli/main.ts");
  const entry = existsSync(source) ? "../src/cli/main.ts" : "../dist/cli/main.js";
  const { main } = await import(new URL(entry, import.meta.url).href);
  process.exitCode = await main(process.argv.slice(2));
};

if (isEnough(process.versions.node)) start();
else {
  const node = brought();
  if (node) goOnWith(node);
  else refuse();
}
