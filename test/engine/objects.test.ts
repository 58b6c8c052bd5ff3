// Objects as recipients: whom a call reaches through them, and what is told of it.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { explain } from "../../src/engine/explain/explain.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { findUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, refused } from "../support/engine.ts";
import { footprint, messagesOf, NOTHING, runsOf } from "../support/inspect.ts";

const data = z.object({});
const changed = workflow("changed", { data }).inApp("feed", {
  body: ({ recipient }) =>
    [recipient.id, recipient.collection, (recipient as { stage?: string }).stage, recipient.membership?.role]
      .map((part) => part ?? "-")
      .join(" "),
});
const follow = workflow("follow", { data }).inApp("feed", { body: "b" });
const chain = workflow("chain", { data }).notify("again", follow, { data: {} });
const chosen = workflow("chosen", { data }).notify("named", follow, { data: {}, recipients: ["#projects/7"] });
const rename = workflow("rename", { data }).updateUser("name", { properties: { stage: "closed" } });

const seven = { collection: "projects", id: "7" };
const team = { collection: "teams", id: "a b/c" };
const TEAM = "#teams/a%20b%2Fc";

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [changed, follow, chain, chosen, rename] });
});

const notify = (call: Partial<NotifyCall>) => driven.knock.engine.notify({ workflow: "changed", ...call });
const subscribe = async (object: { collection: string; id: string }, recipients: string[], properties = {}) => {
  const outcome = await driven.knock.objects.subscribe({ object, recipients, properties });
  if (!outcome.ok) throw outcome.error;
};
const reached = async () => (await runsOf(database)).map(({ recipient }) => recipient);
const told = async () => (await messagesOf(database)).map(({ content }) => content.body).toSorted();
async function send(call: Partial<NotifyCall>) {
  const { notification, warnings } = accepted(await notify(call));
  await driven.settle();
  return { id: notification.id, warnings };
}

describe("a call to an object", () => {
  test("reaches the object, its subscribers and those of the objects among them, each once", async () => {
    await driven.knock.objects.upsert({ ...seven, properties: { stage: "open" } });
    await subscribe(seven, ["ada", "bob", TEAM], { role: "owner" });
    await subscribe(team, ["bob", "cyd", "#units/deep"], { role: "mate" });
    await subscribe({ collection: "units", id: "deep" }, ["dan"]);
    const { warnings } = await send({ recipients: ["#projects/7", "ada"] });
    expect(await told()).toEqual([
      "#projects/7 projects open -",
      "#teams/a%20b%2Fc teams - owner",
      "#units/deep units - mate",
      "ada - - -",
      "bob - - owner",
      "cyd - - mate",
    ]);
    expect(await reached()).not.toContain("dan");
    expect(warnings.map(({ code }) => code)).toEqual(["UNKNOWN_RECIPIENT"]);
  });

  test("leaves out the subscriber who is the actor, unless the call names them", async () => {
    await subscribe(seven, ["ada", "bob"]);
    await driven.knock.users.upsertMany([{ id: "ada" }, { id: "bob" }]);
    await send({ recipients: ["#projects/7"], actor: "ada" });
    expect(await reached()).toEqual(["#projects/7", "bob"]);
    await send({ workflow: "follow", recipients: ["#projects/7", "ada"], actor: "ada" });
    expect((await reached()).filter((id) => id === "ada")).toHaveLength(1);
  });

  test("may create the object, and may have one as its actor", async () => {
    await send({ recipients: [{ ...seven, name: "Apollo", properties: { stage: "new" } }], actor: { ...team } });
    expect(await told()).toEqual(["#projects/7 projects new -"]);
    const known = await findUsers(database.db, ["#projects/7", TEAM]);
    expect([...known.values()].map(({ collection }) => collection)).toEqual(["projects", "teams"]);
  });

  test("to one that is unknown is a run for it, and a warning", async () => {
    const { warnings } = await send({ recipients: ["#projects/nowhere"] });
    expect(await reached()).toEqual(["#projects/nowhere"]);
    expect(warnings).toEqual([
      expect.objectContaining({
        code: "UNKNOWN_RECIPIENT",
        message: 'There is no object "nowhere" in "projects"; steps that need an address are skipped.',
      }),
    ]);
  });

  test.each(["#", "#projects", "#projects/", "#projects/7/8", "#projects/a b", "#projects/%zz"])(
    "whose id is %j is refused, and stores nothing",
    async (id) => {
      refused(await notify({ recipients: [id] }), "INVALID_INPUT");
      refused(await notify({ recipients: ["ada"], actor: id }), "INVALID_INPUT");
      expect(await footprint(database)).toEqual(NOTHING);
    },
  );

  test("inline as a person whose id begins as those of objects do is refused", async () => {
    const { details } = refused(await notify({ recipients: [{ id: "#projects/7" }] }), "INVALID_INPUT");
    expect(details.issues).toMatchObject([
      { path: ["recipients", 0, "id"], message: expect.stringContaining("reserved") },
    ]);
    for (const object of [
      { collection: "", id: "7" },
      { collection: "c", id: "" },
      { collection: "c", id: "x".repeat(260) },
    ])
      refused(await notify({ recipients: [object] }), "INVALID_INPUT");
  });

  test("goes through all of many subscribers, in chunks", async () => {
    await subscribe(
      seven,
      Array.from({ length: 2_500 }, (_, index) => `u${index}`),
    );
    await send({ recipients: ["#projects/7"] });
    expect(await reached()).toHaveLength(2_501);
  });
});

