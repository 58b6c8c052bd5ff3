import { expect, test } from "vitest";
import { z } from "zod";
import { code } from "../../src/definition/code.ts";
import { all, any, eq } from "../../src/definition/condition-builders.ts";
import { liquid } from "../../src/definition/content.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { registryOf } from "../../src/registry/compile.ts";

const channels = ["inApp", "email", "sms", "push", "chat", "webhook"].map((type) => ({ key: type, type }));
const compiled = (handle: WorkflowHandle) => registryOf({ handle }, { users: null, channels }).get(handle.key)!;
const hashOf = (handle: WorkflowHandle) => compiled(handle).hash;
const fingerprintOf = (handle: WorkflowHandle) => compiled(handle).fingerprint;

const title = z.object({ title: z.string(), size: z.enum(["s", "m"]).default("s") });
const start = (settings: Partial<Parameters<typeof workflow>[1]> = {}, data = title) =>
  workflow("w", { ...settings, data } as { data: typeof title });
const plain = start()
  .inApp("feed", { title: "t", body: "b" })
  .delay("d", "1h")
  .email("mail", { subject: "s", body: () => "x" });

const same: [string, WorkflowHandle][] = [
  [
    "members of settings in another order",
    start()
      .inApp("feed", { body: "b", title: "t" })
      .delay("d", "1h")
      .email("mail", { body: () => "x", subject: "s" }),
  ],
  [
    "fields of the schema in another order",
    start({}, z.object({ size: z.enum(["s", "m"]).default("s"), title: z.string() }) as never)
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "values of an enum in another order",
    start({}, z.object({ title: z.string(), size: z.enum(["m", "s"]).default("s") }) as never)
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "the same duration in another unit",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "60m")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a delay as settings",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", { for: "3600s" })
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "other code in a content slot",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: ({ data }) => data.title.toUpperCase() }),
  ],
  [
    "descriptions and titles of fields",
    start(
      {},
      z.object({
        title: z
          .string()
          .describe("The title.")
          .meta({ title: "T", examples: ["x"] }),
        size: z.enum(["s", "m"]).default("s"),
      }) as never,
    )
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "what stands by default",
    start({ required: false, commercial: false, name: "W" } as never)
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "examples",
    start({ examples: { one: { title: "x" } } } as never)
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "settings that are undefined",
    start({ category: undefined, when: undefined } as never)
      .inApp("feed", { title: "t", body: "b", actionUrl: undefined as never })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
];

test.each(same)("the hash is the same for the same meaning: %s", (_name, handle) => {
  expect(hashOf(handle)).toBe(hashOf(plain));
});

const tail = (chain: ReturnType<typeof start>) =>
  chain
    .inApp("feed", { title: "t", body: "b" })
    .delay("d", "1h")
    .email("mail", { subject: "s", body: () => "x" });
const data = (schema: z.ZodObject) => tail(start({}, schema as never));
const when = (condition: Parameters<typeof start>[0]) => tail(start(condition));

