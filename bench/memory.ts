// Memory of a worker while broadcasts of growing size drain through it: flat, or something is kept.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import type { Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";
import { announcement, news, populate, systemOn } from "./world.ts";

/** What a worker needed for a broadcast. */
export interface Memory {
  people: number;
  /** Resident memory while it drained, in megabytes: median and highest. */
  median: number;
  highest: number;
}

/** What a worker gets by with. Without a limit V8 takes more, because there is more. */
const HEAP = ["--max-old-space-size=192"];

const moment = () => new Promise((resolve) => setTimeout(resolve, 200));

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_024);
}

async function drained({ db }: Database, id: string): Promise<boolean> {
  const [open] = await rows<{ done: boolean }>(
    db,
    sql`select planned_at is not null
      and not exists (select from knock.fan_out_chunks where notification_id = id and done_at is null)
      and not exists (select from knock.messages where notification_id = id and status = 'queued') as done
    from knock.notifications where id = ${id}`,
  );
  return open!.done;
}

/** Broadcasts to lists of several sizes, one after the other, through one worker process. */
export async function measureMemory(database: Database, url: string, sizes: readonly number[]): Promise<Memory[]> {
  const server = await systemOn(database);
  await server.start({ work: false });
  const worker = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), [url], { execArgv: HEAP });
  await once(worker, "message");
  const results: Memory[] = [];
  for (const people of sizes) {
    const list = `memory.${people}`;
    await populate(database, list, people);
    const outcome = await server.notify(announcement, { lists: [list], data: news });
    if (!outcome.ok) throw outcome.error;
    const seen: number[] = [];
    do {
      await moment();
      seen.push(await residentMegabytes(worker.pid!));
    } while (!(await drained(database, outcome.notification.id)));
    seen.sort((a, b) => a - b);
    results.push({ people, median: seen[Math.floor(seen.length / 2)]!, highest: seen.at(-1)! });
  }
  worker.disconnect();
  await once(worker, "exit");
  await server.stop();
  return results;
}
