// Messages may outlive the notification that made them.
import { expect, test } from "vitest";
import { durationMs } from "../../src/base/duration.ts";
import { purge } from "../../src/engine/retention.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, drive } from "../support/engine.ts";
import { apiOf } from "../support/graphql.ts";
import { ping } from "./fixtures/workflows.ts";

test("a message whose notification is deleted is still there, and says that it has none", async () => {
  const retention = { runs: "1d", messages: "30d" } as const;
  const driven = await drive({ database: await testDatabase(), handles: [ping], retention });
  const { engine } = driven.knock;
  const { notification } = accepted(await engine.notify({ workflow: "ping", recipients: ["ada"], data: {} }));
  await driven.settle();
  const read = async () => {
    const { messages } = (await apiOf(engine).ask(
      '{ messages(first: 5, recipient: "ada") { edges { node { recipientId notification { id } } } } }',
      {},
    )) as { messages: { edges: { node: object }[] } };
    return messages.edges.map(({ node }) => node);
  };
  expect(await read()).toEqual([{ recipientId: "ada", notification: { id: notification.id } }]);
  await driven.clock.advance(durationMs("2d"));
  await purge(engine.internals);
  expect(await read()).toEqual([{ recipientId: "ada", notification: null }]);
});
