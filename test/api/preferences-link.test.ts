import { createHash } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { readPreferencesLink } from "../../src/engine/links/token.ts";
import { newId } from "../../src/base/ids.ts";
import { insertApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, START } from "../support/engine.ts";
import { apiOf } from "../support/graphql.ts";

const secrets = ["a secret of thirty-two characters or more"];
const query = 'query ($tenant: ID) { preferencesLink(userId: "ada", tenant: $tenant) }';

/** What a server with a key of this scope shows. */
async function shownBy(scope: string): Promise<Record<string, string>> {
  const secret = `sk_${newId(START).replaceAll("-", "")}`;
  await insertApiKey(database.db, {
    id: newId(START),
    name: scope,
    prefix: secret.slice(0, 9),
    hash: createHash("sha256").update(secret).digest("hex"),
    scopes: [scope],
    createdAt: START,
  });
  return { authorization: `Bearer ${secret}` };
}

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

test("a server asks for the link to a person's page", async () => {
  const { knock } = await drive({ database, links: { url: "https://notify.example.com", secrets } });
  const { preferencesLink } = await apiOf(knock.engine).ask<{ preferencesLink: string }>(query, { tenant: "acme" });
  const token = preferencesLink.replace("https://notify.example.com/preferences/", "");
  expect(readPreferencesLink(secrets, token, START)).toEqual({ userId: "ada", tenantId: "acme" });
});

test("there is none without links in the config", async () => {
  const { knock } = await drive({ database });
  expect(await apiOf(knock.engine).ask(query)).toEqual({ preferencesLink: null });
});

test("the link can change what a person gets, so a key that may only read gets none", async () => {
  const { knock } = await drive({ database, links: { url: "https://notify.example.com", secrets } });
  const { errors, data } = await apiOf(knock.engine, { auth: true }).send(query, {}, await shownBy("read"));
  expect([errors[0]?.extensions.code, data ?? null]).toEqual(["FORBIDDEN", null]);
  const allowed = await apiOf(knock.engine, { auth: true }).send(query, {}, await shownBy("write"));
  expect(allowed.errors).toEqual([]);
});
