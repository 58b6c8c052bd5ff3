// Random workflows: every kind of step, ways inside ways, and what makes steps fail. Content shows all that it reads,
// so that a difference anywhere is a difference of a message.
import fc from "fast-check";
import { z } from "zod";
import { code, eq, openOn, workflow, type Ref, type WorkflowHandle } from "../../src/definition/author.ts";
import type { RunScope } from "../../src/engine/run-scope.ts";
import { names } from "../definition/arbitrary-preferences.ts";

/** The keys of the workflows; each may start those after it. The first two are spoken of by random preferences. */
export const keys = ["comment", "constructor", "follow-up"] as const;

export const people = ["ada", "bob", "cy", "stranger"] as const;
export const lists = ["team", "all"] as const;

/** The data of each of them. */
export const data = fc.record(
  {
    kind: fc.constantFrom("a", "b"),
    project: fc.constantFrom("p1", "p2"),
    due: fc.constantFrom("3m", "2026-03-29T00:30:00Z", "2026-01-01T00:00:00Z", "rubbish", null),
    zeta: fc.record({ bb: fc.nat(9), a: fc.nat(9) }),
  },
  { noNullPrototype: true },
);

const schema = z.object({
  kind: z.string(),
  project: z.string(),
  due: z.string().nullable(),
  zeta: z.object({ bb: z.number(), a: z.number() }),
});

type When = "kindA" | "notBob" | "code" | "hasPlan" | null;
type Failing = "always" | "firstTime" | null;
interface Timing {
  window: string | object;
  key: boolean;
}

/** A step as data: what it is called is decided when it is built. */
export type StepSpec =
  | { kind: "message"; type: string; when: When; failing: Failing; held: boolean }
  | { kind: "delay"; wait: string | object; when: When }
  | ({
      kind: "batch";
      sliding: boolean;
      maxItems: number | null;
      order: "asc" | "desc";
      take: number;
      flushLeading: boolean;
      when: When;
    } & Timing)
  | ({ kind: "throttle"; limit: number; onBreach: "halt" | "skip"; when: When } & Timing)
  | { kind: "branch"; arms: { when: When; steps: StepSpec[] }[]; otherwise: StepSpec[] | null }
  | { kind: "cohort"; ways: StepSpec[][]; byKind: boolean }
  | { kind: "fetch"; answer: "good" | "unfit" | "down" | "gone"; when: When }
  | { kind: "waitForEvent"; timeout: string; onMatch: string; onTimeout: string; way: StepSpec[] | null; when: When }
  | { kind: "waitForMessage"; status: string; timeout: string; onMatch: string; way: StepSpec[] | null }
  | { kind: "updateUser"; change: "timezone" | "email" | "properties" | "bad"; when: When }
  | { kind: "notify"; target: number; to: "same" | "others" | "list" | "inline" | "nobody"; bad: boolean; when: When };

const when = fc.constantFrom<When>(null, null, null, null, null, null, "kindA", "notBob", "code", "hasPlan");
const way = fc.constantFrom("continue", "continue", "halt");
const window = fc.constantFrom("1m", "5m", "2h", "1d", { frequency: "daily", hours: 9 }, { due: true });

const batch = fc.record({
  kind: fc.constant("batch" as const),
  window,
  key: fc.boolean(),
  sliding: fc.boolean(),
  maxItems: fc.constantFrom(null, 2, 3),
  order: fc.constantFrom("asc" as const, "desc" as const),
  take: fc.constantFrom(1, 2, 10),
  flushLeading: fc.boolean(),
  when,
});

const throttle = fc.record({
  kind: fc.constant("throttle" as const),
  window,
  key: fc.boolean(),
  limit: fc.constantFrom(1, 2),
  onBreach: fc.constantFrom("halt" as const, "skip" as const),
  when,
});

const steps = fc.letrec<{ steps: StepSpec[]; step: StepSpec }>((tie) => ({
  steps: fc.array(tie("step"), { minLength: 1, maxLength: 5, size: "max", depthIdentifier: "way" }),
  step: fc.oneof(
    { maxDepth: 2, depthIdentifier: "way" },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("message" as const),
        type: fc.constantFrom("inApp", "inApp", "email", "email", "sms", "push", "chat", "webhook"),
        when,
        failing: fc.constantFrom<Failing>(null, null, null, null, null, null, null, null, "always", "firstTime"),
        held: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("delay" as const), wait: window, when }) },
    { weight: 3, arbitrary: batch },
    { weight: 2, arbitrary: throttle },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("fetch" as const),
        answer: fc.constantFrom("good" as const, "good" as const, "unfit" as const, "down" as const, "gone" as const),
        when,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("updateUser" as const),
        change: fc.constantFrom("timezone" as const, "email" as const, "properties" as const, "bad" as const),
        when,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("notify" as const),
        target: fc.nat(2),
        to: fc.constantFrom(
          "same" as const,
          "same" as const,
          "others" as const,
          "list" as const,
          "inline" as const,
          "nobody" as const,
        ),
        bad: fc.constantFrom(false, false, false, false, false, true),
        when,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("branch" as const),
        arms: fc.array(fc.record({ when, steps: tie("steps") }), { minLength: 1, maxLength: 2 }),
        otherwise: fc.option(tie("steps")),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("cohort" as const),
        ways: fc.array(tie("steps"), { minLength: 2, maxLength: 2 }),
        byKind: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("waitForEvent" as const),
        timeout: fc.constantFrom("4m", "1h"),
        onMatch: way,
        onTimeout: way,
        way: fc.option(tie("steps")),
        when,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("waitForMessage" as const),
        status: fc.constantFrom("sent", "delivered", "read", "seen"),
        timeout: fc.constantFrom("4m", "1h"),
        onMatch: way,
        way: fc.option(tie("steps")),
      }),
    },
  ) as fc.Arbitrary<StepSpec>,
})).steps;

