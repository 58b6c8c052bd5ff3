import { PgBoss } from "pg-boss";
import { CONCURRENCY } from "./world.mjs";

/** Jobs are inserted in the transaction of the runs, and fetched many at a time. */
export async function pgBoss({ begin, work }, url) {
  const boss = new PgBoss({ connectionString: url, max: 8 });
  boss.on("error", console.error);
  await boss.start();
  await boss.createQueue("person", { retryLimit: 8 });
  await boss.work("person", { batchSize: 200, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    const waiting = [...jobs];
    const next = async () => {
      for (let job = waiting.pop(); job; job = waiting.pop()) await work(job.data.run);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, next));
  });
  const within = async (runs, client) => {
    const db = { executeSql: (text, values) => client.query(text, values) };
    await boss.insert(
      "person",
      runs.map((run) => ({ data: { run } })),
      { db },
    );
  };
  return { send: () => begin({ within }), stop: () => boss.stop({ graceful: false }) };
}