const others: [string, WorkflowHandle][] = [
  [
    "another key",
    workflow("v", { data: title })
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  ["another name", when({ name: "Another" } as never)],
  ["a description", when({ description: "x" } as never)],
  ["a category", when({ category: "x" } as never)],
  ["two categories", when({ category: ["x", "y"] } as never)],
  ["required", when({ required: true } as never)],
  ["commercial", when({ commercial: true } as never)],
  ["warn", when({ onInvalidData: "warn" } as never)],
  ["reject", when({ onInvalidData: "reject" } as never)],
  [
    "a condition",
    start({ when: (({ data: given }: never) => eq((given as { title: never }).title, "x" as never)) as never })
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  ["labelled code", when({ when: code("x", () => true) } as never)],
  ["another label", when({ when: code("y", () => true) } as never)],
  ["another field", data(title.extend({ more: z.string().optional() }))],
  ["a field less", data(z.object({ title: z.string() }))],
  ["an optional field", data(title.extend({ title: z.string().optional() }))],
  ["a longer minimum", data(title.extend({ title: z.string().min(1) }))],
  ["a pattern", data(title.extend({ title: z.string().regex(/^a/) }))],
  ["another pattern", data(title.extend({ title: z.string().regex(/^b/) }))],
  ["a format", data(title.extend({ title: z.email() }))],
  ["a timestamp", data(title.extend({ title: z.iso.datetime() }))],
  ["a timestamp with an offset", data(title.extend({ title: z.iso.datetime({ offset: true }) }))],
  ["another format with a pattern of its own", data(title.extend({ title: z.email({ pattern: /^x@y$/ }) }))],
  ["another enum", data(title.extend({ size: z.enum(["s", "m", "l"]).default("s") }))],
  ["another default", data(title.extend({ size: z.enum(["s", "m"]).default("m") }))],
  ["a strict object", data(z.strictObject(title.shape))],
  ["a loose object", data(z.looseObject(title.shape))],
  [
    "steps in another order",
    start()
      .delay("d", "1h")
      .inApp("feed", { title: "t", body: "b" })
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  ["a step less", start().inApp("feed", { title: "t", body: "b" }).delay("d", "1h")],
  [
    "another ref",
    start()
      .inApp("feet", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "another kind",
    start()
      .push("feed", { title: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "another fixed text",
    start()
      .inApp("feed", { title: "t", body: "c" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a template with the same text",
    start()
      .inApp("feed", { title: "t", body: liquid("b") })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "code instead of text",
    start()
      .inApp("feed", { title: "t", body: () => "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "another slot",
    start()
      .inApp("feed", { actionUrl: "t", body: "b" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "data of a message",
    start()
      .inApp("feed", { title: "t", body: "b", data: { k: [1, 2] } })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "the same data in another order of its list",
    start()
      .inApp("feed", { title: "t", body: "b", data: { k: [2, 1] } })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a channel",
    start()
      .inApp("feed", { title: "t", body: "b", channel: "inApp" })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "another wait",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", "2h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a wait until",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .delay("d", { until: ({ data: given }) => given.title })
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "all",
    start()
      .inApp("feed", {
        title: "t",
        body: "b",
        when: ({ data: given }) => all(eq(given.title, "x"), eq(given.title, "y")),
      })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "any",
    start()
      .inApp("feed", {
        title: "t",
        body: "b",
        when: ({ data: given }) => any(eq(given.title, "x"), eq(given.title, "y")),
      })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "the same conditions in another order",
    start()
      .inApp("feed", {
        title: "t",
        body: "b",
        when: ({ data: given }) => any(eq(given.title, "y"), eq(given.title, "x")),
      })
      .delay("d", "1h")
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a branch",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .branch("r", (b) =>
        b.when(
          "a",
          code("x", () => true),
          (w) => w.delay("d", "1h"),
        ),
      )
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a branch whose arm has another name",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .branch("r", (b) =>
        b.when(
          "b",
          code("x", () => true),
          (w) => w.delay("d", "1h"),
        ),
      )
      .email("mail", { subject: "s", body: () => "x" }),
  ],
  [
    "a branch with an empty other way",
    start()
      .inApp("feed", { title: "t", body: "b" })
      .branch("r", (b) =>
        b
          .when(
            "b",
            code("x", () => true),
            (w) => w.delay("d", "1h"),
          )
          .otherwise((w) => w),
      )
      .email("mail", { subject: "s", body: () => "x" }),
  ],
];

test("every change of meaning changes the hash, each in its own way", () => {
  const hashes = new Map([
    ["plain", hashOf(plain)] as [string, string],
    ...others.map(([name, handle]) => [name, hashOf(handle)] as [string, string]),
  ]);
  const alike = [...Map.groupBy(hashes, ([, hash]) => hash).values()]
    .filter((group) => group.length > 1)
    .map((group) => group.map(([name]) => name));
  expect(alike).toEqual([]);
});

test("the hash is a fixed value: another machine, or a zod that prints more, must come to the same", () => {
  expect(hashOf(plain)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOf(plain)).toMatchInlineSnapshot(`"494e2de6a4d98d0f7f8168ef0cea31cd52d25a1a6e1515c48a1566ccb34a7e45"`);
});

test("the fingerprint changes with the words and not with the code", () => {
  const said = (body: (scope: { data: { title: string } }) => string, examples: object = { one: { title: "x" } }) =>
    fingerprintOf(start({ examples } as never).inApp("feed", { body }));
  const first = said(({ data: given }) => `Hello ${given.title}`);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(said((scope) => ["Hello", scope.data.title].join(" "))).toBe(first);
  expect(said(({ data: given }) => `Hallo ${given.title}`)).not.toBe(first);
  expect(said(({ data: given }) => `Hello ${given.title}`, { one: { title: "y" } })).not.toBe(first);
  expect(said(({ data: given }) => given.title, {})).toBeNull();
  expect(fingerprintOf(start().inApp("feed", { body: "b" }))).toBeNull();
});

test("the fingerprint covers steps in arms, and each example", () => {
  const inArm = (text: string, examples: object) =>
    fingerprintOf(
      start({ examples } as never).branch("r", (b) =>
        b
          .when(
            "a",
            code("x", () => false),
            (w) => w.sms("text", { body: () => text }),
          )
          .otherwise((w) => w.chat("room", { body: () => text })),
      ),
    );
  expect(inArm("a", { one: { title: "x" } })).not.toBe(inArm("b", { one: { title: "x" } }));
  expect(inArm("a", { one: { title: "x" } })).not.toBe(inArm("a", { one: { title: "x" }, two: { title: "x" } }));
});
