// Values that are written into the document: the same shape of error as for variables.
import { beforeAll, describe, expect, test } from "vitest";
import { drive } from "../support/engine.ts";
import { testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { orderShipped, ping, threadReplied } from "./fixtures/workflows.ts";

let api: Api;

beforeAll(async () => {
  const { knock } = await drive({ database: await testDatabase(), handles: [orderShipped, threadReplied, ping] });
  api = apiOf(knock.engine);
});

const SECRET = "secret@example.com";

describe("written into the document", () => {
  const write = (workflow: string) =>
    `mutation { notify(input: { recipients: ["user_1"], workflow: ${workflow} }) { __typename } }`;

  test.each<[string, string, { path: string; code: string }[]]>([
    [
      "a wrong type",
      write(`{ threadReplied: { thread: { text: 5, replies: [{ text: "${SECRET}" }] } } }`),
      [{ path: "input.workflow.threadReplied.thread.text", code: "invalid_type" }],
    ],
    [
      "an unknown field",
      write(`{ ping: { secret: "${SECRET}" } }`),
      [{ path: "input.workflow.ping", code: "invalid_type" }],
    ],
    [
      "two workflows",
      write(`{ ping: {}, threadReplied: { thread: { text: "${SECRET}" } } }`),
      [{ path: "input.workflow", code: "one_of" }],
    ],
    [
      "a missing field",
      write(`{ threadReplied: { thread: { replies: [] } } }`),
      [{ path: "input.workflow.threadReplied.thread.text", code: "required" }],
    ],
    ["a NUL", '{ user(id: "\\u0000") { id } }', [{ path: "id", code: "invalid_text" }]],
    [
      "a NUL, deep",
      write('{ threadReplied: { thread: { text: "a", replies: [{ text: "\\u0000" }] } } }'),
      [{ path: "input.workflow.threadReplied.thread.replies.0.text", code: "invalid_text" }],
    ],
    [
      "another argument",
      `{ feed(userId: "u", filter: { archived: "${SECRET}" }) { totalCount } }`,
      [{ path: "filter.archived", code: "invalid_type" }],
    ],
    [
      "a default of a variable",
      `query ($first: Int = "${SECRET}") { users(first: $first) { edges { cursor } } }`,
      [{ path: "first", code: "invalid_type" }],
    ],
  ])("%s", async (_name, document, issues) => {
    const { status, errors, text } = await api.send(document);
    expect(status).toBe(400);
    expect(errors).toHaveLength(1);
    expect(errors[0]!.extensions).toMatchObject({ code: "BAD_USER_INPUT", issues });
    expect(text).not.toContain(SECRET);
  });

  test("a syntax error names no value either", async () => {
    const { status, errors, text } = await api.send(
      `mutation { notify(input: { recipients: ["x"] "${SECRET}" }) { __typename } }`,
    );
    expect(status).toBe(400);
    expect(errors[0]!.extensions.code).toBe("GRAPHQL_PARSE_FAILED");
    expect(text).not.toContain(SECRET);
  });
});
