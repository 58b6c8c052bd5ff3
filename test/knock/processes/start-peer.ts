import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { NotifyCall } from "../../../src/engine/notify-call.ts";

export interface PeerOptions {
  url: string;
  work: boolean;
  /** File to which the id of each message is appended before it counts as sent. */
  sends?: string;
}

export type Order = { kind: "notify"; from: number; calls: NotifyCall[] } | { kind: "stop" };

export type Answer =
  | { kind: "ready" }
  | { kind: "log"; text: string }
  | { kind: "accepted"; id: number; notification: string }
  | { kind: "refused"; id: number; code: string; details: Record<string, unknown> };

type Outcome = Extract<Answer, { id: number }>;

/** A real process with an engine. */
export interface Peer {
  /** What it logged. */
  log: string[];
  /** Makes all calls at once and gives their outcomes, in order. */
  notify(calls: NotifyCall[]): Promise<Outcome[]>;
  /** Ends it without a word, as `kill -9` does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

/** Starts a process; resolves when it accepts calls. */
export async function startPeer(options: PeerOptions): Promise<Peer> {
  const script = fileURLToPath(new URL("peer.ts", import.meta.url));
  const child = fork(script, [JSON.stringify(options)], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  started.add(child);
  const exited = once(child, "exit").then(() => void started.delete(child));
  const log: string[] = [];
  const waiting = new Map<number, (outcome: Outcome) => void>();
  const ready = Promise.withResolvers<void>();
  child.stderr!.setEncoding("utf8").on("data", (text: string) => log.push(text));
  child.on("message", (answer: Answer) => {
    if (answer.kind === "log") log.push(answer.text);
    else if (answer.kind === "ready") ready.resolve();
    else waiting.get(answer.id)?.(answer);
  });
  void exited.then(() => ready.reject(new Error(`the process ended: ${log.join("\n")}`)));
  await ready.promise;
  let next = 0;
  return {
    log,
    notify(calls) {
      const from = next;
      next += calls.length;
      const outcomes = calls.map(
        (_call, index) => new Promise<Outcome>((resolve) => waiting.set(from + index, resolve)),
      );
      child.send({ kind: "notify", from, calls } satisfies Order);
      return Promise.all(outcomes);
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      if (child.connected) child.send({ kind: "stop" } satisfies Order);
      await exited;
    },
  };
}
