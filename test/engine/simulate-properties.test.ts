// What a simulation says is what the engine then does.
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { Duration } from "../../src/base/duration.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { sent } from "../../src/channels/outcome.ts";
import type { HttpClient } from "../../src/channels/network.ts";
import { channelTypes } from "../../src/channels/messages.ts";
import { inTransaction } from "../../src/engine/context.ts";
import { accept } from "../../src/engine/notify/accept.ts";
import { prepare } from "../../src/engine/notify/prepare.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Course, Simulation } from "../../src/engine/simulate/contract.ts";
import { note } from "../../src/engine/trace.ts";
import type { Database } from "../../src/store/database.ts";
import type { TraceEntry } from "../../src/store/schema/runs.ts";
import { putPreferenceSet, type PreferenceSetKey } from "../../src/store/preference-sets.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { preferenceSet } from "../definition/arbitrary-preferences.ts";
import { driver, testDatabase } from "../support/database.ts";
import { drive, type Driven } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { answers, buildWorkflows, data, keys, lists, people, workflowSpec } from "./arbitrary-workflows.ts";

/** Simulations: `SIMULATIONS=1000` makes more of them, and tells what was in them. */
const RUNS = Number(process.env.SIMULATIONS ?? (driver === "pglite" ? 80 : 40));

const zone = fc.constantFrom(null, "Europe/Zurich", "America/New_York", "Pacific/Apia");
const maybeSet = fc.option(preferenceSet, { freq: 3 });

const call = fc.record({
  workflow: fc.constantFrom(keys[0], keys[0], keys[0], ...keys),
  recipients: fc.uniqueArray(fc.constantFrom(...people), { minLength: 1, maxLength: 3 }),
  lists: fc.subarray([...lists]),
  actor: fc.constantFrom(null, "ada", "bob"),
  tenant: fc.constantFrom(null, "acme"),
  data,
});

const story = fc.record({
  specs: fc.tuple(workflowSpec, workflowSpec, workflowSpec),
  start: fc.constantFrom(
    "2026-01-05T09:00:00Z",
    "2026-03-28T23:58:00Z",
    "2026-10-24T22:00:00Z",
    "2026-06-30T12:34:56Z",
  ),
  zones: fc.record({ ada: zone, bob: zone, tenant: zone }),
  plan: fc.constantFrom("pro", "free", null),
  sets: fc.record({ ada: maybeSet, bob: maybeSet, adaAtAcme: maybeSet, tenant: maybeSet, environment: maybeSet }),
  before: fc.array(fc.record({ call, pause: fc.constantFrom("0s", "0s", "1m", "3m", "2h") }), {
    maxLength: 3,
    size: "max",
  }),
  call,
  inline: fc.boolean(),
  event: fc.option(fc.record({ after: fc.constantFrom("2m", "7m"), kind: fc.constantFrom("a", "b") })),
});

type Story = typeof story extends fc.Arbitrary<infer Told> ? Told : never;

let database: Database;
let tables: string[];
beforeAll(async () => {
  database = await testDatabase();
  const found = await ask<{ name: string }>(
    database,
    sql`select tablename as name from pg_tables where schemaname = 'knock' order by 1`,
  );
  tables = found.map(({ name }) => name);
});

const network = (fetches: ReturnType<typeof buildWorkflows>["fetches"]): HttpClient => ({
  async request(url) {
    const { status, data: body } = answers[fetches.get(url.pathname.slice(1))!];
    return new Response(JSON.stringify(body), { status });
  },
  close() {},
});

