// Who reaches what over GraphQL: every operation with every kind of caller, and everything that people can see from theirs.
import {
  getNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { buildSchema } from "../../src/api/graphql/build-schema.ts";
import type { Database } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf, postJson, type WireError } from "../support/graphql.ts";
import { allCallers, type Callers, type Shown } from "../support/callers.ts";
import { endUsers } from "../support/viewers.ts";
import { ping } from "./fixtures/workflows.ts";

type Needs = "notify" | "read" | "write" | "deploy" | "admin" | "person" | "person or read" | "person or write";

const NO_ID = "0199a3c4-7d2e-7cc1-9d0b-5f0a3e1b2c4d";
const CALL = `{ workflow: "ping", recipients: ["nobody"] }`;

/** Every operation: what its caller needs, and an example that changes nothing much. */
const operations: Record<string, [needs: Needs, example: string]> = {
  "query batch": ["read", `batch(id: "${NO_ID}") { __typename }`],
  "query deploys": ["read", "deploys { __typename }"],
  "query explain": ["read", `explain(userId: "ada", notificationId: "${NO_ID}") { __typename }`],
  "query failedRuns": ["read", "failedRuns { __typename }"],
  "query feed": ["read", `feed(userId: "ada") { __typename }`],
  "query list": ["read", `list(name: "l") { __typename }`],
  "query listMembers": ["read", `listMembers(list: "l") { __typename }`],
  "query lists": ["read", "lists { __typename }"],
  "query message": ["read", `message(id: "${NO_ID}") { __typename }`],
  "query messages": ["read", `messages(recipient: "ada") { __typename }`],
  "query missingArtifacts": ["deploy", "missingArtifacts(hashes: [])"],
  "query notification": ["read", `notification(id: "${NO_ID}") { __typename }`],
  "query notifications": ["read", "notifications { __typename }"],
  "query object": ["read", `object(collection: "c", id: "o") { __typename }`],
  "query objectSubscribers": ["read", `objectSubscribers(collection: "c", id: "o") { __typename }`],
  "query objectSubscriptions": ["read", `objectSubscriptions(recipientId: "ada") { __typename }`],
  "query objects": ["read", `objects(collection: "c") { __typename }`],
  "query preferenceImpact": ["read", "preferenceImpact(preferences: {}) { __typename }"],
  "query preferencesLink": ["write", `preferencesLink(userId: "ada")`],
  "query run": ["read", `run(id: "${NO_ID}") { __typename }`],
  "query schedule": ["read", `schedule(id: "${NO_ID}") { __typename }`],
  "query schedules": ["read", "schedules { __typename }"],
  "query simulate": ["read", `simulate(input: { workflow: { ping: {} }, recipients: ["ada"] }) { __typename }`],
  "query simulateDynamic": ["read", `simulateDynamic(input: ${CALL}) { __typename }`],
  "query tenant": ["read", `tenant(id: "a") { __typename }`],
  "query user": ["read", `user(id: "ada") { __typename }`],
  "query userPreferences": ["read", `userPreferences(userId: "ada") { __typename }`],
  "query users": ["read", "users { __typename }"],
  "query viewer": ["person", "viewer { id feed { totalCount } preferences { tenantId } }"],
  "query workflow": ["read", `workflow(key: "ping") { __typename }`],
  "query workflowVersions": ["read", `workflowVersions(workflow: "ping") { __typename }`],
  "query workflows": ["read", "workflows { __typename }"],
  "mutation addListMembers": ["write", `addListMembers(list: "none", members: []) { __typename }`],
  "mutation cancelNotifications": ["notify", `cancelNotifications(cancellationKey: "none") { __typename }`],
  "mutation createSchedules": [
    "notify",
    `createSchedules(input: { workflow: { ping: {} }, recipients: [], recurrence: "0 9 * * *" }) { __typename }`,
  ],
  "mutation createSchedulesDynamic": [
    "notify",
    `createSchedulesDynamic(input: { workflow: "ping", recipients: [] }) { __typename }`,
  ],
  "mutation deleteList": ["write", `deleteList(name: "none") { __typename }`],
  "mutation deleteObject": ["write", `deleteObject(collection: "c", id: "none") { __typename }`],
  "mutation deleteSchedules": ["notify", "deleteSchedules(ids: []) { __typename }"],
  "mutation deleteUser": ["write", `deleteUser(id: "nobody") { __typename }`],
  "mutation deploy": ["deploy", `deploy(input: { workflows: [] }) { __typename }`],
  "mutation markMessages": ["person or write", `markMessages(ids: ["${NO_ID}"], as: SEEN) { __typename }`],
  "mutation notify": ["notify", `notify(input: { workflow: { ping: {} }, recipients: ["nobody"] }) { __typename }`],
  "mutation notifyDynamic": ["notify", `notifyDynamic(input: ${CALL}) { __typename }`],
  "mutation notifyMany": ["notify", "notifyMany(inputs: []) { __typename }"],
  "mutation notifyManyDynamic": ["notify", "notifyManyDynamic(inputs: []) { __typename }"],
  "mutation removeListMembers": ["write", `removeListMembers(list: "none", userIds: []) { __typename }`],
  "mutation rerunRuns": ["notify", "rerunRuns(ids: []) { __typename }"],
  "mutation rollbackWorkflow": ["deploy", `rollbackWorkflow(workflow: "none") { __typename }`],
  "mutation setMyPreferences": ["person", "setMyPreferences(input: { preferences: {} }) { __typename }"],
  "mutation setPreferences": ["write", `setPreferences(input: { userId: "ada", preferences: {} }) { __typename }`],
  "mutation setWorkflowStatus": ["admin", `setWorkflowStatus(workflow: "ping", status: ACTIVE) { __typename }`],
  "mutation signalEvent": ["notify", `signalEvent(name: "none") { __typename }`],
  "mutation subscribe": ["write", `subscribe(collection: "c", id: "o", recipients: []) { __typename }`],
  "mutation unsubscribe": ["write", `unsubscribe(collection: "c", id: "o", recipients: []) { __typename }`],
  "mutation updateSchedules": ["notify", "updateSchedules(ids: [], input: {}) { __typename }"],
  "mutation uploadArtifacts": ["deploy", "uploadArtifacts(artifacts: []) { __typename }"],
  "mutation upsertList": ["write", `upsertList(input: { name: "l" }) { __typename }`],
  "mutation upsertObject": ["write", `upsertObject(input: { collection: "c", id: "o" }) { __typename }`],
  "mutation upsertTenant": ["write", `upsertTenant(input: { id: "a" }) { __typename }`],
  "mutation upsertUser": ["write", `upsertUser(input: { id: "ada" }) { __typename }`],
  "mutation upsertUsers": ["write", "upsertUsers(users: []) { __typename }"],
  "subscription feedChanged": ["person or read", "feedChanged { reason }"],
};

