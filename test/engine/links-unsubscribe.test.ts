import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { UnsubscribeLink } from "../../src/engine/links/token.ts";
import { subscribe, subscriptionOf } from "../../src/engine/links/unsubscribe.ts";
import type { Database } from "../../src/store/database.ts";
import { findPreferenceSet, type PreferenceSetKey } from "../../src/store/preference-sets.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven } from "../support/engine.ts";
import { count } from "../support/inspect.ts";

const data = z.object({});
const steps = (key: string, settings: { commercial?: boolean; required?: boolean } = {}) =>
  workflow(key, { name: `The ${key}`, category: "News", data, ...settings })
    .email("mail", { subject: "s", body: "b" })
    .sms("text", { body: "b" });
const handles = [steps("digest"), steps("offers", { commercial: true }), steps("reset", { required: true })];

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const ada = { id: "ada", email: "ada@example.com", phoneNumber: "+41790000000" };
const link = (part: Partial<UnsubscribeLink> = {}): UnsubscribeLink => ({
  userId: "ada",
  tenantId: null,
  workflow: "digest",
  channelType: "email",
  commercial: false,
  ...part,
});

async function system(environment?: PreferenceSet): Promise<Driven> {
  const driven = await drive({ database, handles, ...(environment && { preferences: environment }) });
  await driven.knock.users.upsert(ada);
  return driven;
}

const context = ({ knock }: Driven) => knock.engine.context;
const stored = (key: PreferenceSetKey = { userId: "ada" }) => findPreferenceSet(database.db, key);

/** The channel types on which a notification arrives, whose recipient may be in a tenant. */
async function arriving(driven: Driven, key: string, tenant?: string): Promise<string[]> {
  const types = ["email", "sms"] as const;
  const before = types.map((type) => captured(driven, type).messages.length);
  accepted(await driven.knock.engine.notify({ workflow: key, recipients: ["ada"], ...(tenant && { tenant }) }));
  await driven.settle();
  return types.filter((type, index) => captured(driven, type).messages.length > before[index]!);
}

test("one click ends the mails of this workflow and nothing else, as often as it is made; undo lets them come again", async () => {
  const driven = await system();
  expect(await arriving(driven, "digest")).toEqual(["email", "sms"]);
  const done = { name: "The digest", commercial: false, subscribed: false, changeable: true };
  expect(await subscribe(context(driven), link(), false)).toEqual(done);
  expect(await subscribe(context(driven), link(), false)).toEqual(done);
  expect(await stored()).toEqual({ workflows: { digest: { channelTypes: { email: false } } } });
  expect(await arriving(driven, "digest")).toEqual(["sms"]);
  expect(await arriving(driven, "offers")).toEqual(["email", "sms"]);
  expect(await subscribe(context(driven), link(), true)).toMatchObject({ subscribed: true });
  expect(await arriving(driven, "digest")).toEqual(["email", "sms"]);
});

test("of a commercial workflow it ends everything commercial, in the person's own set, in every tenant", async () => {
  const driven = await system();
  await driven.knock.preferences.set({ of: { tenantId: "acme" }, preferences: { workflows: { digest: true } } });
  const click = link({ workflow: "offers", tenantId: "acme", commercial: true });
  expect(await subscribe(context(driven), click, false)).toMatchObject({ commercial: true, subscribed: false });
  expect(await stored()).toEqual({ commercialSubscribed: false });
  expect(await arriving(driven, "offers", "acme")).toEqual([]);
  expect(await arriving(driven, "offers")).toEqual([]);
  expect(await arriving(driven, "digest", "acme")).toEqual(["email", "sms"]);
});