async function begin({ specs, start, zones, plan, sets }: Story) {
  await forget();
  const { handles, fetches } = buildWorkflows(specs);
  const providers = Object.fromEntries(channelTypes.map((type) => [type, capture(type, { answer: () => sent() })]));
  const driven = await drive({
    database,
    handles,
    clock: virtualClock(start),
    fetchClient: network(fetches),
    providers: { ...providers, chat: null },
    sandboxed: ["sms"],
    ...(sets.environment && { preferences: sets.environment }),
  });
  const { knock, clock } = driven;
  const properties = plan === null ? {} : { plan };
  await knock.users.upsertMany([
    { id: "ada", name: "Ada", email: "ada@example.com", phoneNumber: "+41790000000", timezone: zones.ada, properties },
    { id: "bob", name: "Bob", timezone: zones.bob, channelData: { push: { tokens: ["t"] } } },
    { id: "cy", email: "cy@example.com" },
  ]);
  await knock.lists.addMembers({
    list: "team",
    members: [{ userId: "bob", properties: { role: "lead" } }, { userId: "cy" }],
  });
  await knock.lists.addMembers({ list: "all", members: people.map((userId) => ({ userId })) });
  const at = clock.now();
  const put = async (owner: PreferenceSetKey, set: Story["sets"]["ada"]) =>
    set && putPreferenceSet(database.db, owner, set, at);
  await put({ userId: "ada" }, sets.ada);
  await put({ userId: "bob" }, sets.bob);
  await put({ userId: "ada", tenantId: "acme" }, sets.adaAtAcme);
  await put({ tenantId: "acme" }, sets.tenant);
  await ask(
    database,
    sql`insert into knock.tenants (id, properties, created_at, updated_at)
    values ('acme', ${JSON.stringify(zones.tenant ? { timezone: zones.tenant } : {})}::text::jsonb, now(), now())`,
  );
  return { driven, fetches };
}

interface SeenRun extends Record<string, unknown> {
  id: string;
  status: string;
  wakeAt: string | null;
  recipientId: string;
  state: { failure?: object; list?: string };
  trace: TraceEntry[];
}

const runsNow = () =>
  ask<SeenRun>(
    database,
    sql`select id, status, wake_at as "wakeAt", recipient_id as "recipientId", state, trace from knock.runs order by id`,
  );

interface SeenMessage extends Record<string, unknown> {
  id: string;
  runId: string;
  at: string;
  scheduledAt: string | null;
  sentAt: string | null;
}

const messagesNow = () =>
  ask<SeenMessage>(
    database,
    sql`select id, run_id as "runId", step, channel, channel_type as "channelType", address as "to", content, status,
      created_at as at, scheduled_at as "scheduledAt", sent_at as "sentAt" from knock.messages order by id`,
  );

const time = (text: string | null) => (text === null ? null : new Date(text));

/** The trace that a run ends with, from the one it had. */
function traceOf({ steps }: Course, before: readonly TraceEntry[]): TraceEntry[] {
  const trace = [...before];
  for (const { at, ...entry } of steps) note(trace, entry, at);
  return trace;
}

/** Every row of every table of ours, with one statement. */
async function everything(): Promise<string> {
  const all = tables.map(
    (name) => sql`select ${name}::text as name, to_jsonb(t)::text as row from ${sql.raw(`knock.${name}`)} as t`,
  );
  return JSON.stringify(await ask(database, sql`${sql.join(all, sql` union all `)} order by 1, 2`));
}

/** Empties all tables. They hold few rows: truncating each of them would take a third of the whole time. */
async function forget(): Promise<void> {
  const all = tables.map((name) => sql.raw(`${name}_gone as (delete from knock.${name})`));
  await ask(database, sql`with ${sql.join(all, sql`, `)} select`);
}

/** Ends what waits in reality and is none of the simulation's business. */
async function endOthers(simulation: Simulation): Promise<void> {
  const ours = simulation.courses.filter(({ existing }) => existing).map(({ runId }) => runId);
  await ask(
    database,
    sql`update knock.runs set status = 'cancelled', wake_at = null where status = 'waiting' and id <> all(${sql.param(ours)}::uuid[])`,
  );
  await ask(
    database,
    sql`update knock.messages set next_attempt_at = null, status = 'not_sent' where status = 'queued'`,
  );
}

/** The same call under the id that the simulation gave it. */
async function notifyAs({ knock }: Driven, id: string, given: NotifyCall): Promise<void> {
  const { internals } = knock.engine;
  const prepared = await prepare(given, internals);
  if (!prepared.ok) throw prepared.error;
  const [outcome] = await inTransaction(internals, (work) => accept(internals, work, [{ ...prepared, id }]));
  if (!outcome!.ok) throw outcome!.error;
}

