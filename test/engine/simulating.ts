// Workflows to simulate, on a driven system.
import { beforeEach } from "vitest";
import { z } from "zod";
import { openOn, workflow } from "../../src/definition/author.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { SimulateOptions, Simulation } from "../../src/engine/simulate/contract.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, type Driven } from "../support/engine.ts";

const title = z.object({ title: z.string() });
const nothing = z.object({});

const comment = workflow("comment", { data: title, category: "social" })
  .inApp("feed", { body: ({ data, actor }) => `${actor?.name ?? "Somebody"} commented on ${data.title}` })
  .batch("digest", { window: "5m" })
  .email("mail", {
    subject: ({ steps }) => `${steps.digest.count} comments`,
    body: ({ steps }) => steps.digest.activities.map(({ data }) => data.title).join(", "),
    sendWindow: openOn("10:00", "18:00"),
  });

const asking = workflow("asking", { data: nothing })
  .fetch("plan", { url: "https://example.com/plan", response: z.object({ plan: z.email() }) })
  .fetch("known", { url: "https://example.com/known", response: z.object({ n: z.number() }), example: { n: 7 } })
  .inApp("feed", { body: ({ steps }) => `${steps.plan.data?.plan} ${steps.known.data?.n}` });

const waiting = workflow("waiting", { data: nothing })
  .email("mail", { subject: "Pay", body: "Please." })
  .waitFor("look", { message: "mail", status: "read", timeout: "1h" })
  .waitFor("paid", { event: "order.paid", match: () => ({ order: 7 }), timeout: "1d" })
  .inApp("feed", { body: ({ steps }) => JSON.stringify([steps.look.matched, steps.paid.event, steps.mail.read]) });

const limited = workflow("limited", { data: nothing })
  .throttle("limit", { window: "1h", limit: 2 })
  .inApp("feed", { body: "Once in a while." });

const starting = workflow("starting", { data: nothing })
  .updateUser("mark", { properties: { started: true } })
  .notify("more", comment, { data: { title: "nested" } })
  .notify("all", limited, { lists: ["team"] });

const failing = workflow("failing", { data: nothing })
  .inApp("feed", {
    body() {
      throw new Error("no template today");
    },
  })
  .onFailure((w) => w.inApp("sorry", { body: ({ failure }) => `Sorry: ${failure.reason}` }));

const crowding = workflow("crowding", { data: nothing }).notify("all", limited, { recipients: ["ada"] });

const prototypical = workflow("constructor", { data: nothing }).fetch("constructor", {
  url: "https://example.com/",
  response: z.object({ n: z.number() }),
  example: { n: 1 },
});

const handles = [comment, asking, waiting, limited, starting, failing, crowding, prototypical];

export let database: Database;
export let driven: Driven;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles });
  await driven.knock.users.upsertMany([
    { id: "ada", name: "Ada", email: "ada@example.com" },
    { id: "bob", name: "Bob" },
  ]);
});

export async function simulated(call: NotifyCall, options?: SimulateOptions): Promise<Simulation> {
  const outcome = await driven.knock.engine.simulate(call, options);
  if (!outcome.ok) throw outcome.error;
  return outcome.simulation;
}

export async function refusal(call: NotifyCall, options?: SimulateOptions) {
  const outcome = await driven.knock.engine.simulate(call, options);
  if (outcome.ok) throw new Error("not refused");
  return outcome.error;
}

export const of = ({ courses }: Simulation, recipient: string, key?: string) =>
  courses.find((course) => course.recipientId === recipient && (key === undefined || course.workflow === key))!;

export const decisions = ({ steps }: Simulation["courses"][number]) =>
  steps.map(({ ref, outcome, code }) => [ref, outcome, code].filter(Boolean).join(" "));

export const body = ({ messages }: Simulation["courses"][number], step: string) =>
  messages.find((message) => message.step === step)?.content.body;
