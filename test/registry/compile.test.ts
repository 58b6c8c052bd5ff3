import { describe, expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { all, eq, not } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import { ref } from "../../src/definition/refs.ts";
import { workflow, workflowFor, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { compileWorkflows, registryOf } from "../../src/registry/compile.ts";
import { describeProblem } from "../../src/registry/problem.ts";

const channels = ["inApp", "email", "sms", "push", "chat", "webhook"].map((type) => ({ key: type, type }));
const users = z.object({ plan: z.string().optional(), address: z.object({ city: z.string() }).optional() });
const options = { users, channels };

const problemsOf = (handle: unknown, given: Partial<typeof options> = {}) =>
  compileWorkflows({ handle: handle as WorkflowHandle }, { ...options, ...given }).problems;

const data = z.object({
  title: z.string(),
  at: z.iso.datetime().optional(),
  nested: z.object({ deep: z.string() }).optional(),
  tags: z.array(z.string()).optional(),
});
const base = workflow("w", { data });
const people = workflowFor(users)("w", { data });
const ok = (name = "feed") => base.inApp(name as "feed", { body: "b" });

/** JavaScript takes what TypeScript refuses. */
const loose = base as unknown as Record<
  string,
  (...args: unknown[]) => WorkflowHandle & Record<string, (...args: unknown[]) => WorkflowHandle>
>;

test("what is right has no problem", () => {
  const right = people
    .inApp("feed", {
      when: ({ recipient, data: given }) => all(eq(recipient.plan, "pro"), eq(given.title, "x")),
      body: liquid(
        "{{ data.title | upcase }} {{ recipient.address.city }} {% for tag in data.tags %}{{ tag }}{% endfor %} {{ data.tags.size }}",
      ),
    })
    .delay("grace", "1h")
    .delay("due", { until: ({ data: given }) => given.at })
    .branch("route", (b) =>
      b
        .when(
          "a",
          ({ steps }) => not(steps.feed.seen),
          (w) => w.sms("text", { body: "b" }),
        )
        .otherwise((w) => w),
    )
    .email("mail", { when: code("is nice", () => true), subject: "s", html: "<b>b</b>" })
    .webhook("hook", {});
  expect(problemsOf(right)).toEqual([]);
});

const refusals: [string, unknown, RegExp][] = [
  [
    "a key with capitals",
    workflow("New-Comment", { data }).inApp("feed", { body: "b" }),
    /"New-Comment" cannot be a key/,
  ],
  ["a key with two dashes", workflow("a--b", { data }).inApp("feed", { body: "b" }), /cannot be a key/],
  ["an empty key", workflow("", { data }).inApp("feed", { body: "b" }), /cannot be a key/],
  ["a key that is too long", workflow("a".repeat(256), { data }).inApp("feed", { body: "b" }), /cannot be a key/],
  ["no step", base, /the workflow has no step/],
  ["something else than a workflow", { key: "w" }, /the export "handle" of the workflows is not a workflow/],
  ["null", null, /is not a workflow/],
  [
    "another users schema",
    workflowFor(z.object({}))("w", { data }).inApp("feed", { body: "b" }),
    /bound to another users schema/,
  ],
  [
    "a date in the data",
    workflow("w", { data: z.object({ a: z.object({ at: z.date() }) }) }).inApp("feed", { body: "b" }),
    /data\.a\.at cannot be stored as JSON/,
  ],
  [
    "a bigint in the data",
    workflow("w", { data: z.object({ n: z.bigint() }) }).inApp("feed", { body: "b" }),
    /data\.n cannot be stored as JSON/,
  ],
  [
    "a transform in the data",
    workflow("w", { data: z.object({ n: z.string().transform(Number) }) }).inApp("feed", { body: "b" }),
    /data\.n cannot be stored as JSON/,
  ],
  [
    "an example that does not fit",
    workflow("w", { data, examples: { one: { title: 1 as never } } }).inApp("feed", { body: "b" }),
    /example "one" does not fit the schema: data\.title/,
  ],
  [
    "content that fails on an example",
    workflow("w", { data, examples: { one: { title: "x" } } }).inApp("feed", {
      body: ({ data: given }) => given.nested!.deep,
    }),
    /the content fails on example "one": body: /,
  ],
  [
    "content of another type on an example",
    workflow("w", { data, examples: { one: { title: "x" } } }).inApp("feed", { body: (() => 7) as never }),
    /body: expected text, got number/,
  ],
  [
    "two steps of one ref",
    loose.inApp!("feed", { body: "b" }).email!("feed", { subject: "s", body: "b" }),
    /two steps have the ref "feed"/,
  ],
  [
    "a ref in an arm that exists before",
    ok().branch("r", (b) =>
      b.when(
        "a",
        code("x", () => true),
        (w) => (w as never as typeof loose).inApp!("feed", { body: "b" }) as never,
      ),
    ),
    /two steps have the ref "feed"/,
  ],
  ["a ref that is no name", loose.inApp!("1st", { body: "b" }), /"1st" cannot be a ref/],
  ["the reserved ref", loose.inApp!("when", { body: "b" }), /"when" cannot be a ref/],
  ["an unknown setting", loose.inApp!("feed", { body: "b", boddy: "x" }), /inApp has no setting "boddy"/],
  ["a missing body", loose.sms!("text", {}), /sms needs a body/],
  ["an e-mail without subject", loose.email!("mail", { body: "b" }), /email needs a subject/],
  ["an e-mail without body", base.email("mail", { subject: "s" }), /email needs a body/],
  [
    "a text that looks like Liquid",
    base.inApp("feed", { body: "Hi {{ recipient.name }}" }),
    /holds \{\{ … \}\} and would be sent as it is/,
  ],
  [
    "Liquid that does not parse",
    base.inApp("feed", { body: liquid("{% if %") }),
    /the Liquid template of body does not parse/,
  ],
  ["an unknown Liquid filter", base.inApp("feed", { body: liquid("{{ data.title | shout }}") }), /shout/],
  [
    "an unknown Liquid variable",
    base.inApp("feed", { body: liquid("{{ data.titel }}") }),
    /the template of body reads data\.titel, which does not exist; did you mean data\.title\?/,
  ],
  ["an unknown link", base.inApp("feed", { body: liquid("{{ links.x }}") }), /reads links\.x, which does not exist/],
  ["the links misspelt", base.inApp("feed", { body: liquid("{{ link.preferences }}") }), /did you mean links\?/],
  ["an unknown Liquid root", base.inApp("feed", { body: liquid("{{ dat.title }}") }), /did you mean data/],
  [
    "Liquid that reads a later step",
    base.inApp("feed", { body: liquid("{{ steps.mail.seen }}") }),
    /steps\.mail\.seen, which does not exist/,
  ],
  [
    "Liquid that reads an unknown property",
    people.inApp("feed", { body: liquid("{{ recipient.plam }}") }),
    /did you mean recipient\.plan\?/,
  ],
  ["a channel that does not exist", base.inApp("feed", { channel: "imApp", body: "b" }), /there is no channel "imApp"/],
  [
    "a channel of another type",
    base.inApp("feed", { channel: "email", body: "b" }),
    /channel "email" is of type email, this step is inApp/,
  ],
  ["a duration that is none", loose.delay!("d", "1 hour"), /"1 hour" is not a duration/],
  ["a delay beyond a year", base.delay("d", "366d").inApp("feed", { body: "b" }), /not a duration of at most 365 days/],
  [
    "until something that is no reference",
    base.delay("d", { until: (() => "2026-01-01") as never }),
    /until does not return a reference/,
  ],
  [
    "until an unknown path",
    base.delay("d", { until: () => ref<string>("data.atx") }),
    /until reads data\.atx, which does not exist/,
  ],
  [
    "a branch without arms",
    base.branch("r", (b) => b.otherwise((w) => w.inApp("feed", { body: "b" }))),
    /the branch has no arm/,
  ],
  [
    "two arms of one name",
    base.branch("r", (b) =>
      b
        .when(
          "a",
          code("x", () => true),
          (w) => w,
        )
        .when(
          "a",
          code("y", () => true),
          (w) => w,
        ),
    ),
    /two arms are called "a"/,
  ],
  [
    "a condition on an unknown path",
    base.inApp("feed", { when: () => eq(ref("data.titel"), "x"), body: "b" }),
    /the condition reads data\.titel, which does not exist; did you mean data\.title\?/,
  ],
  [
    "a condition compared with an unknown path",
    base.inApp("feed", { when: ({ data: given }) => eq(given.title, ref<string>("recipient.plam")), body: "b" }),
    /recipient\.plam/,
  ],
  [
    "a condition on a later step",
    base
      .inApp("feed", { when: () => eq(ref("steps.mail.seen"), true), body: "b" })
      .email("mail", { subject: "s", body: "b" }),
    /steps\.mail\.seen, which does not exist/,
  ],
  [
    "a condition on an unknown result",
    ok().email("mail", { when: () => eq(ref("steps.feed.sean"), true), subject: "s", body: "b" }),
    /steps\.feed\.sean, which does not exist/,
  ],
  [
    "a workflow condition on a step",
    workflow("w", { data, when: () => eq(ref("steps.feed.seen"), true) }).inApp("feed", { body: "b" }),
    /steps\.feed\.seen, which does not exist/,
  ],
  [
    "&&",
    base.inApp("feed", { when: ({ data: given }) => eq(given.title, "x") && eq(given.title, "y"), body: "b" }),
    /uses "&&", which decides when the file loads.*use all/,
  ],
  [
    "||",
    base.inApp("feed", { when: ({ data: given }) => eq(given.title, "x") || eq(given.title, "y"), body: "b" }),
    /uses "\|\|".*use any/,
  ],
  [
    "??",
    base.inApp("feed", { when: ({ data: given }) => eq(given.title ?? given.at, "x"), body: "b" }),
    /uses "\?\?".*use any/,
  ],
  [
    "?:",
    base.inApp("feed", {
      when: ({ data: given }) => (given.title ? eq(given.title, "x") : eq(given.title, "y")),
      body: "b",
    }),
    /uses "\? :".*a branch step/,
  ],
  [
    "a negation",
    ok().sms("text", {
      when: (({ steps }: { steps: { feed: { seen: unknown } } }) => !steps.feed.seen) as never,
      body: "b",
    }),
    /reads steps\.feed\.seen but its result does not use it/,
  ],
  [
    "a reference that is read and not used",
    base.inApp("feed", {
      when: ({ data: given, recipient }) => {
        void given.title;
        return eq(recipient.name, "x");
      },
      body: "b",
    }),
    /reads data\.title but its result does not use it/,
  ],
  [
    "a comparison with ===",
    base.inApp("feed", {
      when: (({ data: given }: { data: { title: unknown } }) => given.title === "x") as never,
      body: "b",
    }),
    /reads data\.title but its result does not use it/,
  ],
  [
    "a reference in a text",
    base.inApp("feed", {
      when: ({ data: given, recipient }) => eq(recipient.name, `${given.title as unknown as string}`),
      body: "b",
    }),
    /"data\.title" is a reference, not a value/,
  ],
  [
    "a selector that throws",
    base.inApp("feed", {
      when: () => {
        throw new Error("oh");
      },
      body: "b",
    }),
    /the selector throws: oh/,
  ],
  [
    "a selector that returns true",
    base.inApp("feed", { when: (() => true) as never, body: "b" }),
    /does not return a condition/,
  ],
  [
    "a selector that returns nothing",
    base.inApp("feed", { when: (() => {}) as never, body: "b" }),
    /does not return a condition/,
  ],
  [
    "an async selector",
    base.inApp("feed", { when: (async () => eq(ref("data.title"), "x")) as never, body: "b" }),
    /the condition is not valid: a condition has an "op"/,
  ],
  [
    "a condition that is none",
    base.inApp("feed", { when: (() => ({ op: "equals", ref: "data.title" })) as never, body: "b" }),
    /the condition is not valid: a condition has an "op"/,
  ],
  [
    "two codes of one label",
    base
      .inApp("feed", { when: code("x", () => true), body: "b" })
      .sms("text", { when: code("x", () => false), body: "b" }),
    /the label "x" is used by another code/,
  ],
];

describe("refused, with file and line", () => {
  test.each(refusals)("%s", (_name, handle, expected) => {
    const problems = problemsOf(handle);
    expect(problems.map(describeProblem)).toEqual([expect.stringMatching(expected)]);
    if (typeof handle !== "object" || handle === null || !("definition" in handle)) return;
    expect(problems[0]!.site).toMatchObject({
      file: expect.stringMatching(/test\/registry\/compile\.test\.ts$/),
      line: expect.any(Number),
    });
    expect(describeProblem(problems[0]!)).toMatch(/^\/.*compile\.test\.ts:\d+ {2}/);
  });
});

test("the line is that of the step", () => {
  const twice = base
    .inApp("feed", { body: "b" })
    .sms("text", { body: liquid("{{ data.x }}") })
    .delay("d", "999d");
  const lines = problemsOf(twice).map(({ site }) => site!.line);
  expect(lines[1]! - lines[0]!).toBe(1);
});

test("all problems of all workflows are told at once", () => {
  const { registry, problems } = compileWorkflows(
    { one: base, two: workflow("Bad", { data }).inApp("feed", { body: "b" }), three: 7 as never },
    options,
  );
  expect(registry).toBeNull();
  expect(problems).toHaveLength(3);
  expect(() => registryOf({ one: base }, options)).toThrow(/1 problem in the workflows:\n\/.*the workflow has no step/);
});

test("two keys that become one GraphQL name are refused", () => {
  const named = (key: string) => workflow(key, { data }).inApp("feed", { body: "b" });
  const { problems } = compileWorkflows({ one: named("new-comment"), two: named("new_comment") }, options);
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining('become one GraphQL name, "newComment"'),
  ]);
});

