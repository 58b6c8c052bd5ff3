// Random workflows with every kind of step and setting. What stands there is never what stands by default.
import fc from "fast-check";
import { arbitraryAnswer, arbitraryData } from "./arbitrary-schema.ts";
import type { Call, Expression } from "./expression.ts";

type Arbitrary = fc.Arbitrary<Expression>;
type Members = Record<string, Arbitrary>;

const always = (expression: Expression): Arbitrary => fc.constant(expression);
const text = (value: string): Expression => ({ kind: "text", value });
const number = (min: number, max: number): Arbitrary =>
  fc.integer({ min, max }).map((value) => ({ kind: "number", value }));
const yes = always({ kind: "flag", value: true });
const chosen = (...of: string[]): Arbitrary => fc.constantFrom(...of).map((value) => ({ kind: "choice", value, of }));
const words = fc.constantFrom("Hello", "Good bye", "It's done", "50 %").map(text);
const span = fc
  .constantFrom(1_000, 90_000, 300_000, 3_600_000, 7_200_000)
  .map((value): Expression => ({ kind: "duration", value }));
const list = (item: Arbitrary, unordered: boolean): Arbitrary =>
  fc
    .uniqueArray(item, { minLength: 1, maxLength: 3, selector: (value) => JSON.stringify(value) })
    .map((items) => ({ kind: "list", items, unordered }));

/** An object of which only some members are there. */
const object = (required: Members, optional: Members = {}, named = false): Arbitrary =>
  fc
    .record({ ...required, ...optional }, { requiredKeys: Object.keys(required) as never })
    .map((members) => ({ kind: "object", members: Object.entries(members as Record<string, Expression>), named }));

const TEXTS = ["data.t", "data.u"];
const NUMBERS = ["data.n", "data.m"];
const path = (of: readonly string[]): Arbitrary => fc.constantFrom(...of).map((value) => ({ kind: "path", value, of }));
const selecting = (body: Arbitrary): Arbitrary => body.map((inner) => ({ kind: "selector", body: inner }));
const call = (of: readonly string[], ...args: Arbitrary[]): Arbitrary =>
  fc
    .tuple(fc.constantFrom(...of), ...args)
    .map(([name, ...given]) => ({ kind: "call", name, args: given as Expression[], of }));

const days = ["monday", "tuesday", "friday", "sunday"];
const { condition } = fc.letrec<{ condition: Expression }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    call(["eq", "neq"], path(TEXTS), fc.oneof(words, path(TEXTS))),
    call(["gt", "gte", "lt", "lte"], path(NUMBERS), number(0, 9)),
    call(["exists", "notExists", "empty", "notEmpty"], path([...TEXTS, ...NUMBERS])),
    call(["isIn"], path(TEXTS), list(words, false)),
    call(["contains", "notContains"], path(TEXTS), words),
    call(["before", "after"], path(["data.at"]), call(["ago", "fromNow"], span)),
    call(["not"], tie("condition")),
    call(["all", "any"], tie("condition"), tie("condition")),
  ),
}));
const when = fc.oneof(
  selecting(condition),
  call(
    ["code"],
    fc.nat().map((value) => text(`rule ${value}`)),
    always({ kind: "content", ways: ["() => true", "({ data }) => data.n > 3"] }),
  ),
);

const function_ = always({
  kind: "content",
  ways: ["({ data }) => data.t", "() => 'Hi'", "(scope) => `${scope.data.t}!`"],
});
const slot = fc.oneof(words, call(["liquid"], fc.constantFrom("{{ data.t }}!", "{{ data.u }}?").map(text)), function_);
const json = fc.oneof(
  object({}, { a: words, b: number(1, 9), c: list(words, false) }, true),
  always({ kind: "content", ways: ["() => ({})", "({ data }) => ({ t: data.t })"] }),
);
const headers = object({ a: words }, { b: words }, true);

const brief = fc.constantFrom(1_000, 90_000).map((value): Expression => ({ kind: "duration", value }));
const retry = object({}, { attempts: number(4, 9), backoff: brief });
const opening = fc
  .tuple(fc.constantFrom("08:00", "09:00"), fc.constantFrom("17:00", "18:30"), list(chosen(...days), true))
  .map(([from, until, on]): Expression => ({ kind: "call", name: "openOn", args: [text(from), text(until), on] }));
