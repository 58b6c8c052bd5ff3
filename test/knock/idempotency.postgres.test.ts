import { beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { count } from "../support/inspect.ts";
import { totals } from "./processes/audience.ts";
import { startPeer } from "./processes/start-peer.ts";

let url: string;
let database: Database;
beforeAll(async () => {
  url = await testPostgresUrl();
  database = await testPool(url, 2);
});

test("of 100 calls with one key at once over two processes exactly one succeeds", { timeout: 60_000 }, async () => {
  const peers = await Promise.all([startPeer({ url, work: true }), startPeer({ url, work: true })]);
  for (let round = 0; round < 5; round++) {
    const call = { workflow: "announcement", recipients: ["ada"], idempotencyKey: `round ${round}` };
    const outcomes = (
      await Promise.all(peers.map((peer) => peer.notify(Array.from({ length: 50 }, () => call))))
    ).flat();
    const accepted = outcomes.filter((outcome) => outcome.kind === "accepted");
    const refused = outcomes.filter((outcome) => outcome.kind === "refused");
    expect([accepted.length, refused.length]).toEqual([1, 99]);
    for (const { code, details } of refused) {
      expect(code).toBe("DUPLICATE_NOTIFICATION");
      expect(details).toMatchObject({ notificationId: accepted[0]!.notification, sameInput: true });
    }
    expect(await count(database, "notifications")).toBe(round + 1);
  }
  await eventually(
    () => totals(database),
    ({ completed }) => completed === 5,
  );
  await Promise.all(peers.map((peer) => peer.stop()));
  expect(peers.flatMap(({ log }) => log)).toEqual([]);
});