/** A workflow as data. */
export const workflowSpec = fc.record({
  /** What all runs come to, so that they often meet there. */
  first: fc.oneof(fc.constant(null), batch, throttle),
  steps,
  onFailure: fc.option(steps, { freq: 2 }),
  categories: fc.subarray([...names.categories]),
  required: fc.constantFrom(false, false, false, false, true),
  commercial: fc.constantFrom(false, false, true),
  when: fc.constantFrom<When>(null, null, null, null, null, null, "kindA", "hasPlan"),
});

/** A workflow as data. */
export type WorkflowSpec = typeof workflowSpec extends fc.Arbitrary<infer Spec> ? Spec : never;

/** The chain without its types, which cannot follow steps that nobody knows yet. */
type Loose = Record<string, (...given: unknown[]) => Loose>;

interface Selected {
  data: { kind: Ref<string>; due: Ref<string> };
  recipient: { id: Ref<string>; plan: Ref<string> };
}

const whens: Record<Exclude<When, null>, unknown> = {
  kindA: ({ data: read }: Selected) => eq(read.kind, "a"),
  notBob: code("it is not Bob", ({ recipient }: RunScope) => recipient.id !== "bob"),
  code: code("the minute is even", ({ now }: RunScope) => new Date(now).getUTCMinutes() % 2 === 0),
  hasPlan: code("there is a plan", ({ recipient }: RunScope) => (recipient as { plan?: string }).plan === "pro"),
};

const conditional = (given: When) => (given === null ? {} : { when: whens[given] });

const windowOf = (given: string | object) =>
  typeof given === "object" && "due" in given ? { until: ({ data: read }: Selected) => read.due } : given;

const keyOf = (given: boolean) => (given ? { key: ({ data: read }: Selected) => read.kind } : {});

function shown(failing: Failing, scope: RunScope): string {
  if (failing === "always") throw new Error("this text always fails");
  // What is tried again is tried at another second.
  if (failing === "firstTime" && new Date(scope.now).getUTCSeconds() === 0) throw new Error("not in this second");
  return JSON.stringify(scope);
}

function messageOf(
  chain: Loose,
  ref: string,
  { type, failing, when: given, held }: Extract<StepSpec, { kind: "message" }>,
) {
  const body = (scope: RunScope) => shown(failing, scope);
  const held9to10 = held ? { sendWindow: openOn("09:00", "10:00") } : {};
  const content: Record<string, object> = {
    email: { subject: ({ workflow: { key } }: RunScope) => key, text: body, html: "<p>Hello</p>" },
    webhook: { body: (scope: RunScope) => JSON.parse(shown(failing, scope)) as object },
  };
  return chain[type]!(ref, { ...(content[type] ?? { body }), ...conditional(given), ...held9to10 });
}

const nested = (target: string, { to, bad }: Extract<StepSpec, { kind: "notify" }>) => {
  const whom: Record<typeof to, object> = {
    same: {},
    others: { recipients: ["bob", "cy"] },
    list: { lists: ["team"] },
    inline: { recipients: () => [{ id: "cy", properties: { made: target } }, "ada"] },
    nobody: { recipients: () => [] },
  };
  return { ...whom[to], data: ({ data: given }: RunScope) => (bad ? { kind: 7 } : given) };
};

const changes: Record<Extract<StepSpec, { kind: "updateUser" }>["change"], object> = {
  timezone: { timezone: "America/New_York" },
  email: { email: ({ recipient }: RunScope) => (recipient.email === null ? "new@example.com" : null) },
  properties: { properties: ({ data: given }: RunScope) => ({ zz: { bb: given, a: 1 }, plan: "pro" }) },
  bad: { timezone: () => "Nowhere/AtAll" },
};

/** What a call asks for decides the answer. */
export const answers = {
  good: { status: 200, data: { plan: "pro", deep: { bb: 1, a: 2 } } },
  unfit: { status: 200, data: { plan: 7 } },
  down: { status: 503, data: null },
  gone: { status: 404, data: null },
} as const;

