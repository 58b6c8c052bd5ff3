// Ending a process that serves: what is at hand is finished, the rest handed back. Asked a second time,
// it ends at once.
import type { Clock } from "../base/clock.ts";

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

/** One Ctrl-C may arrive twice: from the terminal, and handed on by npm. */
const SAME_REQUEST_MS = 1_000;

/** Listens to the signals that end a process. */
export function listenForShutdown(clock: Clock): Shutdown {
  const { promise: requested, resolve } = Promise.withResolvers<void>();
  let askedAt: number | null = null;
  const request = () => {
    const now = clock.now().getTime();
    if (askedAt !== null && now - askedAt > SAME_REQUEST_MS) process.exit(INTERRUPTED);
    askedAt ??= now;
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