const PERSON = "403 FORBIDDEN: A user token reaches only what belongs to its user.";
const SERVER = "403 FORBIDDEN: This is for people: it needs a public key and a user token.";

const namedIn: Partial<Record<Needs, string>> = { "person or read": "read", "person or write": "write" };

/** What a key with one scope is told. */
function forServer(scope: string, needs: Needs): string {
  if (needs === "person") return SERVER;
  const needed = namedIn[needs] ?? needs;
  const allowed = scope === needed || (scope === "admin" && needed !== "deploy");
  return allowed ? "allowed" : `403 FORBIDDEN: The key lacks the scope "${needed}".`;
}

let database: Database;
let driven: Driven;
let api: Api;
let callers: Callers;
let schema: GraphQLSchema;
beforeAll(async () => {
  database = await testDatabase();
  driven = await drive({ database, handles: [ping], endUsers });
  const { knock } = driven;
  api = apiOf(knock.engine, { auth: true });
  schema = buildSchema(knock.engine.context.registry());
  callers = await allCallers(database);
});

/** The first event of a subscription, or the whole refusal. */
async function firstOf(query: string, shown: Shown): Promise<{ status: number; text: string }> {
  const response = await api.handle(postJson({ query }, { ...shown, accept: "text/event-stream" }));
  const reader = response.body!.getReader();
  let text = "";
  while (!/^data: .*\n/m.test(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return { status: response.status, text: /^data: (.*)$/m.exec(text)?.[1] ?? text };
}

const told = (status: number, { message, extensions }: WireError): string => `${status} ${extensions.code}: ${message}`;

/** What an operation of the table came to. Any answer but a refusal of the caller counts as allowed. */
async function outcome(name: string, example: string, shown: Shown): Promise<string> {
  const query = `${name.split(" ")[0]} { ${example.replace("feedChanged {", 'feedChanged(userId: "ada") {')} }`;
  const isStream = name.startsWith("subscription");
  const ownFeed = isStream && "x-knock-user-token" in shown ? `subscription { ${example} }` : query;
  const { status, errors } = isStream ? await streamed(ownFeed, shown) : await api.send(query, {}, shown);
  const [error] = errors;
  if (!error) return "allowed";
  return status === 401 || status === 403
    ? told(status, error)
    : `${status} is no answer of this table: ${error.message}`;
}

async function streamed(query: string, shown: Shown): Promise<{ status: number; errors: WireError[] }> {
  const { status, text } = await firstOf(query, shown);
  const { errors = [] } = JSON.parse(text) as { errors?: WireError[] };
  const { http } = (errors[0]?.extensions ?? {}) as { http?: { status: number } };
  return { status: http?.status ?? status, errors };
}

async function outcomes(shown: Shown): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const [name, [, example]] of Object.entries(operations))
    entries.push([name, await outcome(name, example, shown)]);
  return Object.fromEntries(entries);
}

