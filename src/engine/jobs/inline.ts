import type { Job, JobHandlers, Jobs } from "./port.ts";

/** A job engine that keeps jobs in memory and executes them when told: for tests. */
export interface InlineJobs extends Jobs {
  /** Executes jobs, and those that they make, until none is left. */
  drain(): Promise<void>;
}

/** Creates an in-memory job engine. */
export function inlineJobs(): InlineJobs {
  const queue: Job[] = [];
  let handlers: JobHandlers | null = null;

  function execute<J extends Job>(job: J, by: JobHandlers): Promise<void> {
    return (by[job.kind] as (data: J["data"]) => Promise<void>)(job.data);
  }

  return {
    async enqueue() {},
    committed: (jobs) => void queue.push(...jobs),
    announce: async (_tx, jobs) => void queue.push(...jobs),
    async work(given) {
      handlers = given;
    },
    async start() {},
    async stop() {
      handlers = null;
    },
    async drain() {
      for (let job = queue.shift(); job && handlers; job = queue.shift()) await execute(job, handlers);
    },
  };
}
