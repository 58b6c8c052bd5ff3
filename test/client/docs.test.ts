// What docs/errors.md, docs/notify.md and docs/users-and-lists.md say is checked against the product.
import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { scopeMeanings } from "../../src/api/auth/identity.ts";
import { limits } from "../../src/api/graphql/limits.ts";
import { type ErrorCode, type ErrorDetails, errorCodes, KnockError } from "../../src/base/errors.ts";

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8");
const schema = buildSchema(readFileSync(new URL("../../src/api/graphql/schema.graphql", import.meta.url), "utf8"));
const pages = { errors: docs("errors"), notify: docs("notify"), "users-and-lists": docs("users-and-lists") };

const issues = [{ path: ["data", "invitee_email"], message: "Invalid email address", code: "invalid_format" }];

/** Details with which each error is shown in the documentation. */
const samples: { [Code in ErrorCode]: ErrorDetails<Code> } = {
  RECIPIENTS_REQUIRED: {},
  INVALID_DATA: { workflow: "new-user-invited", issues },
  INVALID_INPUT: {
    subject: "The user",
    issues: [{ path: ["timezone"], message: "must be an IANA time zone such as Europe/Zurich", code: "custom" }],
  },
  DUPLICATE_NOTIFICATION: {
    notificationId: "019b8d62-…",
    firstAt: new Date("2026-01-05T09:00:00.000Z"),
    sameInput: true,
  },
  WORKFLOW_INACTIVE: { workflow: "new-comment" },
  UNKNOWN_WORKFLOW: { workflow: "new-coment", nearest: "new-comment" },
  UNKNOWN_ACTOR: { actor: "user_9" },
  UNKNOWN_LIST: { list: "team.7.members" },
  NOT_FOUND: { what: "user", id: "user_9" },
  RUN_NOT_FAILED: { id: "019b8d62-…", status: "waiting" },
  INVALID_WORKFLOW: { problems: ["…"] },
  CANNOT_BUNDLE: { problems: ["…"] },
  ARTIFACT_REFUSED: { workflow: "new-comment", problem: "its code does not have the hash that it claims" },
  BREAKING_CHANGE: { changes: ["…"] },
  OPEN_RUNS: { workflows: [{ workflow: "new-comment", runs: 12 }] },
  UNKNOWN_VERSION: { workflow: "new-comment", version: 9 },
  WORKS_FROM_FILES: {},
  UNKNOWN_ENVIRONMENT: { environment: "stagin", nearest: "staging" },
  INVALID_CONFIG: { problem: "idempotency.retention is shorter than 7 days", fix: 'Set it to "7d" or longer.' },
  UNAUTHENTICATED: {},
  FORBIDDEN: { needed: "write" },
  UNSAFE_BIND: { host: "0.0.0.0" },
  PORT_IN_USE: { port: 3000, free: 3001, knock: false },
  DIRECTORY_UNUSABLE: { directory: ".knock", problem: "it is not writable" },
  DATABASE_LOCKED: { directory: ".knock", pid: 4711, url: "http://localhost:3000" },
  DATABASE_UNREACHABLE: { address: "localhost:5432", problem: "nothing listens there" },
  MIGRATION_REQUIRED: { problem: "2 migrations are missing" },
  SERVER_UNREACHABLE: { url: "http://localhost:3000", problem: "nothing listens there" },
  INTERNAL: { incident: "019b8d62-…" },
};

test("docs/errors.md has a row for every code, with its words", () => {
  const rows = errorCodes.map((code) => {
    const { message, hint } = new KnockError(code, samples[code] as never);
    return [`\`${code}\``, message.replaceAll("\n", " "), hint];
  });
  const table = pages.errors.split("\n").filter((line) => /^\| `[A-Z_]+` +\|/.test(line));
  const written = table.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(written.slice(0, rows.length)).toEqual(rows);
});

test("every code of a request that GraphQL itself refuses is named", () => {
  for (const code of [
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "TOO_DEEP",
    "TOO_MANY_ALIASES",
    "BAD_REQUEST",
    "UNSUPPORTED_MEDIA_TYPE",
  ]) {
    expect(pages.errors).toContain(`| \`${code}\``);
  }
});

const blocks = Object.entries(pages).flatMap(([page, text]) =>
  [...text.matchAll(/```graphql\n([^]*?)```/g)].map(([, document], index) => ({
    page,
    number: index + 1,
    document: document!,
  })),
);

test("there are GraphQL examples on every page", () => {
  expect(new Set(blocks.map(({ page }) => page)).size).toBe(3);
});

test.each(blocks)("$page, GraphQL example $number fits the schema", ({ document }) => {
  expect(validate(schema, parse(document))).toEqual([]);
});

describe("numbers", () => {
  test("the limits of a request", () => {
    for (const [name, value] of Object.entries(limits)) {
      if (name !== "body")
        expect(pages.notify + pages["users-and-lists"] + pages.errors).toContain(value.toLocaleString("en"));
    }
  });

  test("the scopes", () => {
    for (const [scope, meaning] of Object.entries(scopeMeanings))
      expect(pages.notify).toMatch(new RegExp(`\\| \`${scope}\` +\\| ${meaning.replaceAll(/[.()]/g, "\\$&")}`));
  });
});
