import Knock from "@knocklabs/node";
import { beforeAll, expect, test } from "vitest";
import { itemsOf } from "../../src/api/rest/shapes/shape.ts";
import { runDetailShape, runShape } from "../../src/api/rest/shapes/run.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { z } from "zod";
import { type SdkServer, startSdkServer } from "./support/server.ts";
import { notify, until } from "./support/settled.ts";

const broken = workflow("broken", { data: z.object({}), examples: {} }).inApp("feed", {
  body: () => {
    throw new Error("no such thing");
  },
  retry: { attempts: 1 },
});

let server: SdkServer;
let v1: Knock;

beforeAll(async () => {
  server = await startSdkServer({ handles: [broken] });
  v1 = new Knock({ apiKey: server.secretKey, baseURL: server.url });
});

const listed = async (query: Parameters<Knock["workflowRecipientRuns"]["list"]>[0]) =>
  z.array(runShape).parse(await Array.fromAsync(v1.workflowRecipientRuns.list(query)));

test("runs are listed by every filter, and told with what was decided in them", async () => {
  const done = await notify(server, {
    workflow: "new-comment",
    recipients: ["ada", "bob"],
    actor: { id: "carl" },
    tenant: "acme",
    data: { text: "hello" },
  });
  const paused = await notify(server, { workflow: "later", recipients: ["ada"], data: {}, cancellationKey: "key" });
  const failed = await notify(server, { workflow: "broken", recipients: ["#projects/7"], data: {} });
  await until(
    async () => (await listed({})).map(({ status }) => status).toSorted(),
    (statuses) => statuses.join() === "completed,completed,completed,paused",
  );
  const runsOf = async (query: Parameters<typeof listed>[0]) =>
    (await listed(query)).map(({ workflow_run_id: id, recipient }) => [id, recipient]);
  const waiting = [[paused.notification.id, "ada"]];
  expect(await runsOf({ status: ["paused"] })).toEqual(waiting);
  expect(await runsOf({ workflow: "later" })).toEqual(waiting);
  expect((await runsOf({ tenant: "acme" })).toSorted()).toEqual([
    [done.notification.id, "ada"],
    [done.notification.id, "bob"],
  ]);
  const object = [[failed.notification.id, { id: "7", collection: "projects" }]];
  expect(await runsOf({ has_errors: true })).toEqual(object);
  expect(await runsOf({ recipient: { id: "7", collection: "projects" } })).toEqual(object);
  expect(await runsOf({ recipient: "bob" })).toEqual([[done.notification.id, "bob"]]);
  expect(await runsOf({ has_errors: false })).toHaveLength(3);
  expect(await runsOf({ status: ["queued", "processing", "cancelled"] })).toEqual([]);
  expect(await runsOf({ starting_at: "2100-01-01T00:00:00Z" })).toEqual([]);
  expect(await runsOf({ ending_at: "2100-01-01T00:00:00Z", page_size: 1 })).toHaveLength(4);
  await expect(v1.workflowRecipientRuns.list({ status: ["gone" as never] })).rejects.toMatchObject({ status: 422 });

  const [late] = await listed({ workflow: "later" });
  expect(late).toMatchObject({ trigger_source: { type: "api", cancellation_key: "key" }, error_count: 0 });
  const [erred] = await listed({ has_errors: true });
  expect(erred!.error_count).toBeGreaterThan(0);
  const detail = runDetailShape.parse(await v1.workflowRecipientRuns.get(erred!.id));
  expect(detail.events).toMatchObject([{ step_ref: "feed", step_type: "inApp", status: "error" }]);
  const [ada] = await listed({ recipient: "ada", workflow: "new-comment" });
  expect(ada).toMatchObject({ actor: "carl", tenant: "acme", status: "completed" });
  const { events } = await v1.workflowRecipientRuns.get(ada!.id);
  expect(events).toMatchObject([{ event: "step.done", step_ref: "feed", status: "ok", attempt: 1 }]);
  for (const unknown of ["no-id", crypto.randomUUID()]) {
    await expect(v1.workflowRecipientRuns.get(unknown)).rejects.toMatchObject({ status: 404 });
  }
  expect(itemsOf(runShape).safeParse({ items: [], page_info: null }).success).toBe(false);
});
