import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { anyKeyExists, findApiKeyByHash, insertApiKey, listApiKeys, revokeApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { claimKeys, findKeys, purgeKeys } from "../../src/store/idempotency.ts";
import { findTenants, upsertTenant } from "../../src/store/tenants.ts";
import { emptyTables, testDatabase } from "../support/database.ts";

const now = new Date("2026-01-05T09:00:00.123Z");
const later = new Date("2026-01-06T09:00:00Z");

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

describe("API keys", () => {
  const key = { id: newId(now), name: "ci", prefix: "sk_abc", hash: "h1", scopes: ["notify", "read"], createdAt: now };

  test("are found by hash until they are revoked", async () => {
    expect(await anyKeyExists(database.db)).toBe(false);
    await insertApiKey(database.db, key);
    await insertApiKey(database.db, { ...key, id: newId(later), hash: "h2", scopes: [] });
    expect(await anyKeyExists(database.db)).toBe(true);
    expect(await findApiKeyByHash(database.db, "h1")).toEqual({ ...key, kind: "secret", revokedAt: null });
    expect(await findApiKeyByHash(database.db, "h3")).toBeNull();
    expect(await revokeApiKey(database.db, key.id, later)).toBe(true);
    expect(await revokeApiKey(database.db, key.id, later)).toBe(false);
    expect(await findApiKeyByHash(database.db, "h1")).toBeNull();
    expect((await listApiKeys(database.db)).map(({ hash, revokedAt }) => [hash, revokedAt])).toEqual([
      ["h1", later],
      ["h2", null],
    ]);
  });

  test("that are malformed are no keys", async () => {
    expect(await revokeApiKey(database.db, "not an id", now)).toBe(false);
  });
});

describe("idempotency keys", () => {
  const claim = (key: string, at = now) => ({
    key,
    notificationId: newId(at),
    inputHash: `hash of ${key}`,
    requestId: `request of ${key}`,
  });

  test("belong to whoever claimed them first", async () => {
    const [a, b, again] = [claim("a"), claim("b"), claim("a")];
    expect(await claimKeys(database.db, [b, a, again], now)).toEqual(
      new Map([
        ["a", a.notificationId],
        ["b", b.notificationId],
      ]),
    );
    expect(await claimKeys(database.db, [claim("b"), claim("c")], later)).toHaveProperty("size", 1);
    expect(await findKeys(database.db, ["a", "x", "\0"])).toEqual(new Map([["a", { ...a, createdAt: now }]]));
    expect(await claimKeys(database.db, [], now)).toEqual(new Map());
  });

  test("of a transaction that is rolled back are free again", async () => {
    const failing = database.transaction(async (tx) => {
      await claimKeys(tx, [claim("a")], now);
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    expect(await findKeys(database.db, ["a"])).toEqual(new Map());
    expect((await claimKeys(database.db, [claim("a")], now)).size).toBe(1);
  });

  test("are purged oldest first, so many at a time", async () => {
    for (const [index, key] of ["a", "b", "c"].entries()) {
      await claimKeys(database.db, [claim(key)], new Date(now.getTime() + index));
    }
    const limit = new Date(now.getTime() + 2);
    expect(await purgeKeys(database.db, limit, 1)).toBe(1);
    expect([...(await findKeys(database.db, ["a", "b", "c"])).keys()].toSorted()).toEqual(["b", "c"]);
    expect(await purgeKeys(database.db, limit, 10)).toBe(1);
    expect([...(await findKeys(database.db, ["a", "b", "c"])).keys()]).toEqual(["c"]);
  });
});

describe("tenants", () => {
  test("are made and merged", async () => {
    await upsertTenant(database.db, { id: "acme", name: "Acme", properties: { a: { x: 1 } } }, now);
    const merged = await upsertTenant(database.db, { id: "acme", properties: { a: { y: 2 } } }, later);
    expect(merged).toEqual({
      id: "acme",
      name: "Acme",
      properties: { a: { x: 1, y: 2 } },
      settings: {},
      createdAt: now,
      updatedAt: later,
    });
    expect(await upsertTenant(database.db, { id: "acme", name: null }, later)).toMatchObject({ name: null });
    expect([...(await findTenants(database.db, ["acme", "\0", "other"])).keys()]).toEqual(["acme"]);
  });

  test.each(["", "default", "a\0", "x".repeat(257)])("are not called %j", async (id) => {
    await expect(upsertTenant(database.db, { id }, now)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { issues: [{ path: ["id"] }] },
    });
  });
});
