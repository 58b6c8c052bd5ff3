// Runs one PostgreSQL server for as long as its own standard input is open, that is, for as long as the
// process that asked for it lives: whether that process ends, throws or is killed, the server goes with it.

import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import { join } from "node:path";

const { folder, port, identity } = JSON.parse(process.argv[2]!) as {
  folder: string;
  port: number;
  identity: { uid?: number; gid?: number };
};

const log = openSync(join(folder, "log"), "a");
const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
/** Told to restart, it ends the server as a crash would, and starts it again. */
let restarting = false;
let server = start();

function start() {
  const started = spawn(
    join(folder, "native", "bin", "postgres"),
    ["-D", join(folder, "data"), ...settings.flatMap((setting) => ["-c", setting])],
    { ...identity, stdio: ["ignore", log, log] },
  );
  started.on("error", () => process.exit(1));
  started.on("exit", (code) => {
    if (restarting) {
      restarting = false;
      server = start();
      return;
    }
    rmSync(folder, { recursive: true, force: true });
    process.exit(code ?? 1);
  });
  return started;
}

// Ctrl-C reaches the whole group; the order to stop is the end of input.
process.on("SIGINT", () => {});
process.stdin.on("data", () => {
  restarting = true;
  server.kill("SIGQUIT");
});
process.stdin.on("end", () => void server.kill("SIGINT"));
