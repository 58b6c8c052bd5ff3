// The demo's own server: a real one, on a database in memory, where two people and their friends do things.
import { createKnock, defineConfig, inApp, sent, signUserToken } from "knock";
import { capture } from "knock/testing";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import type { Channel } from "../../src/channels/channel.ts";
import { createTokenKeys } from "../../src/engine/viewer/keys.ts";
import { serve } from "../../src/server/main.ts";
import { openDatabase } from "../../src/store/database.ts";
import { preparedDirectory } from "../../src/store/prepared-directory.ts";
import * as workflows from "./workflows.ts";

/** Who is in the demo; the first two have an inbox. */
export const people = [
  { id: "ada", name: "Ada Lovelace", email: "ada@example.com" },
  { id: "ben", name: "Ben Okafor", email: "ben@example.com" },
  { id: "chloe", name: "Chloé Martin", email: "chloe@example.com" },
  { id: "dev", name: "Dev Patel", email: "dev@example.com" },
];

/** What a person can do to another one. */
export type Deed = "comment" | "like" | "sign-in" | "many";

/** The running demo, without its page. */
export interface InboxSystem {
  url: string;
  tokenOf(userId: string): Promise<string>;
  act(deed: Deed, to: string): Promise<void>;
  stop(): Promise<void>;
}

const COMMENTS = [
  "Can we ship this on Thursday?",
  "I left a few notes in the second section.\nThe rest looks great!",
  "Nice work 🎉",
  "Who owns the migration? I would like to pair on it before the freeze.",
];
const PAGES = ["Roadmap", "Pricing page", "Q3 plan"];
const MANY = 30;

function actions({ notify }: Awaited<ReturnType<typeof createKnock>>) {
  let done = 0;
  const next = <Value>(values: readonly Value[]): Value => values[done % values.length]!;
  const friendOf = (id: string) => next(people.filter((person) => person.id !== id)).id;
  const comment = (to: string) => {
    done++;
    const data = { text: next(COMMENTS), page: next(PAGES) };
    return notify(workflows.commented, { recipients: [to], actor: to === "ada" ? "ben" : "ada", data });
  };
  return {
    comment,
    like(to: string) {
      done++;
      return notify(workflows.liked, { recipients: [to], actor: friendOf(to), data: { page: "Roadmap" } });
    },
    "sign-in": (to: string) => notify(workflows.signedIn, { recipients: [to], data: { place: "Lisbon" } }),
    async many(to: string) {
      for (let made = 0; made < MANY; made++) await comment(to);
    },
  } satisfies Record<Deed, (to: string) => Promise<unknown>>;
}

/** Starts it; nothing leaves this machine. */
export async function startInboxSystem(): Promise<InboxSystem> {
  const database = await openDatabase({ memory: true }, { loadFrom: await preparedDirectory() });
  const keys = createTokenKeys();
  const channels = new Map<string, Channel>([
    ["feed", { key: "feed", type: "inApp", provider: inApp(), sandbox: false }],
    ["mail", { key: "mail", type: "email", provider: capture("email", { answer: () => sent() }), sandbox: false }],
  ]);
  const config = defineConfig({ workflows, channels: {}, endUsers: { publicKeys: [keys.publicKey] } });
  const common = { clock: systemClock, logger: silentLogger };
  const knock = await createKnock({ config, db: database, channels, migrate: true, ...common });
  await knock.start();
  await knock.users.upsertMany(people);
  const delivery = "Nothing leaves this machine.";
  const server = await serve({ knock, host: "127.0.0.1", port: 0, dev: true, delivery, version: "demo", ...common });
  const acting = actions(knock);
  return {
    url: server.url,
    tokenOf: (userId) => signUserToken({ userId, privateKey: keys.privateKey }),
    async act(deed, to) {
      await acting[deed](to);
    },
    async stop() {
      await server.close();
      await knock.stop();
      await database.close();
    },
  };
}
