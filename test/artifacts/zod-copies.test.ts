// Deployed workflows bring a zod of their own. Nothing may depend on whose it is.
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import { printSdl } from "../../src/api/graphql/print-schema.ts";
import { workflowInputs } from "../../src/api/graphql/zod-input/workflow-inputs.ts";
import { registryOf } from "../../src/registry/compile.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { channels, deployed, open, withOtherZod, type Deployed } from "./support/deployed.ts";
import { otherExpressions } from "./support/other-expressions.ts";
import { makeProject, type Project } from "../cli/support/project.ts";

const address = `import { z } from "zod";
export const address = z.object({ street: z.string(), country: z.enum(["CH", "DE"]) }).meta({ id: "Address" });
`;
const everything = (key: string, more = "") => `import { workflow } from "knock";
import { z } from "zod";
import { address } from "../lib/address.ts";

const Tree = z.object({ name: z.string(), get children() { return z.array(Tree); } }).meta({ id: "${key}Tree" });

export default workflow("${key}", {
  data: z.object({
    text: z.string().min(2).max(5).describe("A text."),
    whole: z.number().int().min(1).max(10),
    safe: z.int(),
    size: z.int32().positive().default(4),
    share: z.number().multipleOf(0.5).optional(),
    mail: z.email(), url: z.url(), id: z.uuid(), version: z.uuidv7(), nano: z.nanoid(), cuid: z.cuid2(), ulid: z.ulid(),
    code: z.base64(), codeUrl: z.base64url(), token: z.jwt().optional(), four: z.ipv4(), six: z.ipv6(), range: z.cidrv4(),
    phone: z.e164(), at: z.iso.datetime(), there: z.iso.datetime({ offset: true, precision: 3 }), local: z.iso.datetime({ local: true }),
    day: z.iso.date(), hour: z.iso.time(), length: z.iso.duration(), guid: z.guid(),
    own: z.email({ pattern: /^x@y$/ }), pattern: z.string().regex(/^a+$/), both: z.string().email().regex(/b/), old: z.string().datetime().optional(),
    kind: z.enum(["a", "b"]).nullable(), one: z.literal("one"), flag: z.boolean().default(true),
    list: z.array(z.object({ name: z.string() }).strict()).min(1),
    pair: z.tuple([z.string(), z.number()]).optional(),
    record: z.record(z.string(), z.number()).default({}),
    way: z.discriminatedUnion("type", [z.object({ type: z.literal("a"), a: z.string() }), z.object({ type: z.literal("b"), b: z.number() })]),
    either: z.union([z.string(), z.number()]),
    address, tree: Tree.optional(), any: z.unknown(), loose: z.looseObject({ x: z.string() }).optional(), ${more}
  }),
}).inApp("feed", { body: ({ data }) => data.text });
`;

const data = {
  text: "abc",
  whole: 3,
  safe: 1,
  mail: "a@b.ch",
  url: "https://x.ch",
  id: "018f4d7e-9b1a-7cc0-8f7e-3a5b1c2d3e4f",
  version: "018f4d7e-9b1a-7cc0-8f7e-3a5b1c2d3e4f",
  nano: "V1StGXR8_Z5jdHi6B-myT",
  cuid: "tz4a98xxat96iws9zmbrgj3a",
  ulid: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  code: "aGVsbG8=",
  codeUrl: "aGVsbG8",
  four: "127.0.0.1",
  six: "::1",
  range: "10.0.0.0/8",
  phone: "+41790000000",
  at: "2026-01-05T09:00:00Z",
  there: "2026-01-05T09:00:00.000+01:00",
  local: "2026-01-05T09:00:00",
  day: "2026-01-05",
  hour: "09:00:00",
  length: "P1D",
  guid: "018f4d7e-9b1a-7cc0-8f7e-3a5b1c2d3e4f",
  own: "x@y",
  pattern: "aaa",
  both: "b@b.ch",
  kind: null,
  one: "one",
  list: [{ name: "x" }],
  way: { type: "b", b: 4 },
  either: 3,
  address: { street: "s", country: "CH" },
  any: null,
};

let project: Project;
let bundle: Deployed;
let own: Registry;
const files = { every: "workflows/every.ts", other: "workflows/other.ts" };

beforeAll(async () => {
  project = makeProject({
    "package.json": '{ "type": "module" }',
    "lib/address.ts": address,
    "workflows/every.ts": everything("every"),
    "workflows/other.ts": everything("other"),
  });
  bundle = await deployed(project.root, files);
  const workflows = Object.fromEntries(
    await Promise.all(
      Object.entries(files).map(async ([key, file]) => [
        key,
        ((await import(/* @vite-ignore */ join(project.root, file))) as { default: never }).default,
      ]),
    ),
  );
  own = registryOf(workflows, { users: null, channels });
  return () => project.delete();
});

const hashes = (registry: Registry) => [...registry.values()].map(({ key, hash }) => [key, hash]);

test("structure and GraphQL schema are those of the files, also where workflows share a named type", async () => {
  const registry = await open(bundle);
  expect(hashes(registry)).toEqual(hashes(own));
  expect(printSdl(registry)).toBe(printSdl(own));
  expect(printSdl(registry)).toMatch(/input Address \{/);
});

test("data that came over GraphQL is decoded and parsed", async () => {
  const registry = await open(bundle);
  const { inputs, problems } = workflowInputs(registry, []);
  expect(problems).toEqual([]);
  const { schema } = registry.get("every")!;
  const { decode } = inputs.find(({ workflow }) => workflow === "every")!;
  const given = { ...data, way: { b: { b: 4 } } };
  expect(schema.parse(decode(given))).toEqual({ ...data, size: 4, flag: true, record: {} });
  const wrong = schema.safeParse(decode({ ...given, text: "a", way: { a: {} }, list: [] }));
  expect((wrong.error as z.ZodError).issues.map(({ path, code }) => [path.join("."), code])).toEqual([
    ["text", "too_small"],
    ["list", "too_small"],
    ["way.a", "invalid_type"],
  ]);
});

test("a zod with other regular expressions is no change", async () => {
  const other = withOtherZod(bundle, otherExpressions);
  const expressions = (code: string) => code.match(/\/\^\(\?:/g)?.length ?? 0;
  const [before, after] = [bundle, other].map(({ artifacts }) =>
    artifacts.map(({ code }) => expressions(code)).reduce((sum, count) => sum + count, 0),
  );
  expect(after! - before!).toBeGreaterThan(20);
  const registry = await open(other);
  expect(hashes(registry)).toEqual(hashes(own));
  expect(registry.get("every")!.schema.safeParse({ ...data }).error).toBeUndefined();
});
