// People look on in two real processes while messages come, and one process is killed in the middle.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTokenKeys } from "../../src/engine/viewer/keys.ts";
import { signUserToken } from "../../src/engine/viewer/sign-user-token.ts";
import type { Database } from "../../src/store/database.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { count } from "../support/inspect.ts";
import { lookOn, type Onlooker, type Told } from "../support/onlookers.ts";
import { type FeedServer, startFeedServer } from "./processes/start-feed-server.ts";
import { type Peer, startPeer } from "./processes/start-peer.ts";

const PEOPLE = 300;
const ROUNDS = 5;

const keys = createTokenKeys();
let database: Database;
let servers: FeedServer[];
let worker: Peer;
beforeAll(async () => {
  const url = await testPostgresUrl();
  database = await testPool(url, 2);
  worker = await startPeer({ url, work: true });
  servers = await Promise.all([0, 1].map(() => startFeedServer({ url, publicKey: keys.publicKey })));
});
afterAll(async () => {
  await Promise.all([worker?.stop(), ...(servers ?? []).map((server) => server.kill())]);
});

interface Watched {
  onlooker: Onlooker;
  told: Told[];
}

/** Somebody at one of the servers, who goes to the other one whenever the connection breaks. */
async function watch(index: number): Promise<Watched> {
  const userId = `person_${index}`;
  const token = await signUserToken({ userId, privateKey: keys.privateKey });
  const told: Told[] = [];
  const onlooker = lookOn({
    userId,
    port: servers[index % 2]!.port,
    headers: { "x-knock-user-token": token },
    onTold: (what) => told.push(what),
    onEnd: (ended) => ended.moveTo(servers[1]!.port),
  });
  return { onlooker, told };
}

const arrivals = ({ told }: Watched) => told.flatMap(({ item }) => (item ? [item.body] : []));
const settled = (watched: readonly Watched[], count: number) =>
  eventually(
    async () => watched.filter((one) => arrivals(one).length < count).length,
    (behind) => behind === 0,
  );

test(
  "everybody is told exactly what is theirs, in order and once, although a server is killed",
  { timeout: 60_000 },
  async () => {
    const watched = await Promise.all(Array.from({ length: PEOPLE }, (_, index) => watch(index)));
    await eventually(
      async () => watched.filter(({ told }) => told.length === 0).length,
      (missing) => missing === 0,
    );
    const recipients = watched.map(({ onlooker }) => onlooker.userId);
    for (let round = 1; round <= ROUNDS; round++) {
      // Each hundred gets something else, so that whoever is told of another's is found out.
      const calls = [0, 1, 2].map((part) => ({
        workflow: "announcement",
        data: { title: `${round} for ${part}` },
        recipients: recipients.filter((_, index) => index % 3 === part),
      }));
      await worker.notify(calls);
      // In the middle of a round: some of it is told, some not.
      if (round === 3) {
        await eventually(
          async () => watched.filter((one) => arrivals(one).length === round).length,
          (done) => done > 0,
          { tries: 2_000, every: 5 },
        );
        await servers[0]!.kill();
      }
      await settled(watched, round);
    }
    const expected = (index: number) => Array.from({ length: ROUNDS }, (_, round) => `${round + 1} for ${index % 3}`);
    expect(watched.map(arrivals)).toEqual(watched.map((_, index) => expected(index)));
    for (const { told } of watched) {
      expect(new Set(told.flatMap(({ item }) => item?.id ?? [])).size).toBe(ROUNDS);
      expect(told.at(-1)!.counts).toEqual({ totalCount: ROUNDS, unreadCount: ROUNDS, unseenCount: ROUNDS });
      expect(told.map(({ reason }) => reason)).not.toContain("RESET");
    }
    const moved = watched.filter((_, index) => index % 2 === 0);
    expect(moved.every(({ told }) => told.filter(({ reason }) => reason === "READY").length === 2)).toBe(true);
    expect(await count(database, "messages")).toBe(PEOPLE * ROUNDS);
    watched.forEach(({ onlooker }) => onlooker.close());
    // Whoever goes away leaves nothing behind.
    await eventually(
      async () => (await servers[1]!.usage()).subscribers,
      (left) => left === 0,
    );
  },
);
