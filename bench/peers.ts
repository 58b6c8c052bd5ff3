// The same broadcast hand-written as one job per recipient on other engines, with the same guarantees: a durable
// job and a run for each person; the message, the e-mail's status and the end of the run are written. They are
// installed apart: `npm ci --prefix bench/peers`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PostgresServer } from "../test/support/postgres.ts";

const PEERS = ["pg-boss", "graphile-worker", "dbos", "bullmq"];

/** They are ten to a hundred times slower: their rate does not depend on how many there are. */
const MOST = 10_000;

const folder = (path: string) => fileURLToPath(new URL(`./peers/${path}`, import.meta.url));

async function measure(peer: string, url: string, people: number): Promise<string> {
  const child = spawn(process.execPath, [folder("main.mjs"), peer, url, String(people)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0 ? text.trim().split("\n").at(-1)! : `failed (${code})`;
}

/** One row for each engine that can be measured here, and why not for the others. */
export async function measurePeers(server: PostgresServer, people: number): Promise<Record<string, string>[]> {
  if (!existsSync(folder("node_modules"))) {
    return [{ what: "one job per recipient", rate: "not installed: npm ci --prefix bench/peers" }];
  }
  const rows: Record<string, string>[] = [];
  for (const peer of PEERS) {
    const rate = await measure(peer, await server.create(), Math.min(people, MOST));
    rows.push({ what: `one job per recipient, ${peer}`, rate });
  }
  return rows;
}
