import { Logger, run, runMigrations } from "graphile-worker";
import { CONCURRENCY } from "./world.mjs";

const logger = new Logger(() => () => {});

/** Jobs are added in the transaction of the runs. */
export async function graphileWorker({ begin, pool, work }, url) {
  await runMigrations({ pgPool: pool, logger });
  const runner = await run({
    connectionString: url,
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    pollInterval: 500,
    logger,
    preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    taskList: { person: (payload) => work(payload.run) },
  });
  const within = (runs, client) =>
    client.query(
      `select graphile_worker.add_jobs(array(
        select row('person', json_build_object('run', run), null, null, null, null, null, null)::graphile_worker.job_spec
        from unnest($1::text[]) as run))`,
      [runs],
    );
  return { send: () => begin({ within }), stop: () => runner.stop() };
}
