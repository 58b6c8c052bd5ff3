// Random structures with steps of every kind, and the same with one thing changed.
import fc from "fast-check";
import type { Step, Structure } from "../../src/registry/structure.ts";

type Members = Record<string, fc.Arbitrary<unknown>>;

const hour = fc.integer({ min: 1, max: 5 }).map((hours) => hours * 3_600_000);
const text = fc.oneof(
  fc.constantFrom("a", "b", "c"),
  fc.constantFrom("a", "b").map((end) => `${"long ".repeat(40)}${end}`),
);
const path = fc.constantFrom("data.a", "data.b", "recipient.plan");
const condition = fc.oneof(
  fc.record({ op: fc.constantFrom("eq", "gt"), ref: path, to: fc.record({ value: fc.constantFrom("a", 1) }) }),
  fc.record({ op: fc.constant("code"), label: text }),
  fc.record({
    op: fc.constantFrom("all", "any"),
    of: fc.array(fc.record({ op: fc.constantFrom("empty", "exists"), ref: path }), { maxLength: 2 }),
  }),
);
const when = fc.option(condition);
const span = fc.oneof(
  hour.map((ms) => ({ for: ms })),
  fc.record({ at: path, offset: fc.constantFrom(0, 60_000, -60_000) }),
  fc.record({
    rule: fc.record(
      {
        frequency: fc.constant("monthly"),
        minutes: fc.nat(2),
        hours: fc.nat(2),
        dayOfMonth: fc.integer({ min: 1, max: 3 }),
        days: fc.constantFrom(["monday"], ["monday", "friday"]),
      },
      { requiredKeys: ["frequency", "minutes"] },
    ),
  }),
);
const slot = fc.oneof(
  text.map((value) => ({ text: value })),
  text.map((liquid) => ({ liquid })),
  fc.constant("code"),
  fc.array(fc.nat(2), { maxLength: 2 }).map((json) => ({ json })),
);
const slots = fc.dictionary(fc.constantFrom("title", "body", "url"), slot, { noNullPrototype: true });
const retry = fc.option(fc.record({ attempts: fc.integer({ min: 1, max: 3 }), backoff: hour }));
const key = fc.option(fc.uniqueArray(path, { minLength: 1 }));
const sendWindow = fc.option(
  fc.dictionary(
    fc.constantFrom("monday", "tuesday", "sunday"),
    fc.record({ from: fc.constantFrom("08:00", "09:00"), until: fc.constant("17:00") }),
    { minKeys: 1, noNullPrototype: true },
  ),
);
const schema = fc.record({
  type: fc.constant("object"),
  properties: fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom({ type: "string" }, { type: "number" }), {
    noNullPrototype: true,
  }),
});
const way = fc.constantFrom("continue", "halt");
const names = fc
  .subarray(["p", "q", "r"], { minLength: 1 })
  .chain((list) => fc.shuffledSubarray(list, { minLength: 1 }));

const channel: Members = { when, channel: fc.option(fc.constantFrom("x", "y")), sendWindow, retry, slots };

/** Members of each kind but for the steps inside. */
const kinds: Record<Step["kind"], Members> = {
  inApp: channel,
  email: channel,
  sms: channel,
  push: channel,
  chat: channel,
  webhook: channel,
  delay: { when, wait: span },
  batch: {
    when,
    key,
    window: span,
    sliding: fc.option(fc.record({ limit: hour })),
    maxItems: fc.option(fc.nat(3)),
    order: fc.constantFrom("asc", "desc"),
    take: fc.nat(3),
    flushLeading: fc.boolean(),
  },
  throttle: { when, key, window: span, limit: fc.nat(3), onBreach: fc.constantFrom("halt", "skip") },
  branch: {
    arms: names.chain((list) =>
      fc.tuple(...list.map((name) => fc.record({ name: fc.constant(name), when: condition, steps: fc.constant([]) }))),
    ),
    otherwise: fc.option(fc.constant([])),
  },
  cohort: {
    when,
    by: key,
    cohorts: names.chain((list) =>
      fc.tuple(
        ...list.map((name) => fc.record({ name: fc.constant(name), weight: fc.nat(3), steps: fc.constant([]) })),
      ),
    ),
  },
  fetch: { when, method: fc.constantFrom("GET", "POST"), timeout: hour, retry, slots, response: schema },
  waitFor: {
    when,
    on: fc.oneof(
      fc.record({
        event: text,
        match: fc.dictionary(
          fc.constantFrom("x", "y"),
          fc.oneof(
            path.map((at) => ({ path: at })),
            fc.nat(2).map((value) => ({ value })),
          ),
          { noNullPrototype: true },
        ),
      }),
      fc.record({ message: fc.constantFrom("f", "g"), status: fc.constantFrom("seen", "read") }),
    ),
    timeout: span,
    onMatch: way,
    onTimeout: way,
    timedOut: fc.option(fc.constant([])),
  },
  updateUser: { when, retry, slots },
  notify: { when, workflow: text, retry, slots },
};