describe("the set that counts for the message", () => {
  test("the person's own, where no set of the tenant counts: it would switch the other one off", async () => {
    const driven = await system();
    const own: PreferenceSet = { workflows: { offers: { channelTypes: { sms: false } } } };
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: own });
    await subscribe(context(driven), link({ tenantId: "acme" }), false);
    expect(await stored({ userId: "ada", tenantId: "acme" })).toBeNull();
    expect(await stored()).toEqual({ workflows: { ...own.workflows, digest: { channelTypes: { email: false } } } });
    expect(await arriving(driven, "digest", "acme")).toEqual(["sms"]);
    expect(await arriving(driven, "offers", "acme")).toEqual(["email"]);
  });

  test.each<[string, PreferenceSetKey]>([
    ["the tenant has a default", { tenantId: "acme" }],
    ["the person has one for the tenant", { userId: "ada", tenantId: "acme" }],
  ])("the person's for the tenant, where %s", async (_name, of) => {
    const driven = await system();
    await driven.knock.preferences.set({ of, preferences: { categories: { News: { channelTypes: { push: true } } } } });
    await subscribe(context(driven), link({ tenantId: "acme" }), false);
    expect(await stored({ userId: "ada", tenantId: "acme" })).toMatchObject({
      workflows: { digest: { channelTypes: { email: false } } },
    });
    expect(await stored()).toBeNull();
    expect(await arriving(driven, "digest", "acme")).toEqual(["sms"]);
    expect(await arriving(driven, "digest")).toEqual(["email", "sms"]);
  });
});

describe("what else the sets say stays as it is", () => {
  test("a workflow that is off altogether stays off, and undoing brings its mails alone", async () => {
    const driven = await system();
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: { workflows: { digest: false } } });
    await subscribe(context(driven), link(), false);
    expect(await stored()).toEqual({ workflows: { digest: false } });
    await subscribe(context(driven), link(), true);
    expect(await arriving(driven, "digest")).toEqual(["email"]);
  });

  test("a workflow that the person switched on above a default which is not", async () => {
    const driven = await system({ workflows: { digest: { channelTypes: { sms: false } } } });
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: { workflows: { digest: true } } });
    await subscribe(context(driven), link(), false);
    expect(await arriving(driven, "digest")).toEqual(["sms"]);
  });

  test("an entry for the channel itself, which counts before its type, is turned with it", async () => {
    const driven = await system();
    const own: PreferenceSet = { workflows: { digest: { channels: { email: true } } } };
    await driven.knock.preferences.set({ of: { userId: "ada" }, preferences: own });
    expect(await subscriptionOf(context(driven), link())).toMatchObject({ subscribed: true, changeable: true });
    await subscribe(context(driven), link(), false);
    expect(await arriving(driven, "digest")).toEqual(["sms"]);
  });
});

describe("nothing is written", () => {
  test("of a required workflow", async () => {
    const driven = await system();
    const answer = await subscribe(context(driven), link({ workflow: "reset" }), false);
    expect(answer).toEqual({ name: "The reset", commercial: false, subscribed: true, changeable: false });
    expect(await stored()).toBeNull();
  });

  test("where the project has decided for everybody", async () => {
    const driven = await system({ workflows: { digest: { __strategy__: "replace", channelTypes: { email: true } } } });
    const answer = await subscribe(context(driven), link(), false);
    expect(answer).toMatchObject({ subscribed: true, changeable: false });
    expect(await stored()).toBeNull();
  });

  test("about somebody who is gone, and the answer is the same", async () => {
    const driven = await system();
    const there = await subscribe(context(driven), link(), false);
    await driven.knock.users.delete("ada");
    expect(await subscribe(context(driven), link(), false)).toEqual(there);
    expect(await count(database, "preference_sets")).toBe(0);
  });

  test("by asking where a link stands", async () => {
    const driven = await system();
    await subscriptionOf(context(driven), link());
    expect(await stored()).toBeNull();
  });
});

test("of a workflow that is gone: as it was when the mail was made", async () => {
  const driven = await system();
  expect(await subscribe(context(driven), link({ workflow: "gone" }), false)).toMatchObject({ name: "gone" });
  await subscribe(context(driven), link({ workflow: "gone-too", commercial: true }), false);
  expect(await stored()).toEqual({
    workflows: { gone: { channelTypes: { email: false } } },
    commercialSubscribed: false,
  });
});

test("a workflow that became commercial since the mail was made: as it is now, so that the click has an effect", async () => {
  const driven = await system();
  await subscribe(context(driven), link({ workflow: "offers", commercial: false }), false);
  expect(await arriving(driven, "offers")).toEqual([]);
});