async function simulated(
  driven: Driven,
  given: NotifyCall,
  { event }: Story,
  fetches: ReturnType<typeof buildWorkflows>["fetches"],
) {
  const events = event
    ? [{ name: "paid", match: { kind: event.kind }, data: { bb: 1, a: 2 }, after: event.after as Duration }]
    : [];
  const fetch = Object.fromEntries([...fetches].map(([ref, answer]) => [ref, answers[answer]]));
  const outcome = await driven.knock.engine.simulate(given, { first: 1_000, assume: { fetch, events } });
  if (!outcome.ok) throw outcome.error;
  return outcome.simulation;
}

const seen = { simulations: 0, courses: 0, existing: 0, messages: 0, kinds: new Map<string, number>() };

function count({ courses }: Simulation): void {
  seen.simulations += 1;
  seen.courses += courses.length;
  seen.existing += courses.filter(({ existing }) => existing).length;
  seen.messages += courses.reduce((sum, { messages }) => sum + messages.length, 0);
  for (const { kind, outcome, code } of courses.flatMap(({ steps }) => steps)) {
    const name = [kind, outcome, code].filter(Boolean).join(" ");
    seen.kinds.set(name, (seen.kinds.get(name) ?? 0) + 1);
  }
}

async function play(told: Story): Promise<void> {
  const { driven, fetches } = await begin(told);
  const { knock } = driven;
  for (const { call: earlier, pause } of told.before) {
    await knock.engine.notify(earlier);
    await driven.settle();
    if (pause !== "0s") await driven.advance(pause as Duration);
  }
  const inline = told.inline
    ? { identify: [{ id: "stranger", email: "s@example.com", properties: { zz: 1, b: 2 } }] }
    : {};
  const given: NotifyCall = { ...told.call, ...inline };
  const before = await everything();
  const simulation = await simulated(driven, given, told, fetches);
  expect(await everything()).toBe(before);
  count(simulation);
  const known = new Map((await runsNow()).map((run) => [run.id, run]));
  const messagesBefore = new Set((await messagesNow()).map(({ id }) => id));
  await endOthers(simulation);
  const root = simulation.courses.find(({ via, existing }) => via.length === 0 && !existing);
  // Nobody is left when the only member of a list is the actor.
  if (!root) return;
  await notifyAs(driven, root.notificationId, given);
  if (told.event) {
    await driven.advance(told.event.after as Duration);
    await knock.signalEvent("paid", { kind: told.event.kind }, { bb: 1, a: 2 });
  }
  await driven.advance("366d");

  const ours = new Set(simulation.courses.map(({ runId }) => runId));
  const runs = (await runsNow()).filter(({ id }) => ours.has(id) || !known.has(id));
  expect(
    simulation.courses
      .map((course) => ({
        id: course.runId,
        recipient: course.recipientId,
        status: course.status,
        wakeAt: course.wakeAt,
        failure: course.failure,
        list: course.list,
        trace: traceOf(course, known.get(course.runId)?.trace ?? []),
      }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  ).toEqual(
    runs.map(({ id, recipientId, status, wakeAt, state, trace }) => ({
      id,
      recipient: recipientId,
      status,
      wakeAt: time(wakeAt),
      failure: state.failure ?? null,
      list: state.list ?? null,
      trace,
    })),
  );
  const messages = simulation.courses.flatMap(({ runId, messages: made }) =>
    made.map((message) => ({ runId, ...message })),
  );
  expect(messages.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual(
    (await messagesNow())
      .filter(({ id }) => !messagesBefore.has(id))
      .map(({ at, scheduledAt, sentAt, ...message }) => ({
        ...message,
        at: time(at),
        scheduledAt: time(scheduledAt),
        sentAt: time(sentAt),
      })),
  );
  await knock.stop();
}

test("the simulated course is what then happens", { timeout: 900_000 }, async () => {
  await fc.assert(fc.asyncProperty(story, play), { numRuns: RUNS });
  expect(Math.min(seen.courses, seen.messages)).toBeGreaterThan(RUNS / 2);
  if (process.env.SIMULATIONS) console.log(seen, JSON.stringify(Object.fromEntries(seen.kinds), null, 1));
});
