import { auditServer } from "graphql-http";
import { expect, test } from "vitest";
import { drive } from "../support/engine.ts";
import { testDatabase } from "../support/database.ts";
import { apiOf } from "../support/graphql.ts";
import { ping } from "./fixtures/workflows.ts";

test("GraphQL over HTTP: 61 of 61", async () => {
  const { knock } = await drive({ database: await testDatabase(), handles: [ping] });
  const { handle } = apiOf(knock.engine);
  const results = await auditServer({
    url: "http://localhost/graphql",
    fetchFn: (url: string, init: RequestInit) => handle(new Request(url, init)),
  });
  expect(results.filter(({ status }) => status !== "ok").map(({ id, name }) => `${id} ${name}`)).toEqual([]);
  expect(results).toHaveLength(61);
});