const conditional = { when };
const sending = (type: string): Members => ({
  ...conditional,
  retry,
  sendWindow: opening,
  channel: always(text(type)),
});

const rule = fc.oneof(
  object({ frequency: chosen("hourly") }, { minutes: number(1, 58), days: list(chosen(...days), true) }),
  object(
    { frequency: chosen("daily", "weekly") },
    { hours: number(1, 22), minutes: number(1, 58), days: list(chosen(...days), true) },
  ),
  object({ frequency: chosen("monthly") }, { dayOfMonth: number(2, 30), hours: number(1, 22) }),
);
const moment = selecting(path(["data.at", "data.due"]));
const until = fc.oneof(
  object({ until: moment }),
  object({ until: moment, before: span }),
  object({ until: moment, after: span }),
);
const window = fc.oneof(span, rule, until);
const key = selecting(
  fc.oneof(
    path([...TEXTS, ...NUMBERS]),
    fc.constant<Expression>({
      kind: "list",
      items: [
        { kind: "path", value: "data.t", of: TEXTS },
        { kind: "path", value: "data.n", of: NUMBERS },
      ],
    }),
  ),
);

/** A step without its ref. */
type Step = fc.Arbitrary<{ name: string; args: readonly Expression[]; before?: Expression }>;

const step = (name: string, ...args: Arbitrary[]): Step =>
  fc.tuple(...args).map((given) => ({ name, args: given as Expression[] }));

const delays: Arbitrary = fc.oneof(
  fc
    .tuple(span)
    .map(([value]): Expression => ({ kind: "same", ways: [value, { kind: "object", members: [["for", value]] }] })),
  object({ for: span, when }),
  until,
  rule,
);

const plainSteps: Step[] = [
  step("inApp", object({ body: slot }, { title: slot, actionUrl: slot, data: json, ...sending("inApp") })),
  step(
    "email",
    object(
      { subject: slot, body: slot },
      { preheader: slot, html: slot, text: slot, from: slot, replyTo: slot, ...sending("email") },
    ),
  ),
  step("sms", object({ body: slot }, sending("sms"))),
  step("push", object({ body: slot }, { title: slot, actionUrl: slot, data: json, ...sending("push") })),
  step("chat", object({ body: slot }, sending("chat"))),
  step(
    "webhook",
    object({}, { url: slot, method: chosen("PUT", "PATCH"), headers, body: json, ...sending("webhook") }),
  ),
  step("delay", delays),
  step(
    "batch",
    object(
      { window: span },
      {
        key,
        sliding: object({ limit: fc.constant({ kind: "duration", value: 86_400_000 }) }),
        maxItems: number(2, 900),
        order: chosen("desc"),
        take: number(11, 900),
        flushLeading: yes,
        ...conditional,
      },
    ),
  ),
  step("batch", object({ window }, { key, ...conditional })),
  step("throttle", object({ window: span }, { key, limit: number(2, 9), onBreach: chosen("skip"), ...conditional })),
  step(
    "fetch",
    object(
      { url: always(text("https://example.com")), response: arbitraryAnswer },
      {
        method: chosen("PUT", "PATCH", "DELETE"),
        headers,
        body: json,
        timeout: fc.constant({ kind: "duration", value: 1_000 }),
        retry,
        ...conditional,
      },
    ),
  ),
  step(
    "waitFor",
    object(
      { event: words, timeout: window },
      {
        match: selecting(object({ a: path(TEXTS) }, { b: words }, true)),
        onMatch: chosen("halt"),
        ...conditional,
      },
    ),
  ),
  step(
    "updateUser",
    object({ name: slot }, { email: slot, locale: always(text("de")), properties: json, retry, ...conditional }),
  ),
  step(
    "notify",
    always({ kind: "content", ways: ["other"] }),
    object(
      { data: object({ title: words }, {}, true) },
      {
        recipients: list(words, false),
        lists: list(words, false),
        actor: slot,
        tenant: slot,
        cancellationKey: slot,
        retry,
        ...conditional,
      },
    ),
  ),
];

const simple = fc.oneof(...plainSteps);
const inside = (steps: readonly { name: string; args: readonly Expression[] }[], prefix: string): Call[] =>
  steps.map(({ name, args }, index) => ({ name, args: [text(`${prefix}${index}`), ...args] }));
