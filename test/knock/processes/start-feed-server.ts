import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface ServerOptions {
  url: string;
  /** Of the key that signs user tokens. */
  publicKey: string;
  /** Whether it executes runs as well. Default: no. */
  work?: boolean;
}

/** What a server uses: bytes, and milliseconds of processor time. */
export interface ServerUsage {
  rss: number;
  heap: number;
  cpu: number;
  subscribers: number;
}

export type ServerSays = { kind: "ready"; port: number } | ({ kind: "usage" } & ServerUsage);

/** A server in a process of its own. */
export interface FeedServer {
  port: number;
  usage(): Promise<ServerUsage>;
  /** Ends it without a word, as `kill -9` does. */
  kill(): Promise<void>;
  /** Closes it gracefully. */
  close(): Promise<void>;
}

/** Starts a server; resolves when it answers. */
export async function startFeedServer(options: ServerOptions): Promise<FeedServer> {
  const script = fileURLToPath(new URL("feed-server.ts", import.meta.url));
  const child = fork(script, [JSON.stringify(options)], { execArgv: ["--expose-gc"] });
  const exited = once(child, "exit");
  const heard = async () => (await once(child, "message"))[0] as ServerSays;
  const ready = await Promise.race([heard(), exited.then(() => Promise.reject(new Error("the server ended")))]);
  if (ready.kind !== "ready") throw new Error(`the server said ${ready.kind} first`);
  return {
    port: ready.port,
    async usage() {
      child.send("usage");
      return (await heard()) as Extract<ServerSays, { kind: "usage" }>;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async close() {
      child.send("close");
      await exited;
    },
  };
}
