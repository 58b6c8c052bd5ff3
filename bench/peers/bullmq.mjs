import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import { CONCURRENCY, NotHere } from "./world.mjs";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** The Redis of REDIS_URL, or one started for this measurement that writes its log every second. */
async function redis() {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "knock-redis-"));
  const port = await freePort();
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"];
  const server = spawn("redis-server", settings, { stdio: "ignore" });
  try {
    await once(server, "spawn");
  } catch {
    await rm(folder, { recursive: true });
    throw new NotHere("no Redis: set REDIS_URL or install redis-server");
  }
  const stop = async () => {
    server.kill();
    await once(server, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `redis://127.0.0.1:${port}`, stop };
}

/** Jobs are added to Redis after the commit of the runs: it has no part in the transaction. */
export async function bullmq({ begin, work }) {
  const { url, stop } = await redis();
  const connection = { url, maxRetriesPerRequest: null };
  const queue = new Queue(`people-${process.pid}`, { connection });
  const worker = new Worker(queue.name, ({ data }) => work(data.run), { connection, concurrency: CONCURRENCY });
  worker.on("error", console.error);
  const after = (runs) => queue.addBulk(runs.map((run) => ({ name: "person", data: { run }, opts: { attempts: 8 } })));
  return {
    send: () => begin({ after }),
    async stop() {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
      await stop();
    },
  };
}
