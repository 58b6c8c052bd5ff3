// What a settings page of people is drawn from, and what it stores.
import { beforeEach, describe, expect, test } from "vitest";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { endUsers, person } from "../support/viewers.ts";
import { billed, commented, liked, offered, silent } from "./fixtures/feeds.ts";

let database: Database;
let api: Api;

async function serve(preferences: PreferenceSet | null = null): Promise<void> {
  const handles = [commented, liked, billed, offered, silent];
  const { knock } = await drive({ database, handles, endUsers, ...(preferences && { preferences }) });
  api = apiOf(knock.engine);
}

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  await serve();
});

const SWITCH = "channelType enabled effective conditional changeable layer";
const GRID = `tenantId preferences workflows { key name description categories required commercial switches { ${SWITCH} } }
  categories { name workflows switches { ${SWITCH} } } channelTypes { ${SWITCH} }
  commercial { enabled conditional changeable layer }`;
const READ = `query ($tenant: ID) { viewer { preferences(tenant: $tenant) { ${GRID} } } }`;
const SET = `mutation ($input: MyPreferencesInput!) { setMyPreferences(input: $input) { __typename
  ... on SetMyPreferencesSuccess { preferences { ${GRID} } } ... on InvalidInputError { issues { path code } } } }`;

interface Switch {
  channelType: string;
  enabled: boolean;
  effective: boolean;
  conditional: boolean;
  changeable: boolean;
  layer: string | null;
}
interface Grid {
  preferences: object;
  workflows: { key: string; required: boolean; switches: Switch[] }[];
  categories: { name: string; workflows: string[]; switches: Switch[] }[];
  channelTypes: Switch[];
  commercial: Omit<Switch, "channelType"> | null;
}

const gridOf = async (userId = "ada", tenant?: string): Promise<Grid> =>
  (await api.ask<{ viewer: { preferences: Grid } }>(READ, { tenant }, await person(userId))).viewer.preferences;

async function set(preferences: unknown, input: object = {}, userId = "ada") {
  const variables = { input: { preferences, ...input } };
  const answer = await api.ask<{ setMyPreferences: { preferences: Grid } }>(SET, variables, await person(userId));
  return answer.setMyPreferences;
}

async function setFor(of: object, preferences: object): Promise<void> {
  const mutation = "mutation ($input: PreferencesInput!) { setPreferences(input: $input) { __typename } }";
  const answer = await api.ask<{ setPreferences: object }>(mutation, { input: { ...of, preferences } });
  expect(answer.setPreferences).toEqual({ __typename: "SetPreferencesSuccess" });
}

const workflow = (grid: Grid, key: string) => {
  const row = grid.workflows.find((one) => one.key === key)!;
  return Object.fromEntries(row.switches.map(({ channelType, ...rest }) => [channelType, rest]));
};
const category = (grid: Grid, name: string) => {
  const row = grid.categories.find((one) => one.name === name)!;
  return Object.fromEntries(row.switches.map(({ channelType, ...rest }) => [channelType, rest]));
};

const on = { enabled: true, effective: true, conditional: false, changeable: true, layer: null };

describe("a settings page", () => {
  test("has a row for each workflow that makes messages and for each category, all on at first", async () => {
    const grid = await gridOf();
    expect(grid.workflows.map(({ key }) => key)).toEqual(["billed", "commented", "liked", "offered"]);
    expect(grid.workflows[1]).toEqual({
      key: "commented",
      name: "Comments",
      description: "Somebody comments.",
      categories: ["collaboration"],
      required: false,
      commercial: false,
      switches: [
        { channelType: "IN_APP", ...on },
        { channelType: "EMAIL", ...on },
      ],
    });
    expect(grid.categories.map(({ name, workflows }) => [name, workflows])).toEqual([
      ["collaboration", ["commented", "liked"]],
      ["fun", ["liked"]],
      ["money", ["billed"]],
    ]);
    expect(grid.channelTypes.map(({ channelType }) => channelType)).toEqual(["IN_APP", "EMAIL"]);
    expect(grid.commercial).toEqual({ enabled: true, conditional: false, changeable: true, layer: null });
    expect(grid.preferences).toEqual({});
  });

  test("shows what is required as on and fixed, whatever a set says", async () => {
    await set({ workflows: { billed: false }, channelTypes: { email: false } });
    expect(workflow(await gridOf(), "billed").EMAIL).toMatchObject({ effective: true, changeable: false });
    expect(category(await gridOf(), "money").EMAIL).toMatchObject({ effective: true, changeable: false });
  });

  test("tells its position apart from what comes of it", async () => {
    await set({ categories: { collaboration: { channelTypes: { email: false } } } });
    const grid = await gridOf();
    expect(workflow(grid, "commented").EMAIL).toEqual({ ...on, effective: false });
    expect(workflow(grid, "commented").IN_APP).toEqual(on);
    expect(category(grid, "collaboration").EMAIL).toEqual({
      ...on,
      enabled: false,
      effective: false,
      layer: "RECIPIENT",
    });
    expect(category(grid, "fun").IN_APP).toEqual(on);
  });

  test("names the layer, and what a tenant has decided cannot be changed", async () => {
    await serve({ categories: { collaboration: { channelTypes: { email: false } } } });
    expect(category(await gridOf(), "collaboration").EMAIL).toMatchObject({
      enabled: false,
      changeable: true,
      layer: "ENVIRONMENT",
    });
    await setFor(
      { tenant: "acme" },
      { categories: { collaboration: { __strategy__: "replace", channelTypes: { email: false } } } },
    );
    expect(category(await gridOf("ada", "acme"), "collaboration").EMAIL).toMatchObject({
      enabled: false,
      changeable: false,
      layer: "TENANT",
    });
    expect(category(await gridOf("ada", "acme"), "fun").IN_APP).toMatchObject({ changeable: true });
  });

  test("marks what conditions decide", async () => {
    const conditions = [{ op: "eq", ref: "data.page", to: { value: "x" } }];
    await setFor({ userId: "ada" }, { workflows: { commented: { channelTypes: { email: { conditions } } } } });
    expect(workflow(await gridOf(), "commented").EMAIL).toMatchObject({ enabled: true, conditional: true });
    expect(workflow(await gridOf(), "commented").IN_APP).toMatchObject({ conditional: false });
  });
});