describe("what other workflows start", () => {
  test("for the recipient at hand is for the object alone, as its subscribers start their own", async () => {
    await subscribe(seven, ["ada", "bob"]);
    await send({ workflow: "chain", recipients: ["#projects/7"] });
    expect(await reached()).toEqual(["#projects/7", "#projects/7", "ada", "ada", "bob", "bob"]);
  });

  test("for an object that the step names reaches its subscribers", async () => {
    await subscribe(seven, ["ada"]);
    await send({ workflow: "chosen", recipients: ["eve"] });
    expect(await reached()).toEqual(["#projects/7", "ada", "eve"]);
  });

  test("and a step that changes the recipient changes the object", async () => {
    await send({ workflow: "rename", recipients: ["#projects/7"] });
    expect(await driven.knock.objects.find(seven)).toMatchObject({ ...seven, properties: { stage: "closed" } });
    expect((await driven.knock.objects.list("projects")).nodes).toHaveLength(1);
  });
});

test("a schedule of an object is for the object alone", async () => {
  await subscribe(seven, ["ada"]);
  const outcome = await driven.knock.schedules.create(changed, {
    recipients: ["#projects/7"],
    data: {},
    at: new Date("2026-01-05T10:00:00Z"),
  });
  expect(outcome).toMatchObject({ ok: true, schedules: [{ recipientId: "#projects/7" }] });
  await driven.advance("2h");
  expect(await reached()).toEqual(["#projects/7"]);
});

describe("what is told", () => {
  test("of a subscriber, of the object and of who is none", async () => {
    await subscribe(seven, ["ada", "eve"], { role: "owner" });
    await driven.knock.users.upsertMany([{ id: "ada" }, { id: "eve" }, { id: "bob" }]);
    const { id } = await send({ recipients: ["#projects/7", "zoe"], actor: "eve" });
    const reach = async (userId: string) => {
      const outcome = await explain(driven.knock.engine.context, { userId, notificationId: id });
      if (!outcome.ok) throw outcome.error;
      return outcome.explanations[0]!.reach;
    };
    expect(await reach("ada")).toMatchObject({
      recipient: true,
      code: "LIST",
      reason: 'they were in the subscribers of "projects/7" since 2026-01-05 09:00:00 UTC',
      list: "#projects/7",
      membership: { role: "owner" },
    });
    expect(await reach("#projects/7")).toMatchObject({ recipient: true, code: "NAMED" });
    expect(await reach("eve")).toMatchObject({
      code: "ACTOR",
      reason: 'they are the actor, who is left out of lists, although they were in the subscribers of "projects/7"',
    });
    expect(await reach("bob")).toMatchObject({
      code: "NOT_ADDRESSED",
      reason:
        'the call names 1 person and the object "projects/7", and they are not named and they were not subscribed',
    });
    expect((await reach("#projects/9")).reason).toContain('no object "projects/9" is known');
  });

  test("of a simulated call is what happens", async () => {
    await subscribe(seven, ["ada", TEAM]);
    await subscribe(team, ["cyd"]);
    const outcome = await driven.knock.simulate(changed, { recipients: ["#projects/7"], data: {} });
    if (!outcome.ok) throw outcome.error;
    expect(outcome.simulation).toMatchObject({ total: 4, simulated: 4 });
    const simulated = outcome.simulation.courses.map(({ recipientId }) => recipientId).toSorted();
    await send({ recipients: ["#projects/7"] });
    expect(simulated).toEqual(await reached());
    const nested = await driven.knock.simulate(chosen, { recipients: ["eve"], data: {} });
    expect(nested.ok && nested.simulation.courses.map(({ recipientId }) => recipientId).toSorted()).toEqual(
      ["#projects/7", TEAM, "ada", "cyd", "eve"].toSorted(),
    );
  });
});