const expected = (say: (needs: Needs) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(operations).map(([name, [needs]]) => [name, say(needs)]));

const roots = () => [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()] as const;

test("the table has every operation of the schema", () => {
  const all = roots().flatMap((root) =>
    Object.keys(root?.getFields() ?? {}).map((field) => `${root!.name.toLowerCase()} ${field}`),
  );
  expect(Object.keys(operations).toSorted()).toEqual(all.toSorted());
});

describe("operations", () => {
  test.each(["notify", "read", "write", "deploy", "admin"] as const)("of a server with the scope %s", async (scope) => {
    expect(await outcomes(callers.servers[scope])).toEqual(expected((needs) => forServer(scope, needs)));
  });

  test.each(["ada", "bob", "adaOfA"] as const)("of a person: %s", async (person) => {
    const say = (needs: Needs) => (needs.startsWith("person") ? "allowed" : PERSON);
    expect(await outcomes(callers.people[person])).toEqual(expected(say));
  });

  test("of strangers are all refused, before anything of them is looked at", async () => {
    for (const [name, [shown, message]] of Object.entries(callers.strangers)) {
      expect(await outcomes(shown), name).toEqual(expected(() => `401 UNAUTHENTICATED: ${message}`));
      for (const query of ["{ __schema { types { name } } }", "{ nothing }", "{ syntax error"]) {
        const { status, errors } = await api.send(query, {}, shown);
        expect([status, errors.map((error) => error.message)], name).toEqual([401, [message]]);
      }
    }
  });
});

describe("a token that is limited to tenants", () => {
  const asking = (tenant: string): Record<string, string> => ({
    feed: `query { viewer { feed(filter: { tenant: "${tenant}" }) { totalCount } } }`,
    preferences: `query { viewer { preferences(tenant: "${tenant}") { tenantId } } }`,
    "marking all": `mutation { markMessages(all: { filter: { tenant: "${tenant}" } }, as: READ) { __typename } }`,
    "setting preferences": `mutation { setMyPreferences(input: { tenant: "${tenant}", preferences: {} }) { __typename } }`,
  });
  const refusal = "The user token does not grant this tenant.";

  test("reaches these, and no other", async () => {
    for (const [name, query] of Object.entries(asking("a")))
      expect((await api.send(query, {}, callers.people.adaOfA)).errors, name).toEqual([]);
    for (const [name, query] of Object.entries(asking("b"))) {
      const { errors } = await api.send(query, {}, callers.people.adaOfA);
      expect(
        errors.map(({ message, extensions }) => [extensions.code, message]),
        name,
      ).toEqual([["FORBIDDEN", refusal]]);
      expect((await api.send(query, {}, callers.people.ada)).errors, name).toEqual([]);
    }
  });

  test("listens to these, and to no other", async () => {
    const listen = (tenant: string, shown: Shown) =>
      streamed(`subscription { feedChanged(filter: { tenant: "${tenant}" }) { reason } }`, shown);
    expect((await listen("a", callers.people.adaOfA)).errors).toEqual([]);
    expect((await listen("b", callers.people.adaOfA)).errors.map(({ message }) => message)).toEqual([refusal]);
    expect((await listen("b", callers.people.ada)).errors).toEqual([]);
  });
});

