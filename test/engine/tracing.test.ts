// A trace goes from the call through the passage to each delivery, and nothing happens without an SDK.
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, type ContextManager, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { sql } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { currentTraceParent, isTraced } from "../../src/engine/tracing.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: "b" })
  .email("mail", { subject: "s", body: "b" });
const later = workflow("later", { data: z.object({}) })
  .delay("wait", "1h")
  .email("mail", { subject: "s", body: "b" });

/** What SDKs bring along: the context follows awaits. */
class Following implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager["with"] = (active, work, self, ...args) =>
    this.#storage.run(active, () => work.call(self as never, ...args));
  bind = <T>(_context: Context, target: T): T => target;
  enable = () => this;
  disable = () => this;
}

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain, later] });
  await driven.knock.users.upsertMany(["a", "b"].map((id) => ({ id, email: `${id}@example.com` })));
});
afterEach(() => {
  trace.disable();
  context.disable();
});

function listening(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  context.setGlobalContextManager(new Following());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  return exporter;
}

const notify = async (call: { workflow: string; recipients: string[] }) =>
  accepted(await driven.knock.engine.notify(call)).notification.id;
const named = (exporter: InMemorySpanExporter, name: string): ReadableSpan[] =>
  exporter.getFinishedSpans().filter((span) => span.name === name);
const parents = () =>
  ask<{ parent: string | null }>(database, sql`select trace_parent as parent from knock.notifications order by id`);

test("without an SDK nothing is stored and nothing is asked", async () => {
  expect(isTraced()).toBe(false);
  await notify({ workflow: "plain", recipients: ["a"] });
  await driven.settle();
  expect(await parents()).toEqual([{ parent: null }]);
  expect(currentTraceParent()).toBeNull();
});

test("one trace from the caller's own span to each delivery", async () => {
  const exporter = listening();
  const id = await trace.getTracer("caller").startActiveSpan("request", async (span) => {
    const accepted = await notify({ workflow: "plain", recipients: ["a", "b"] });
    span.end();
    return accepted;
  });
  await driven.settle();
  const [request] = named(exporter, "request");
  const [call] = named(exporter, "knock.notify");
  const [passage] = named(exporter, "knock.passage");
  const deliveries = named(exporter, "knock.deliver");
  expect(call!.parentSpanContext!.spanId).toBe(request!.spanContext().spanId);
  expect(call!.attributes).toEqual({ "knock.workflow": "plain", "knock.notification": id });
  const { traceId, spanId } = call!.spanContext();
  expect(await parents()).toEqual([{ parent: `00-${traceId}-${spanId}-01` }]);
  expect(passage!.parentSpanContext).toMatchObject({ traceId, spanId });
  expect(deliveries.map(({ parentSpanContext }) => parentSpanContext)).toMatchObject([
    { traceId, spanId },
    { traceId, spanId },
  ]);
  expect(deliveries[0]!.attributes).toMatchObject({ "knock.channel": "email", "knock.outcome": "delivered" });
  expect(JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain("example.com");
});

test("what is sent long after the call belongs to it all the same", async () => {
  const exporter = listening();
  await notify({ workflow: "later", recipients: ["a"] });
  await driven.advance("1h");
  const [call] = named(exporter, "knock.notify");
  const [delivery] = named(exporter, "knock.deliver");
  const { traceId, spanId } = call!.spanContext();
  expect(delivery!.parentSpanContext).toMatchObject({ traceId, spanId });
});

test("a job for several calls is linked to each", async () => {
  const exporter = listening();
  const calls = ["a", "b", "a"].map((id) => ({ workflow: "plain", recipients: [id] }));
  await driven.knock.engine.notifyMany(calls);
  const jobs = driven.jobs.waiting().map(({ data }) => ("notifications" in data ? data.notifications.length : 0));
  await driven.settle();
  const linked = named(exporter, "knock.passage").map((span) => span.links.length || 1);
  expect(linked).toEqual(jobs);
  expect(linked.reduce((sum, each) => sum + each, 0)).toBe(3);
});

test("a refused call says why in its span", async () => {
  const exporter = listening();
  await driven.knock.engine.notify({ workflow: "nothing", recipients: ["a"] });
  expect(named(exporter, "knock.notify")[0]!.attributes).toMatchObject({ "error.type": "UNKNOWN_WORKFLOW" });
});