describe("storing", () => {
  test("a row at a time, and the answer is the page as it is then", async () => {
    const stored = await set({ workflows: { commented: false } });
    expect(workflow(stored.preferences, "commented")).toMatchObject({
      IN_APP: { enabled: false, layer: "RECIPIENT" },
      EMAIL: { enabled: false },
    });
    const row = { workflows: { commented: { channelTypes: { inApp: true, email: false } } } };
    const turned = await set(row, { mode: "MERGE" });
    expect(workflow(turned.preferences, "commented")).toMatchObject({
      IN_APP: { enabled: true },
      EMAIL: { enabled: false },
    });
    expect((await gridOf("bob")).preferences).toEqual({});
  });

  test("the first change for a tenant keeps what counted there until then", async () => {
    await set({ channelTypes: { email: false } });
    expect((await gridOf("ada", "acme")).preferences).toEqual({ channelTypes: { email: false } });
    await set({ categories: { fun: { channelTypes: { inApp: false } } } }, { tenant: "acme", mode: "MERGE" });
    expect((await gridOf("ada", "acme")).preferences).toEqual({
      channelTypes: { email: false },
      categories: { fun: { channelTypes: { inApp: false } } },
    });
    expect((await gridOf()).preferences).toEqual({ channelTypes: { email: false } });
  });

  test("the commercial subscription, for all tenants", async () => {
    await set({ commercialSubscribed: false });
    const off = { enabled: false, layer: "RECIPIENT", changeable: true };
    expect((await gridOf()).commercial).toMatchObject(off);
    expect((await gridOf("ada", "acme")).commercial).toMatchObject(off);
    expect(workflow(await gridOf(), "offered").EMAIL).toMatchObject({ enabled: true, effective: false });
  });

  test("refuses what is no set, with the path, and stores nothing", async () => {
    expect(await set({ channelTypes: { fax: false } })).toMatchObject({
      __typename: "InvalidInputError",
      issues: [{ path: expect.stringMatching(/^preferences\./) }],
    });
    expect(await set({}, { tenant: "" })).toMatchObject({
      __typename: "InvalidInputError",
      issues: [{ path: "tenant" }],
    });
    expect((await gridOf()).preferences).toEqual({});
  });

  test("refuses a tenant that the token does not grant, to read and to store", async () => {
    const limited = await person("ada", { tenants: ["acme"] });
    const forbidden = [{ message: "The user token does not grant this tenant.", extensions: { code: "FORBIDDEN" } }];
    const input = { tenant: "umbrella", preferences: {} };
    expect((await api.send(SET, { input }, limited)).errors).toMatchObject(forbidden);
    expect((await api.send(READ, { tenant: "umbrella" }, limited)).errors).toMatchObject(forbidden);
    expect((await api.send(READ, { tenant: "acme" }, limited)).errors).toEqual([]);
  });

  test("is for people alone", async () => {
    const { status, errors } = await api.send(SET, { input: { preferences: {} } });
    expect([status, errors[0]?.extensions.code]).toEqual([403, "FORBIDDEN"]);
    // Without keys, as in development, a token is all that is missing, and how to get one is said.
    expect(errors[0]?.message).toBe("This is for people: it needs a user token.");
    expect(errors[0]?.extensions.hint).toContain("knock tokens sign --user");
  });
});

test("what is reached from a viewer is a closed set of types", async () => {
  interface Type {
    name: string;
    kind: string;
    fields: { type: Wrapped }[] | null;
    possibleTypes: { name: string }[] | null;
  }
  interface Wrapped {
    name: string | null;
    kind: string;
    ofType: Wrapped | null;
  }
  const dev = await api.ask<{ __schema: { types: Type[] } }>(`{ __schema { types { name kind possibleTypes { name }
    fields { type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }`);
  const types = new Map(dev.__schema.types.map((type) => [type.name, type]));
  const named = (type: Wrapped): string => type.name ?? named(type.ofType!);
  const reached = new Set<string>();
  const walk = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const { type } of types.get(name)?.fields ?? []) walk(named(type));
    for (const possible of types.get(name)?.possibleTypes ?? []) walk(possible.name);
  };
  ["Viewer", "FeedChange", "MarkMessagesResult", "SetMyPreferencesResult"].forEach(walk);
  const objects = [...reached].filter((name) => ["OBJECT", "INTERFACE", "UNION"].includes(types.get(name)!.kind));
  expect(objects.toSorted()).toEqual([
    "CategoryPreferences",
    "CommercialSwitch",
    "FeedActor",
    "FeedChange",
    "FeedConnection",
    "FeedCounts",
    "FeedEdge",
    "FeedItem",
    "InvalidInputError",
    "Issue",
    "MarkMessagesResult",
    "MarkMessagesSuccess",
    "PageInfo",
    "PreferenceSwitch",
    "SetMyPreferencesResult",
    "SetMyPreferencesSuccess",
    "Viewer",
    "ViewerPreferences",
    "WorkflowPreferences",
  ]);
});
