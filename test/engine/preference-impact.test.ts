import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { preferenceImpact, type ImpactQuestion } from "../../src/engine/directory/preference-impact.ts";
import { userPreferences } from "../../src/engine/directory/preferences.ts";
import type { Database } from "../../src/store/database.ts";
import { putPreferenceSet } from "../../src/store/preference-sets.ts";
import { upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, type Driven } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";

const handles = [
  workflow("offer", { data: z.object({}), category: "marketing" })
    .inApp("feed", { body: "x" })
    .email("mail", { subject: "s", body: "b" })
    .email("again", { subject: "s", body: "b" }),
  workflow("receipt", { data: z.object({}), category: "marketing", required: true }).email("mail", {
    subject: "s",
    body: "b",
  }),
  workflow("comment", { data: z.object({}) }).email("mail", { subject: "s", body: "b" }),
];

const NO_MAIL = { categories: { marketing: { channelTypes: { email: false } } } };
const now = new Date("2026-01-05T09:00:00Z");

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles });
  const ids = ["ada", "bob", "eve", "lin", "max"];
  await upsertUsers(
    database.db,
    ids.map((id) => ({ id })),
    now,
  );
});

const prefer = (of: Parameters<typeof putPreferenceSet>[1], set: PreferenceSet) =>
  putPreferenceSet(database.db, of, set, now);

async function impactOf(question: ImpactQuestion, environment: PreferenceSet | null = null) {
  const context = { ...driven.knock.engine.context, preferences: environment };
  const outcome = await preferenceImpact(context, question);
  if (!outcome.ok) throw outcome.error;
  return outcome.impact;
}

test("those who have said nothing stop, those who have keep their own word, and required workflows go on", async () => {
  await prefer({ userId: "bob" }, { categories: { marketing: { channelTypes: { email: true } } } });
  await prefer({ userId: "eve" }, { channelTypes: { email: false } });
  const impact = await impactOf({ preferences: NO_MAIL });
  expect(impact).toMatchObject({ users: 5, stopping: 3, starting: 0, workflows: 1 });
  expect(impact.channels).toEqual([
    {
      workflow: "offer",
      channel: "email",
      channelType: "email",
      stop: { users: 3, examples: ["ada", "lin", "max"] },
      start: { users: 0, examples: [] },
      depends: { users: 0, examples: [] },
    },
  ]);
});

test("what was off by default starts, and replacing the default is not laying over it", async () => {
  const environment = { ...NO_MAIL, channelTypes: { inApp: false } };
  expect(await impactOf({ preferences: { channelTypes: { inApp: true } } }, environment)).toMatchObject({
    starting: 5,
    stopping: 0,
    channels: [{ workflow: "offer", channelType: "inApp" }],
  });
  const replaced = await impactOf({ preferences: {}, mode: "REPLACE" }, environment);
  expect(replaced.channels.map(({ workflow: key, channelType }) => [key, channelType])).toEqual([
    ["offer", "inApp"],
    ["offer", "email"],
  ]);
  expect(await impactOf({ preferences: {} }, environment)).toMatchObject({ users: 5, channels: [], workflows: 0 });
});

test("conditions decide for themselves, but for those for whom they cannot matter", async () => {
  const pro = { conditions: [{ op: "eq", ref: "recipient.plan", to: { value: "pro" } }] };
  await prefer({ userId: "bob" }, { categories: { marketing: false } });
  await prefer({ userId: "eve" }, { categories: { conditions: false, marketing: { channelTypes: { email: true } } } });
  const preferences = { categories: { marketing: { channelTypes: { email: pro } } } };
  const impact = await impactOf({ preferences });
  expect(impact).toMatchObject({ stopping: 0, starting: 0, workflows: 0 });
  expect(impact.channels).toMatchObject([
    { workflow: "offer", depends: { users: 3, examples: ["ada", "lin", "max"] } },
  ]);
  // The same conditions again change nothing.
  expect((await impactOf({ preferences }, preferences as PreferenceSet)).channels).toEqual([]);
});

test("for a tenant its default and the sets of people for it count", async () => {
  await prefer({ tenantId: "acme" }, { categories: { marketing: { channelTypes: { email: true } } } });
  await prefer({ userId: "bob", tenantId: "acme" }, { workflows: { comment: false } });
  expect((await impactOf({ preferences: NO_MAIL, tenantId: "acme" })).channels).toEqual([]);
  const impact = await impactOf({ preferences: { workflows: { comment: false } }, tenantId: "acme" });
  expect(impact.channels).toMatchObject([{ workflow: "comment", stop: { users: 4 } }]);
});

test("names that mean nothing here are told", async () => {
  const impact = await impactOf({
    preferences: { workflows: { ofer: false }, categories: { x: false, marketing: false } },
  });
  expect(impact.warnings).toEqual(['There is no workflow "ofer"; did you mean "offer"?', 'There is no category "x"']);
});

test("a set that is none is refused with the path of each problem", async () => {
  for (const preferences of [null, "off", { category: {} }, { categories: { marketing: "off" } }]) {
    const outcome = await preferenceImpact(driven.knock.engine.context, { preferences });
    expect(outcome.ok ? null : outcome.error.code).toBe("INVALID_INPUT");
  }
});

test("pages of people add up, and each person counts as the decision says", async () => {
  const ids = Array.from({ length: 45_000 }, (_, index) => `p${index}`);
  for (let from = 0; from < ids.length; from += 5_000)
    await upsertUsers(
      database.db,
      ids.slice(from, from + 5_000).map((id) => ({ id })),
      now,
    );
  const said = ids.filter((_id, index) => index % 9_000 === 0);
  for (const userId of said) await prefer({ userId }, { categories: { marketing: true } });
  const impact = await impactOf({ preferences: NO_MAIL });
  expect(impact).toMatchObject({ users: 45_005, stopping: 45_005 - said.length });
  const context = { ...driven.knock.engine.context, preferences: NO_MAIL };
  const [first] = impact.channels[0]!.stop.examples;
  expect((await userPreferences(context, first!, null)).preferences).toEqual(NO_MAIL);
});

test.each<[string, object, string]>([
  ["no text", { tenantId: 7 }, "tenantId"],
  ["text that cannot be stored", { tenantId: "a\0b" }, "tenantId"],
  ["too long", { tenantId: "a".repeat(10_000) }, "tenantId"],
  ["a mode that there is not", { mode: "LAY_OVER" }, "mode"],
])("a question is refused with the path of the problem: %s", async (_name, asked, path) => {
  const outcome = await preferenceImpact(driven.knock.engine.context, { preferences: {}, ...asked });
  expect(outcome).toMatchObject({
    ok: false,
    error: { code: "INVALID_INPUT", details: { issues: [{ path: [path] }] } },
  });
});

test("other work has its turn while thousands of sets are decided", async () => {
  await ask(
    database,
    sql`with people as (
      insert into knock.users (id, created_at, updated_at) select 'u' || n, now(), now() from generate_series(1, 2000) as n returning id
    )
    insert into knock.preference_sets (owner, owner_id, set_id, document, updated_at)
    select 'user', id, 'default', jsonb_build_object('workflows', jsonb_build_object(id, false)), now() from people`,
  );
  let turns = 0;
  let over = false;
  const count = () => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  const asked = impactOf({ preferences: NO_MAIL });
  count();
  expect(await asked).toMatchObject({ users: 2_005, stopping: 2_005 });
  over = true;
  expect(turns).toBeGreaterThan(50);
});
