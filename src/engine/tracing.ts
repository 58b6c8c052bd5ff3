// Spans for OpenTelemetry. Whoever registers an SDK sees them; without one this costs a look at whether there is one.
import {
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { traceParentsOfMessages, traceParentsOfNotifications } from "../store/trace-parents.ts";
import type { Internals } from "./context.ts";

const NAME = "knock";
const PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Whether an SDK is registered: the API's own provider has a delegate then, or has been replaced. */
export function isTraced(): boolean {
  const provider = trace.getTracerProvider();
  if (!("getDelegateTracer" in provider)) return true;
  return (provider as { getDelegateTracer(name: string): unknown }).getDelegateTracer(NAME) !== undefined;
}

/** The span at hand as a W3C `traceparent`, to be stored; `null` without a valid one. */
export function currentTraceParent(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, "0")}`;
}

function spanContextOf(parent: string): SpanContext | null {
  const [, traceId, spanId, flags] = PARENT.exec(parent) ?? [];
  if (traceId === undefined || spanId === undefined) return null;
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags!, 16), isRemote: true };
  return isSpanContextValid(found) ? found : null;
}

/** What a span is about. Values must not be personal: ids and keys, no contents. */
export interface SpanOptions {
  kind: "producer" | "consumer" | "client";
  attributes: Record<string, string | number>;
  /** Stored trace parents of what is worked on: of one it becomes a part, to several it is linked. */
  parents?: readonly string[];
}

const kinds = { producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT };

/** Does work in a span of its own. */
export async function traced<Result>(
  name: string,
  { kind, attributes, parents }: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const remote = (parents ?? []).map(spanContextOf).filter((found) => found !== null);
  const links: Link[] = remote.length > 1 ? remote.map((found) => ({ context: found })) : [];
  // What comes from a job or a timer belongs to no other span of this process.
  const around = !parents
    ? context.active()
    : remote.length === 1
      ? trace.setSpanContext(ROOT_CONTEXT, remote[0]!)
      : ROOT_CONTEXT;
  const span = trace.getTracer(NAME).startSpan(name, { kind: kinds[kind], attributes, links }, around);
  try {
    return await context.with(trace.setSpan(around, span), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute("error.type", error instanceof Error ? error.name : "unknown");
    throw error;
  } finally {
    span.end();
  }
}

/** Links to so many notifications at most: a job has up to 500 of them. */
const MOST_LINKS = 100;

/** Does the job that makes runs of notifications in a span that belongs to their calls. */
export async function tracedJob(
  { database }: Pick<Internals, "database">,
  { kind, notifications }: { kind: string; notifications: readonly string[] },
  work: () => Promise<void>,
): Promise<void> {
  if (!isTraced()) return work();
  const parents = await traceParentsOfNotifications(database.db, notifications.slice(0, MOST_LINKS));
  const attributes = { "knock.job": kind, "knock.notifications": notifications.length };
  await traced(kind === "fanOut" ? "knock.fan_out" : "knock.passage", { kind: "consumer", attributes, parents }, work);
}

/** The trace parents of messages, by id; empty when nobody looks. */
export const parentsOfMessages = async (
  { database }: Pick<Internals, "database">,
  messages: readonly { id: string }[],
): Promise<ReadonlyMap<string, string>> =>
  isTraced()
    ? traceParentsOfMessages(
        database.db,
        messages.map(({ id }) => id),
      )
    : new Map();

/** Hands a message to its provider in a span that belongs to the call; `row` tells what came of it. */
export async function tracedSend<Row extends { outcome: string }>(
  message: { id: string; workflow: string; channel: string; attempts: number },
  parent: string | undefined,
  send: () => Promise<Row>,
): Promise<Row> {
  if (!isTraced()) return send();
  const { id, workflow, channel, attempts } = message;
  const attributes = {
    "knock.message": id,
    "knock.workflow": workflow,
    "knock.channel": channel,
    "knock.attempt": attempts + 1,
  };
  const parents = parent === undefined ? [] : [parent];
  return traced("knock.deliver", { kind: "client", attributes, parents }, async (span) => {
    const row = await send();
    span.setAttribute("knock.outcome", row.outcome);
    return row;
  });
}

/** Accepts a call in a span, of which the notification keeps the trace context. */
export async function tracedNotify<
  Outcome extends { ok: true; notification: { id: string } } | { ok: false; error: { code: string } },
>(workflow: unknown, accept: () => Promise<Outcome>): Promise<Outcome> {
  if (!isTraced()) return accept();
  const attributes: SpanOptions["attributes"] = typeof workflow === "string" ? { "knock.workflow": workflow } : {};
  return traced("knock.notify", { kind: "producer", attributes }, async (span) => {
    const outcome = await accept();
    if (outcome.ok) span.setAttribute("knock.notification", outcome.notification.id);
    else span.setAttribute("error.type", outcome.error.code);
    return outcome;
  });
}
