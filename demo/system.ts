// A server of its own for the demo: the real one, on a temporary database and a free port.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKnock, inApp, sent } from "knock";
import { type Client, createClient } from "knock/client";
import { capture } from "knock/testing";
import { type Logger, silentLogger } from "../src/base/logger.ts";
import type { Channel } from "../src/channels/channel.ts";
import { serve } from "../src/server/main.ts";
import { openDatabase } from "../src/store/database.ts";
import { preparedDirectory } from "../src/store/prepared-directory.ts";
import config from "../knock.config.ts";
import type * as workflows from "../workflows/index.ts";
import { skippingClock } from "./skipping-clock.ts";

/** A client for the workflows of this repository. */
export type DemoClient = Client<typeof workflows>;

/** A running server and the ways to it. */
export interface System {
  url: string;
  client: DemoClient;
  /** The server's time. */
  now(): Date;
  /** Lets the server's time pass. */
  skip(milliseconds: number): void;
  /** Subjects of the e-mails that were handed to the provider, each with its address. */
  handedOver(): string[];
  /** Failures that nobody expected, from the server's log. */
  problems(): string[];
  stop(): Promise<void>;
}

/** Starts a server. The config's channels, but e-mails end in memory: nothing leaves this machine. */
export async function startSystem(): Promise<System> {
  const clock = skippingClock();
  const directory = await mkdtemp(join(tmpdir(), "knock-demo-"));
  const database = await openDatabase({ directory }, { clock, loadFrom: await preparedDirectory() });
  const problems: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (message, { error } = {}) => void problems.push(`${message}: ${String(error)}`),
  };
  const mail = capture("email", { answer: () => sent() });
  const channels = new Map<string, Channel>([
    ["feed", { key: "feed", type: "inApp", provider: inApp(), sandbox: false }],
    ["mail", { key: "mail", type: "email", provider: mail, sandbox: false }],
  ]);
  const knock = await createKnock({ config, db: database, channels, clock, logger, migrate: true });
  await knock.start();
  const server = await serve({
    knock,
    host: "127.0.0.1",
    port: 0,
    dev: true,
    delivery: "Nothing leaves this machine: e-mails end in memory.",
    version: "demo",
    clock,
    logger,
  });
  return {
    url: server.url,
    client: createClient<typeof workflows>({ url: server.url }),
    now: clock.now,
    skip: clock.skip,
    handedOver: () => mail.messages.map(({ to, message }) => `${to.email}: ${message.subject}`),
    problems: () => problems,
    async stop() {
      await server.close();
      await knock.stop();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
