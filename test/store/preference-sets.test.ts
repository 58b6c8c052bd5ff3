import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import {
  changePreferenceSet,
  deletePreferenceSet,
  findPreferenceSet,
  loadPreferenceLayers,
  putPreferenceSet,
} from "../../src/store/preference-sets.ts";
import { emptyTables, testDatabase } from "../support/database.ts";

const now = new Date("2026-01-05T09:00:00Z");
const off = (workflow: string) => ({ workflows: { [workflow]: false } });

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

test("a set is put, changed and deleted", async () => {
  const key = { userId: "a", tenantId: "acme" };
  expect(await putPreferenceSet(database.db, key, off("one"), now)).toEqual(off("one"));
  await putPreferenceSet(database.db, key, off("two"), now);
  expect(await findPreferenceSet(database.db, key)).toEqual(off("two"));
  const changed = await changePreferenceSet(
    database.db,
    key,
    (stored) => ({ workflows: { ...stored?.workflows, three: true } }),
    now,
  );
  expect(changed).toEqual({ workflows: { two: false, three: true } });
  expect(await findPreferenceSet(database.db, { userId: "a" })).toBeNull();
  expect(await deletePreferenceSet(database.db, key)).toBe(true);
  expect(await deletePreferenceSet(database.db, key)).toBe(false);
  expect(await findPreferenceSet(database.db, key)).toBeNull();
});

test("changes that meet are all kept", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `w${index}`);
  await Promise.all(
    names.map((name) =>
      changePreferenceSet(
        database.db,
        { userId: "a" },
        (stored) => ({ workflows: { ...stored?.workflows, [name]: false } }),
        now,
      ),
    ),
  );
  expect(Object.keys((await findPreferenceSet(database.db, { userId: "a" }))!.workflows!).toSorted()).toEqual(
    names.toSorted(),
  );
});

test("a change that throws stores nothing", async () => {
  const refusing = changePreferenceSet(
    database.db,
    { userId: "a" },
    () => {
      throw new Error("too large");
    },
    now,
  );
  await expect(refusing).rejects.toThrow("too large");
  expect(await findPreferenceSet(database.db, { userId: "a" })).toBeNull();
});

describe("loadPreferenceLayers", () => {
  beforeEach(async () => {
    await putPreferenceSet(database.db, { userId: "a" }, off("own"), now);
    await putPreferenceSet(database.db, { userId: "a", tenantId: "acme" }, off("for-acme"), now);
    await putPreferenceSet(database.db, { userId: "b", tenantId: "acme" }, off("b-acme"), now);
    await putPreferenceSet(database.db, { userId: "b", tenantId: "other" }, off("b-other"), now);
    await putPreferenceSet(database.db, { tenantId: "acme" }, off("acme"), now);
    await putPreferenceSet(database.db, { tenantId: "other" }, off("other"), now);
  });

  test("with a tenant", async () => {
    const layers = await loadPreferenceLayers(database.db, ["a", "b", "c"], "acme");
    expect(layers.tenant).toEqual(off("acme"));
    expect([...layers.recipients]).toHaveLength(2);
    expect(layers.recipients.get("a")).toEqual({ recipient: off("own"), recipientTenant: off("for-acme") });
    expect(layers.recipients.get("b")).toEqual({ recipient: null, recipientTenant: off("b-acme") });
  });

  test("without a tenant", async () => {
    const layers = await loadPreferenceLayers(database.db, ["a", "b"], null);
    expect(layers.tenant).toBeNull();
    expect([...layers.recipients]).toEqual([["a", { recipient: off("own"), recipientTenant: null }]]);
  });

  test("for ids that cannot be", async () => {
    expect(await loadPreferenceLayers(database.db, ["\0"], "\0")).toEqual({ recipients: new Map(), tenant: null });
    expect(await loadPreferenceLayers(database.db, [], null)).toEqual({ recipients: new Map(), tenant: null });
  });
});

test.each([
  { userId: "" },
  { userId: "a\0" },
  { userId: "a", tenantId: "default" },
  { tenantId: "default" },
  { tenantId: "x".repeat(257) },
])("%j is refused", async (key) => {
  await expect(putPreferenceSet(database.db, key, {}, now)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(deletePreferenceSet(database.db, key)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  expect(await findPreferenceSet(database.db, key)).toBeNull();
});

test("a document with a text that cannot be stored is refused", async () => {
  const putting = putPreferenceSet(database.db, { userId: "a" }, { categories: { "a\0": false } }, now);
  await expect(putting).rejects.toMatchObject({
    code: "INVALID_INPUT",
    details: { issues: [{ path: ["document", "categories"] }] },
  });
});
