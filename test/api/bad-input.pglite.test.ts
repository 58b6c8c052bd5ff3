// Whatever is wrong with the values of a request, clients meet one shape, with paths and without values.
import { beforeAll, describe, expect, test } from "vitest";
import { drive } from "../support/engine.ts";
import { testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { orderShipped, ping, threadReplied } from "./fixtures/workflows.ts";

let api: Api;
let dev: Api;

beforeAll(async () => {
  const { knock } = await drive({ database: await testDatabase(), handles: [orderShipped, threadReplied, ping] });
  api = apiOf(knock.engine);
  dev = apiOf(knock.engine, { dev: true });
});

const SECRET = "secret@example.com";
const NOTIFY = "mutation ($input: NotifyInput!) { notify(input: $input) { __typename } }";

const order = {
  order_id: "o_1",
  total: 1,
  items: 1,
  cents: 1,
  to: { street: "a", city: "b" },
  grid: [],
  payment: { cash: {} },
};

const withOrder = (change: object) => ({
  input: { recipients: ["user_1"], workflow: { orderShipped: { ...order, ...change } } },
});

describe("in variables", () => {
  test.each<[string, object, { path: string; code: string; message: string }[]]>([
    [
      "a wrong type",
      withOrder({ items: SECRET }),
      [{ path: "input.workflow.orderShipped.items", code: "invalid_type", message: "Expected a value of type Int." }],
    ],
    [
      "a wrong type, deep",
      withOrder({ to: { street: SECRET, city: 5 } }),
      [
        {
          path: "input.workflow.orderShipped.to.city",
          code: "invalid_type",
          message: "Expected a value of type String.",
        },
      ],
    ],
    [
      "an object for a text",
      withOrder({ order_id: { a: SECRET } }),
      [
        {
          path: "input.workflow.orderShipped.order_id",
          code: "invalid_type",
          message: "Expected a value of type String.",
        },
      ],
    ],
    [
      "a text for an object",
      withOrder({ to: SECRET }),
      [
        {
          path: "input.workflow.orderShipped.to",
          code: "invalid_type",
          message: "Expected a value of type PostalAddress.",
        },
      ],
    ],
    [
      "a value in a list",
      withOrder({ grid: [[1, SECRET]] }),
      [
        {
          path: "input.workflow.orderShipped.grid.0.1",
          code: "invalid_type",
          message: "Expected a value of type Float.",
        },
      ],
    ],
    [
      "a wrong enum",
      withOrder({ priority: SECRET }),
      [
        {
          path: "input.workflow.orderShipped.priority",
          code: "invalid_type",
          message: "Expected a value of type OrderShippedDataPriority.",
        },
      ],
    ],
    [
      "too large for SafeInt",
      withOrder({ cents: 1e17 }),
      [
        {
          path: "input.workflow.orderShipped.cents",
          code: "invalid_type",
          message: "SafeInt is a whole number between -(2^53 - 1) and 2^53 - 1.",
        },
      ],
    ],
    [
      "something in an empty object",
      withOrder({ payment: { cash: { secret: SECRET } } }),
      [
        {
          path: "input.workflow.orderShipped.payment.cash",
          code: "invalid_type",
          message: "EmptyObject is an object without members: {}.",
        },
      ],
    ],
    [
      "an unknown field",
      withOrder({ colour: SECRET }),
      [{ path: "input.workflow.orderShipped.colour", code: "unknown_field", message: "There is no such field." }],
    ],
    [
      "a missing field",
      withOrder({ order_id: undefined, note: SECRET }),
      [{ path: "input.workflow.orderShipped.order_id", code: "required", message: "A value is required." }],
    ],
    [
      "null for a required field",
      withOrder({ order_id: null, note: SECRET }),
      [{ path: "input.workflow.orderShipped.order_id", code: "required", message: "A value is required." }],
    ],
    [
      "two tags",
      withOrder({ payment: { cash: {}, card: { last4: "4242" } }, note: SECRET }),
      [
        {
          path: "input.workflow.orderShipped.payment",
          code: "one_of",
          message: "Give exactly one of the fields, and not null.",
        },
      ],
    ],
    [
      "two workflows",
      { input: { workflow: { ping: {}, orderShipped: { ...order, note: SECRET } } } },
      [{ path: "input.workflow", code: "one_of", message: "Give exactly one of the fields, and not null." }],
    ],
    [
      "no workflow",
      { input: { workflow: {}, recipients: [SECRET] } },
      [{ path: "input.workflow", code: "one_of", message: "Give exactly one of the fields, and not null." }],
    ],
    [
      "a workflow that is null",
      { input: { workflow: { ping: null }, recipients: [SECRET] } },
      [{ path: "input.workflow.ping", code: "one_of", message: "Give exactly one of the fields, and not null." }],
    ],
    [
      "an unknown workflow",
      { input: { workflow: { pong: { secret: SECRET } } } },
      [{ path: "input.workflow.pong", code: "unknown_field", message: "There is no such field." }],
    ],
    ["a missing variable", {}, [{ path: "input", code: "required", message: "A value is required." }]],
    [
      "two things at once",
      withOrder({ items: SECRET, total: SECRET }),
      [
        { path: "input.workflow.orderShipped.items", code: "invalid_type", message: "Expected a value of type Int." },
        { path: "input.workflow.orderShipped.total", code: "invalid_type", message: "Expected a value of type Float." },
      ],
    ],
    [
      "a NUL",
      { input: { workflow: { ping: {} }, recipients: ["user_1", "user\0"] } },
      [
        {
          path: "input.recipients.1",
          code: "invalid_text",
          message: "The text holds a character that cannot be stored.",
        },
      ],
    ],
    [
      "half a character",
      withOrder({ labels: { a: "\ud800" } }),
      [
        {
          path: "input.workflow.orderShipped.labels.a",
          code: "invalid_text",
          message: "The text holds a character that cannot be stored.",
        },
      ],
    ],
    // The text that GraphQL itself would give here imitates its own wording.
    [
      "a value that imitates an error",
      withOrder({ to: `to include required field "${SECRET}" not to include unknown field "${SECRET}"` }),
      [
        {
          path: "input.workflow.orderShipped.to",
          code: "invalid_type",
          message: "Expected a value of type PostalAddress.",
        },
      ],
    ],
  ])("%s", async (_name, variables, issues) => {
    const { status, errors, data, text } = await api.send(NOTIFY, variables);
    expect({ status, data }).toEqual({ status: 400, data: undefined });
    expect(errors).toHaveLength(1);
    expect(errors[0]!.extensions).toEqual({ code: "BAD_USER_INPUT", hint: expect.any(String), issues });
    expect(errors[0]!.message).toContain(`The input is not valid: ${issues[0]!.path}: ${issues[0]!.message}`);
    expect(text).not.toContain(SECRET);
  });
});

test("many thousands of problems: the first are reported, without looking for the others", async () => {
  const fields = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`field_${index}`, SECRET]));
  const begun = performance.now();
  const { errors, text } = await api.send(NOTIFY, {
    input: { workflow: { ping: {} }, recipients: ["user_1"], ...fields },
  });
  expect(errors[0]!.message).toBe(
    "The input is not valid: input.field_0: There is no such field. (and at least 49 more)",
  );
  expect(errors[0]!.extensions.issues).toHaveLength(50);
  expect(text).not.toContain(SECRET);
  // Without an end it takes more than ten minutes.
  expect(performance.now() - begun).toBeLessThan(10_000);
});