describe("what people see", () => {
  /** All types that are reached from some, by their fields. */
  function reachedFrom(names: readonly string[]): string[] {
    const reached = new Set(names);
    for (const name of reached) {
      const type = schema.getType(name)!;
      const next = isUnionType(type)
        ? type.getTypes().map((one) => one.name)
        : isObjectType(type) || isInterfaceType(type)
          ? Object.values(type.getFields()).map((field) => getNamedType(field.type).name)
          : [];
      for (const one of next) reached.add(one);
    }
    return [...reached].toSorted();
  }

  const resultOf = (root: GraphQLObjectType | null | undefined, field: string): string =>
    getNamedType(root!.getFields()[field]!.type).name;

  test("is made of these types, none of which leads to what is not theirs", () => {
    const [query, mutation, subscription] = roots();
    const begin = [
      resultOf(query, "viewer"),
      resultOf(mutation, "markMessages"),
      resultOf(mutation, "setMyPreferences"),
      resultOf(subscription, "feedChanged"),
    ];
    const scalars = ["Boolean", "DateTime", "ID", "Int", "JSON", "String"];
    expect(reachedFrom(begin).filter((name) => !scalars.includes(name))).toEqual([
      "CategoryPreferences",
      "ChannelType",
      "CommercialSwitch",
      "FeedActor",
      "FeedChange",
      "FeedConnection",
      "FeedCounts",
      "FeedEdge",
      "FeedItem",
      "FeedReason",
      "InvalidInputError",
      "Issue",
      "MarkMessagesResult",
      "MarkMessagesSuccess",
      "PageInfo",
      "PreferenceLayer",
      "PreferenceSwitch",
      "SetMyPreferencesResult",
      "SetMyPreferencesSuccess",
      "Viewer",
      "ViewerPreferences",
      "WorkflowPreferences",
    ]);
  });

  test("is not the schema, but in development", async () => {
    const dev = apiOf(driven.knock.engine, { auth: true, dev: true });
    for (const query of [
      "{ __schema { types { name } } }",
      `{ viewer { id } __type(name: "NotifyInput") { name } }`,
      "{ ...a } fragment a on Query { __schema { queryType { name } } }",
    ]) {
      const { status, data, errors } = await api.send(query, {}, callers.people.ada);
      expect({ status, data, told: errors.map((error) => told(status, error)) }).toEqual({
        status: 403,
        data: undefined,
        told: [PERSON],
      });
      for (const scope of ["notify", "read"] as const)
        expect((await api.send(query.replace("viewer { id } ", ""), {}, callers.servers[scope])).errors).toEqual([]);
      expect((await dev.send(query, {}, callers.people.ada)).errors).toEqual([]);
    }
    expect((await api.send("{ __typename viewer { __typename } }", {}, callers.people.ada)).errors).toEqual([]);
  });

  test("is asked for within the limits of all callers", async () => {
    const wide = `{ ${Array.from({ length: 31 }, (_, index) => `v${index}: viewer { id }`).join(" ")} }`;
    const long = `{ viewer { ${"id ".repeat(20_000)} } }`;
    for (const query of [wide, long]) expect((await api.send(query, {}, callers.people.ada)).status).toBe(400);
  });
});

describe("messages", () => {
  const feedOf = async (shown: Shown): Promise<string[]> => {
    const query = "{ viewer { feed(first: 50) { edges { node { id } } } } }";
    const { viewer } = await api.ask<{ viewer: { feed: { edges: { node: { id: string } }[] } } }>(query, {}, shown);
    return viewer.feed.edges.map(({ node }) => node.id);
  };

  test("of others are as messages that do not exist", async () => {
    await driven.knock.notify(ping, { recipients: ["ada", "bob"], data: {} });
    await driven.settle();
    const { ada, bob } = callers.people;
    const [[own], [foreign]] = [await feedOf(ada), await feedOf(bob)];
    expect(own).not.toBe(foreign);
    const mark = async (...ids: string[]) => {
      const fields = "... on MarkMessagesSuccess { marked counts { totalCount unreadCount } }";
      const query = `mutation ($ids: [ID!]) { markMessages(ids: $ids, as: ARCHIVED) { __typename ${fields} } }`;
      return (await api.send(query, { ids }, ada)).text;
    };
    expect(await mark(foreign!)).toBe(await mark(NO_ID));
    expect(await mark(foreign!, "no id")).toBe(await mark(NO_ID, "no id"));
    expect(await feedOf(bob)).toEqual([foreign]);
    expect(JSON.parse(await mark(foreign!, own!)).data.markMessages).toMatchObject({ marked: 1 });
    expect(await feedOf(ada)).toEqual([]);
    expect(await feedOf(bob)).toEqual([foreign]);
  });
});
