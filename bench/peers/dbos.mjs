import { DBOS } from "@dbos-inc/dbos-sdk";
import { CONCURRENCY } from "./world.mjs";

/** Workflows of one step, started after the transaction of the runs, one by one: it has no bulk call. */
export async function dbos({ begin, work }, url) {
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, runAdminServer: false, logLevel: "error" });
  const person = DBOS.registerWorkflow((run) => DBOS.runStep(() => work(run), { name: "person" }), { name: "person" });
  await DBOS.launch();
  const after = async (runs) => {
    const waiting = [...runs];
    // Started here and not through a queue, which looks for work once a second and takes no more than may run at once.
    const next = async () => {
      for (let run = waiting.pop(); run; run = waiting.pop()) {
        const started = await DBOS.startWorkflow(person, { workflowID: run })(run);
        await started.getResult();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, next));
  };
  return { send: () => begin({ after }), stop: () => DBOS.shutdown() };
}
