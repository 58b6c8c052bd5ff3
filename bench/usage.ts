// Processor time, of this process and of the PostgreSQL server that a database is on: rates depend on what else
// the machine does, processor time less so.
import { readdirSync, readFileSync } from "node:fs";
import { sql } from "drizzle-orm";
import type { Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";

const TICK_MILLISECONDS = 10;

/** Processor time in milliseconds. The embedded database's is Node's. */
export interface Usage {
  node: number;
  server: number;
}

function statOf(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [own, ended] = [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
  return { parent: Number(fields[1]), own: own * TICK_MILLISECONDS, ended: ended * TICK_MILLISECONDS };
}

/** The process whose children serve the connections; `null` when the server is on another machine. */
async function serverOf({ db, driver }: Database): Promise<number | null> {
  if (driver === "pglite") return null;
  const [backend] = await rows<{ pid: number }>(db, sql`select pg_backend_pid() as pid`);
  try {
    return statOf(backend!.pid).parent;
  } catch {
    return null;
  }
}

function timeOfServer(pid: number): number {
  const { own, ended } = statOf(pid);
  const children = readdirSync("/proc").map((entry) => {
    try {
      const stat = statOf(Number(entry));
      return stat.parent === pid ? stat.own : 0;
    } catch {
      // Not a process, or one that has just ended.
      return 0;
    }
  });
  return children.reduce((sum, time) => sum + time, own + ended);
}

/** Begins to measure; each call of the answer tells what has been used since. */
export async function watchUsage(database: Database): Promise<() => Usage> {
  const server = await serverOf(database);
  const read = (): Usage => {
    const { user, system } = process.cpuUsage();
    return { node: (user + system) / 1_000, server: server === null ? 0 : timeOfServer(server) };
  };
  const begun = read();
  return () => {
    const now = read();
    return { node: now.node - begun.node, server: now.server - begun.server };
  };
}

/** Both together. */
export const total = ({ node, server }: Usage): number => node + server;
