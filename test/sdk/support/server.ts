// A real server with a real database, for the SDKs that teams have.
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { afterAll } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { newId } from "../../../src/base/ids.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Channel } from "../../../src/channels/channel.ts";
import { capture } from "../../../src/channels/providers/capture.ts";
import { inApp } from "../../../src/channels/providers/in-app.ts";
import type { WorkflowHandle } from "../../../src/definition/workflow.ts";
import { createKnock, type Knock } from "../../../src/knock.ts";
import type { Config } from "../../../src/registry/config.ts";
import { serve } from "../../../src/server/main.ts";
import { insertApiKey } from "../../../src/store/api-keys.ts";
import type { Database } from "../../../src/store/database.ts";
import { signUserToken } from "../../../src/engine/viewer/sign-user-token.ts";
import { testDatabase } from "../../support/database.ts";
import { moduleOf } from "../../support/engine.ts";
import * as ownWorkflows from "./workflows.ts";

/** The UUID by which the clients know the channel `feed`. */
export const FEED_ID = "6f1a3c1e-1f6d-4d0b-9a54-0a3b1c2d3e4f";

/** A running server with keys. */
export interface SdkServer {
  /** `http://127.0.0.1:…`, for `host` and `baseURL`. */
  url: string;
  port: number;
  /** May do everything but deploy. */
  secretKey: string;
  publicKey: string;
  /** Private half of the key that signs user tokens, as PEM. */
  signingKey: string;
  knock: Knock;
  database: Database;
  /** What went out by mail, text message, push, chat and webhook: `sent.email.messages`. */
  sent: {
    email: ReturnType<typeof capture<"email">>;
    sms: ReturnType<typeof capture<"sms">>;
    push: ReturnType<typeof capture<"push">>;
    chat: ReturnType<typeof capture<"chat">>;
  };
  /** A key of these scopes. */
  keyWith(...scopes: string[]): Promise<string>;
  /** A user token, valid for an hour. */
  tokenOf(userId: string, tenants?: readonly string[]): Promise<string>;
  /** Ends this server; the database stays. */
  stop(): Promise<void>;
  /** Ends this server and begins another on the same port, on the same database. */
  restart(): Promise<void>;
}

async function makeKey(database: Database, kind: "secret" | "public", scopes: string[]): Promise<string> {
  const secret = `${kind === "secret" ? "sk" : "pk"}_${randomBytes(24).toString("base64url")}`;
  const createdAt = systemClock.now();
  await insertApiKey(database.db, {
    id: newId(createdAt),
    name: "test",
    prefix: secret.slice(0, 9),
    hash: createHash("sha256").update(secret).digest("hex"),
    scopes,
    kind,
    createdAt,
  });
  return secret;
}

interface ServerOptions {
  /** Beside the workflows of `workflows.ts`. */
  handles?: readonly WorkflowHandle[];
  config?: Partial<Config>;
  /** Default: a fresh one. */
  database?: Database;
}

function channelsOf() {
  const sent = { email: capture("email"), sms: capture("sms"), push: capture("push"), chat: capture("chat") };
  const channel = (key: string, provider: Channel["provider"]): [string, Channel] => [
    key,
    { key, type: provider.channel, provider, sandbox: false },
  ];
  const channels = new Map<string, Channel>([
    channel("feed", inApp({}) as unknown as Channel["provider"]),
    channel("mail", sent.email as unknown as Channel["provider"]),
    channel("text", sent.sms as unknown as Channel["provider"]),
    channel("phone", sent.push as unknown as Channel["provider"]),
    channel("slack", sent.chat as unknown as Channel["provider"]),
  ]);
  return { channels, sent };
}

/** Starts a server; it ends with the file. */
export async function startSdkServer({
  handles = [],
  config = {},
  database: given,
}: ServerOptions = {}): Promise<SdkServer> {
  const database = given ?? (await testDatabase());
  const { publicKey: publicHalf, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const { channels, sent } = channelsOf();
  const settings: Config = {
    workflows: moduleOf([...Object.values(ownWorkflows), ...handles]),
    channels: {},
    channelIds: { [FEED_ID]: "feed" },
    endUsers: { publicKeys: [publicHalf] },
    ...config,
  };
  const common = { clock: systemClock, logger: silentLogger };

  async function begin(port: number) {
    const knock = await createKnock({ config: settings, db: database, channels, ...common });
    await knock.start();
    const server = await serve({ knock, host: "127.0.0.1", port, dev: false, delivery: "", version: "0", ...common });
    const stop = async () => {
      await server.close();
      await knock.stop();
    };
    return { knock, server, stop };
  }

  const secretKey = await makeKey(database, "secret", ["admin"]);
  const publicKey = await makeKey(database, "public", []);
  let running: Awaited<ReturnType<typeof begin>> | null = await begin(0);
  const { url, port } = running.server;
  async function stop(): Promise<void> {
    const ending = running;
    running = null;
    await ending?.stop();
  }
  afterAll(stop);
  return {
    url,
    port,
    secretKey,
    publicKey,
    signingKey: privateKey,
    get knock() {
      if (!running) throw new Error("the server was stopped");
      return running.knock;
    },
    database,
    sent,
    keyWith: (...scopes) => makeKey(database, "secret", scopes),
    tokenOf: (userId, tenants) => signUserToken({ userId, privateKey, ...(tenants && { tenants }) }),
    stop,
    async restart() {
      await stop();
      running = await begin(port);
    },
  };
}