const answerSchema = z.object({
  plan: z.string(),
  deep: z.object({ bb: z.number(), a: z.number() }),
  added: z.number().default(3),
});

/** How workflows are built, and what was found on the way. */
interface Building {
  prefix: string;
  count: number;
  handles: WorkflowHandle[];
  /** Refs of fetch steps, with what they are answered. */
  fetches: Map<string, keyof typeof answers>;
  /** Refs of steps that make messages and stand before, on every way. */
  messages: string[];
}

function inside(chain: unknown, given: readonly StepSpec[], building: Building): Loose {
  const before = [...building.messages];
  const built = given.reduce((soFar, step) => add(soFar, step, building), chain as Loose);
  building.messages = before;
  return built;
}

function add(chain: Loose, step: StepSpec, building: Building): Loose {
  const ref = `${building.prefix}${++building.count}`;
  const ways = (given: readonly StepSpec[]) => (inner: unknown) => inside(inner, given, building);
  switch (step.kind) {
    case "message":
      building.messages.push(ref);
      return messageOf(chain, ref, step);
    case "delay":
      return chain.delay!(ref, {
        ...(typeof step.wait === "string" ? { for: step.wait } : (windowOf(step.wait) as object)),
        ...conditional(step.when),
      });
    case "batch": {
      const { sliding, maxItems, order, take, flushLeading } = step;
      const slides = sliding && typeof step.window === "string" ? { sliding: { limit: "3d" } } : {};
      const most = maxItems === null ? {} : { maxItems };
      return chain.batch!(ref, {
        window: windowOf(step.window),
        ...keyOf(step.key),
        ...slides,
        ...most,
        order,
        take,
        flushLeading,
        ...conditional(step.when),
      });
    }
    case "throttle":
      return chain.throttle!(ref, {
        window: windowOf(step.window),
        ...keyOf(step.key),
        limit: step.limit,
        onBreach: step.onBreach,
        ...conditional(step.when),
      });
    case "branch":
      return chain.branch!(ref, (b: Loose) => {
        const arms = step.arms.reduce(
          (soFar, arm, index) => soFar.when!(`arm${index}`, whens[arm.when ?? "kindA"], ways(arm.steps)),
          b,
        );
        return step.otherwise ? arms.otherwise!(ways(step.otherwise)) : arms;
      });
    case "cohort": {
      const by = step.byKind ? { by: ({ data: read }: Selected) => read.kind } : {};
      return chain.cohort!(
        ref,
        (c: Loose) => step.ways.reduce((soFar, one, index) => soFar.cohort!(`way${index}`, index + 1, ways(one)), c),
        by,
      );
    }
    case "fetch":
      building.fetches.set(ref, step.answer);
      return chain.fetch!(ref, {
        url: `https://example.com/${ref}`,
        response: answerSchema,
        ...conditional(step.when),
      });
    case "waitForEvent": {
      const { timeout, onMatch, onTimeout, way: after } = step;
      const ends = after ? { timedOut: ways(after) } : { onTimeout };
      return chain.waitFor!(ref, {
        event: "paid",
        match: ({ data: read }: Selected) => ({ kind: read.kind }),
        timeout,
        onMatch,
        ...ends,
        ...conditional(step.when),
      });
    }
    case "waitForMessage": {
      const message = building.messages.at(-1);
      if (message === undefined) return chain.inApp!(ref, { body: "first" });
      const { status, timeout, onMatch, way: after } = step;
      return chain.waitFor!(ref, { message, status, timeout, onMatch, ...(after ? { timedOut: ways(after) } : {}) });
    }
    case "updateUser":
      return chain.updateUser!(ref, { ...changes[step.change], ...conditional(step.when) });
    case "notify": {
      const target = building.handles[step.target % Math.max(1, building.handles.length)];
      return target
        ? chain.notify!(ref, target, { ...nested(target.key, step), ...conditional(step.when) })
        : chain.inApp!(ref, { body: "last" });
    }
  }
}

/** Workflows from their data: each may start those that are built before it, so the last one comes first. */
export function buildWorkflows(specs: readonly WorkflowSpec[]) {
  const handles: WorkflowHandle[] = [];
  const fetches = new Map<string, keyof typeof answers>();
  for (const [index, key] of [...keys.entries()].toReversed()) {
    const { first, steps: others, onFailure, when: held, categories: category, required, commercial } = specs[index]!;
    const given = first ? [first, ...others] : others;
    const building = { prefix: `s${index}x`, count: 0, handles: [...handles], fetches, messages: [] };
    const begun = workflow(key, { data: schema, category, required, commercial, ...(conditional(held) as object) });
    const chain = inside(begun, given, building);
    const whole = onFailure ? chain.onFailure!((inner: unknown) => inside(inner, onFailure, building)) : chain;
    handles.push(whole as unknown as WorkflowHandle);
  }
  return { handles, fetches };
}
