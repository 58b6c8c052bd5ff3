import type { Pointed } from "../../store/jobs.ts";
import type { Job, JobHandlers, JobKind, Jobs } from "./port.ts";

/** A job engine that keeps jobs in memory and executes them when told: for tests. */
export interface InlineJobs extends Jobs {
  /** Executes jobs, and those that they make, until none is left, or at most so many. */
  drain(most?: number): Promise<void>;
  /** The jobs that wait, in their order. */
  waiting(): readonly Job[];
  /** Takes the first job of a kind away; `null` when there is none. */
  take<K extends JobKind>(kind: K): Extract<Job, { kind: K }> | null;
  /** Forgets all jobs, as if somebody had emptied the queues. */
  clear(): void;
}

/** What a job points at, as `withoutJob` names it. */
function keysOf(job: Job, what: Pointed): string[] {
  if (what === "notification" && job.kind === "express") return job.data.notifications;
  if (what === "notification" && job.kind === "fanOut") return [job.data.notification];
  if (what === "chunk" && job.kind === "chunk") return [`${job.data.notification}/${job.data.number}`];
  const delivers = job.kind === "deliver" || job.kind === "deliverExpress";
  return what === "message" && delivers ? job.data.messages : [];
}

/** Creates an in-memory job engine. */
export function inlineJobs(): InlineJobs {
  const queue: Job[] = [];
  /** Put off, until jobs are executed the next time. */
  const later: Job[] = [];
  let handlers: JobHandlers | null = null;

  function execute<J extends Job>(job: J, by: JobHandlers): Promise<void> {
    return (by[job.kind] as (data: J["data"]) => Promise<void>)(job.data);
  }

  function store(jobs: readonly Job[]): void {
    for (const job of jobs) (job.after ? later : queue).push(job);
  }

  return {
    async enqueue() {},
    committed: store,
    announce: async (_tx, jobs) => store(jobs),
    takeDead: async () => [],
    async withoutJob(_tx, what, keys) {
      const held = new Set([...queue, ...later].flatMap((job) => keysOf(job, what)));
      return keys.filter((key) => !held.has(key));
    },
    async work(given) {
      handlers = given;
    },
    async start() {},
    async stop() {
      handlers = null;
    },
    async drain(most = Number.POSITIVE_INFINITY) {
      queue.push(...later.splice(0));
      for (let done = 0; done < most && handlers && queue.length > 0; done++) await execute(queue.shift()!, handlers);
    },
    waiting: () => [...queue, ...later],
    take<K extends JobKind>(kind: K) {
      const index = queue.findIndex((job) => job.kind === kind);
      return index < 0 ? null : (queue.splice(index, 1)[0] as Extract<Job, { kind: K }>);
    },
    clear: () => void [queue, later].forEach((jobs) => jobs.splice(0)),
  };
}