const way = (steps: readonly { name: string; args: readonly Expression[] }[], prefix: string): Expression => ({
  kind: "way",
  parameter: "w",
  calls: inside(steps, prefix),
});
const some = fc.array(simple, { minLength: 1, maxLength: 2 });

const branch: Step = fc.tuple(selecting(condition), some, fc.option(some)).map(([decision, steps, rest]) => ({
  name: "branch",
  args: [
    {
      kind: "way",
      parameter: "b",
      calls: [
        { name: "when", args: [text("first"), decision, way(steps, "arm")] },
        ...(rest ? [{ name: "otherwise", anywhere: true, args: [way(rest, "rest")] }] : []),
      ],
    },
  ],
}));

const cohort: Step = fc.tuple(some, fc.nat(8), fc.option(key)).map(([steps, weight, by]) => ({
  name: "cohort",
  args: [
    {
      kind: "way",
      parameter: "c",
      calls: [
        { name: "cohort", args: [text("left"), { kind: "number", value: weight + 1 }, way(steps, "left")] },
        { name: "cohort", args: [text("right"), { kind: "number", value: 5 }] },
      ],
    },
    ...(by ? [{ kind: "object" as const, members: [["by", by]] as [string, Expression][] }] : []),
  ],
}));

const timedOut: Step = fc.tuple(words, some).map(([event, steps]) => ({
  name: "waitFor",
  args: [
    {
      kind: "object",
      members: [
        ["event", event],
        ["timeout", { kind: "duration", value: 60_000 }],
        ["timedOut", way(steps, "late")],
      ],
    },
  ],
}));

const anyStep = fc.oneof(
  { weight: 8, arbitrary: simple },
  { weight: 1, arbitrary: branch },
  { weight: 1, arbitrary: cohort },
  { weight: 1, arbitrary: timedOut },
);

const settings = object(
  {},
  {
    name: words,
    description: words,
    category: list(words, true),
    required: yes,
    commercial: yes,
    onInvalidData: chosen("warn", "reject"),
    when,
  },
);

/** A workflow: its data apart, as that may stand in a file of its own. */
export interface Recipe {
  data: Expression;
  /** The workflow, given how its data is written. */
  workflow(data: Expression): Expression;
}

/** Refs within a step get the step's number in front, so that no ref is there twice. */
const numbered = (expression: Expression, number: number): Expression =>
  JSON.parse(JSON.stringify(expression), (_key, value: unknown) => {
    const found = value as { kind?: string; value?: string } | null;
    return found?.kind === "text" && /^(arm|rest|left|late)\d$/.test(found.value ?? "")
      ? { ...found, value: `s${number}${found.value}` }
      : value;
  }) as Expression;

/** Each label of code() is there once. */
function labelled(expression: Expression): Expression {
  let labels = 0;
  return JSON.parse(JSON.stringify(expression), (_key, value: unknown) => {
    const found = value as { kind?: string; value?: string } | null;
    const isLabel = found?.kind === "text" && found.value!.startsWith("rule ");
    return isLabel ? { ...found, value: `${found.value}, ${labels++}` } : value;
  }) as Expression;
}

/** Any workflow, under a key. */
export const arbitraryWorkflow = (key: string, most = 4): fc.Arbitrary<Recipe> =>
  fc
    .tuple(
      arbitraryData(["t", "u", "n", "m", "at", "due"]),
      settings,
      fc.array(anyStep, { minLength: 1, maxLength: most }),
      fc.option(some, { freq: 4 }),
    )
    .map(([data, given, steps, failing]) => ({
      data,
      workflow(written) {
        const members = (given as Extract<Expression, { kind: "object" }>).members;
        const on: Expression = {
          kind: "call",
          name: "workflow",
          args: [text(key), { kind: "object", members: [["data", written], ...members] }],
        };
        const calls = steps.map(({ name, args }, index): Call => ({
          name,
          args: [text(`step${index}`), ...args.map((arg) => numbered(arg, index))],
        }));
        const failure = failing ? [{ name: "onFailure", anywhere: true, args: [way(failing, "sorry")] }] : [];
        return labelled({ kind: "chain", on, calls: [...calls, ...failure], steps: true });
      },
    }));