const stepOf = (kind: Step["kind"]): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant(kind), ref: fc.constant(""), ...kinds[kind] }) as unknown as fc.Arbitrary<Step>;
const allKinds = Object.keys(kinds) as Step["kind"][];
export const step: fc.Arbitrary<Step> = fc.oneof(...allKinds.map(stepOf));

const settings: Members = {
  name: text,
  description: fc.option(text),
  categories: fc.subarray(["x", "y"]),
  required: fc.boolean(),
  commercial: fc.boolean(),
  onInvalidData: fc.option(fc.constantFrom("reject", "warn")),
  data: schema,
  when,
  onFailure: fc.option(fc.constant([])),
};

/** The lists of steps in which a step may stand. */
function listsOf(structure: Structure): Step[][] {
  const lists: Step[][] = [structure.steps, ...(structure.onFailure ? [structure.onFailure] : [])];
  for (const list of lists) {
    for (const inner of list) {
      if (inner.kind === "branch")
        lists.push(...inner.arms.map((arm) => arm.steps), ...(inner.otherwise ? [inner.otherwise] : []));
      if (inner.kind === "cohort") lists.push(...inner.cohorts.map((cohort) => cohort.steps));
      if (inner.kind === "waitFor" && inner.timedOut) lists.push(inner.timedOut);
    }
  }
  return lists;
}

function insert(structure: Structure, added: Step, [list, place]: [number, number]): void {
  const lists = listsOf(structure);
  const steps = lists[list % lists.length]!;
  steps.splice(place % (steps.length + 1), 0, structuredClone(added));
}

export const structure: fc.Arbitrary<Structure> = fc
  .tuple(
    fc.record({ key: fc.constant("w"), ...settings }),
    fc.array(fc.tuple(step, fc.nat(20), fc.nat(5)), { minLength: 1, maxLength: 8 }),
  )
  .map(([given, steps]) => {
    const made = structuredClone({ ...given, steps: [] as Step[] }) as unknown as Structure;
    steps.forEach(([added, list, place], index) => insert(made, { ...added, ref: `s${index}` }, [list, place]));
    return made;
  });

type Change = (structure: Structure) => void;

/** Stands for the steps of a structure that has none. */
const NOTHING: Step = { kind: "delay", ref: "none", when: null, wait: { for: 1 } };

const pick = (given: Structure, number: number): { list: Step[]; at: number } => {
  const lists = listsOf(given).filter((list) => list.length > 0);
  const list = lists[number % lists.length] ?? [structuredClone(NOTHING)];
  return { list, at: number % list.length };
};

const onMember: fc.Arbitrary<Change> = fc.tuple(fc.nat(50), fc.constantFrom(...allKinds)).chain(([number, kind]) =>
  fc.record(kinds[kind]).chain((members) =>
    fc.constantFrom(...Object.keys(members)).map((name) => (given: Structure) => {
      // A step of the kind is looked for, so that each setting of each kind has its turn.
      const steps = listsOf(given)
        .flat()
        .filter((found) => found.kind === kind);
      const chosen = steps[number % steps.length] as unknown as Record<string, unknown> | undefined;
      if (chosen) chosen[name] = structuredClone((members as Record<string, unknown>)[name]);
    }),
  ),
);

export const oneChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: onMember },
  fc.record(settings).chain((members) =>
    fc.constantFrom(...Object.keys(members)).map((name) => (given: Structure) => {
      (given as unknown as Record<string, unknown>)[name] = structuredClone((members as Record<string, unknown>)[name]);
    }),
  ),
  fc.nat(50).map((number) => (given: Structure) => {
    const { list, at } = pick(given, number);
    list.splice(at, 1);
  }),
  fc.tuple(step, fc.nat(20), fc.nat(5)).map(
    ([added, list, place]) =>
      (given: Structure) =>
        insert(given, { ...added, ref: "new" }, [list, place]),
  ),
  fc.tuple(fc.nat(50), fc.nat(20), fc.nat(5)).map(([number, to, place]) => (given: Structure) => {
    const { list, at } = pick(given, number);
    const [moved] = list.splice(at, 1);
    insert(given, moved!, [to, place]);
  }),
  fc.tuple(fc.nat(50), step).map(([number, fresh]) => (given: Structure) => {
    const { list, at } = pick(given, number);
    list[at] = { ...structuredClone(fresh), ref: list[at]!.ref };
  }),
);