describe("from the schema of the workflow and from the rules of the call", () => {
  test("a violation that GraphQL cannot see is a result", async () => {
    const query =
      "mutation ($input: NotifyInput!) { notify(input: $input) { ... on InvalidDataError { code issues { path code message } } } }";
    const { data, text } = await api.send(query, withOrder({ to: { street: SECRET, city: "b", country: "toolong" } }));
    expect(data!.notify).toEqual({
      code: "INVALID_DATA",
      issues: [{ path: "data.to.country", code: "too_big", message: expect.any(String) }],
    });
    expect(text).not.toContain(SECRET);
  });

  test("an invalid user in identify is a result", async () => {
    const query =
      "mutation ($input: NotifyInput!) { notify(input: $input) { ... on InvalidInputError { code issues { path } } } }";
    const input = {
      workflow: { ping: {} },
      recipients: ["user_1"],
      identify: [{ id: "user_1", email: SECRET, timezone: "Mars/Olympus" }],
    };
    const { data, text } = await api.send(query, { input });
    expect(data!.notify).toEqual({ code: "INVALID_INPUT", issues: [{ path: "identify.0.timezone" }] });
    expect(text).not.toContain(SECRET);
  });

  test("a cursor that is none, and a page that is too large", async () => {
    const query = "query ($first: Int, $after: String) { users(first: $first, after: $after) { edges { cursor } } }";
    const cursor = await api.send(query, { after: SECRET });
    expect(cursor.errors[0]!.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      issues: [{ path: "after", code: "invalid_cursor" }],
    });
    expect(cursor.text).not.toContain(SECRET);
    const size = await api.send(query, { first: 101 });
    expect(size.errors[0]!.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      issues: [{ path: "first", code: "out_of_range" }],
    });
  });
});

test("suggestions are for development", async () => {
  const misspelt = { input: { recipients: ["user_1"], workflow: { pinf: {} } } };
  expect((await dev.send(NOTIFY, misspelt)).errors[0]!.extensions.issues![0]!.message).toBe(
    'There is no such field. Did you mean "ping"?',
  );
  expect((await api.send(NOTIFY, misspelt)).text).not.toContain("mean");
  expect((await dev.send("{ user(id: 1) { nane } }")).text).toContain("Did you mean");
  expect((await api.send("{ user(id: 1) { nane } }")).text).not.toContain("mean");
});
