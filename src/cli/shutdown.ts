// Ending a process that serves: what is at hand is finished, the rest handed back. Asked a second time,
// it ends at once.

/** Resolves when somebody asks the process to end. */
export interface Shutdown {
  readonly requested: Promise<void>;
  request(): void;
  /** Stops listening to signals. */
  release(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** 128 + SIGINT, as shells say it. */
const INTERRUPTED = 130;

/** Listens to the signals that end a process. */
export function listenForShutdown(): Shutdown {
  const { promise: requested, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const request = () => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
    resolve();
  };
  for (const signal of SIGNALS) process.on(signal, request);
  return {
    requested,
    request,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, request);
    },
  };
}