test("of several channels of a type a step has to name one", () => {
  const several = [...channels, { key: "bulk", type: "email" }];
  expect(problemsOf(base.email("mail", { subject: "s", body: "b" }), { channels: several })[0]!.message).toContain(
    'there are several email channels: "email", "bulk"',
  );
  expect(problemsOf(base.email("mail", { channel: "bulk", subject: "s", body: "b" }), { channels: several })).toEqual(
    [],
  );
});

test("a type without a channel is no problem of the workflow: the step is skipped and says so", () => {
  expect(problemsOf(ok(), { channels: [] })).toEqual([]);
});

test("one labelled code may stand in two places", () => {
  const nice = code("is nice", () => true);
  expect(problemsOf(base.inApp("feed", { when: nice, body: "b" }).sms("text", { when: nice, body: "b" }))).toEqual([]);
});

test("operators inside texts and comments of a selector decide nothing", () => {
  const quoted = base.inApp("feed", {
    // prettier-ignore
    when: ({ data: given }) => /* a && b ?? c */ eq(given.title, "a && b || c ? d : e ?? f"),
    body: "b",
  });
  expect(problemsOf(quoted)).toEqual([]);
});

test("properties of users that JSON cannot state are a problem of the config", () => {
  const users = z.object({ since: z.date() });
  const { registry, problems } = compileWorkflows({}, { users, channels: [] });
  expect(registry).toBeNull();
  expect(problems).toMatchObject([
    { workflow: null, message: expect.stringContaining("users.since cannot be stored as JSON") },
  ]);
});
