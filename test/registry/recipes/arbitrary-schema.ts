// Random zod schemas, with the members that conditions and content of random workflows read.
import fc from "fast-check";
import type { Call, Expression } from "./expression.ts";

type Arbitrary = fc.Arbitrary<Expression>;

const text = (value: string): Expression => ({ kind: "text", value });
const number = (value: number): Expression => ({ kind: "number", value });
const z = (name: string, ...args: Expression[]): Expression => ({ kind: "call", name: `z.${name}`, args });
const object = (
  members: readonly (readonly [string, Expression])[],
  form: string,
  of: readonly string[],
): Expression => ({
  kind: "call",
  name: form,
  args: [{ kind: "object", members, named: true }],
  of,
});

/** What data may be: what else a caller sends is left out, refused or kept. */
const GIVEN = ["z.object", "z.strictObject", "z.looseObject"];
/** What an answer may be. Whether others are refused is not what steps see of it. */
const SEEN = ["z.object", "z.looseObject"];

const limits = (of: readonly [string, fc.Arbitrary<number>][]): fc.Arbitrary<Call[]> =>
  fc
    .subarray([...of])
    .chain((kept) =>
      fc.tuple(...kept.map(([name, value]) => value.map((limit): Call => ({ name, args: [number(limit)] })))),
    );

const quiet: fc.Arbitrary<Call[]> = fc.constantFrom<Call[]>(
  [],
  [{ name: "describe", args: [text("What it is.")], quiet: true }],
  [
    {
      name: "meta",
      args: [
        {
          kind: "object",
          members: [
            ["title", text("T")],
            ["examples", { kind: "list", items: [text("x")] }],
          ],
        },
      ],
      quiet: true,
    },
  ],
);

const limited = (on: Expression, of: readonly [string, fc.Arbitrary<number>][]): Arbitrary =>
  fc.tuple(limits(of), quiet).map(([calls, silent]) => ({ kind: "chain", on, calls: [...calls, ...silent] }));

const low = fc.integer({ min: 1, max: 4 });
const high = fc.integer({ min: 8, max: 20 });

const FORMATS = [
  "email",
  "url",
  "uuid",
  "guid",
  "cuid2",
  "ulid",
  "nanoid",
  "base64",
  "base64url",
  "jwt",
  "ipv4",
  "ipv6",
  "cidrv4",
  "e164",
  "iso.date",
  "iso.time",
  "iso.datetime",
  "iso.duration",
].map((name) => `z.${name}`);
const format: Arbitrary = fc.constantFrom(...FORMATS).map((name) => ({ kind: "call", name, args: [], of: FORMATS }));
const dated: Arbitrary = fc.constant<Expression>({
  kind: "call",
  name: "z.iso.datetime",
  args: [
    {
      kind: "object",
      members: [
        ["offset", { kind: "flag", value: true }],
        ["precision", number(3)],
      ],
    },
  ],
});
const pattern: Arbitrary = fc.constantFrom("^a", "b$").map((source): Expression => ({
  kind: "chain",
  on: z("string"),
  calls: [{ name: "regex", args: [{ kind: "call", name: "new RegExp", args: [text(source)] }] }],
}));
const values: Arbitrary = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 2, maxLength: 3 })
  .map((names) => z("enum", { kind: "list", items: names.map(text), unordered: true }));
const fallback: Arbitrary = fc.constantFrom<Expression>(
  { kind: "chain", on: z("string"), calls: [{ name: "default", args: [text("d")] }] },
  { kind: "chain", on: z("number"), calls: [{ name: "default", args: [number(4)] }] },
  { kind: "chain", on: z("boolean"), calls: [{ name: "default", args: [{ kind: "flag", value: true }] }] },
);

const { schema } = fc.letrec<{ schema: Expression }>((tie) => {
  const inner = tie("schema");
  return {
    schema: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      limited(z("string"), [
        ["min", low],
        ["max", high],
      ]),
      limited(z("number"), [
        ["min", low],
        ["max", high],
        ["multipleOf", low],
      ]),
      limited(z("int"), [
        ["gt", low],
        ["lt", high],
      ]),
      format,
      dated,
      pattern,
      values,
      fallback,
      fc.constantFrom(z("boolean"), z("unknown"), z("literal", text("one")), z("literal", number(4))),
      fc
        .tuple(
          inner,
          limits([
            ["min", low],
            ["max", high],
          ]),
        )
        .map(([item, calls]): Expression => ({ kind: "chain", on: z("array", item), calls })),
      inner.map((value) => z("record", z("string"), value)),
      fc.tuple(inner, inner).map((items) => z("tuple", { kind: "list", items })),
      fc.tuple(inner).map(([option]) => z("union", { kind: "list", items: [option, z("literal", text("other"))] })),
      fc.tuple(inner, inner).map(([a, b]) =>
        object(
          [
            ["a", a],
            ["b", b],
          ],
          "z.object",
          SEEN,
        ),
      ),
    ),
  };
});

const KNOWN: Record<string, Expression> = {
  t: z("string"),
  u: z("string"),
  n: z("number"),
  m: z("number"),
  at: z("iso.datetime"),
  due: z("string"),
  plan: z("string"),
};

/** Whether a value may be absent because a default stands in for it, of one of several ways, too. */
const withDefault = (expression: Expression): boolean =>
  (expression.kind === "chain" && expression.calls.some(({ name }) => name === "default")) ||
  (expression.kind === "call" && expression.name === "z.union" && expression.args.some(withDefault)) ||
  (expression.kind === "list" && expression.items.some(withDefault));

const member: Arbitrary = fc.tuple(schema, fc.constantFrom("", "optional", "nullable")).map(([on, name]) =>
  // What has a default may be absent anyway.
  name === "" || (name === "optional" && withDefault(on)) ? on : { kind: "chain", on, calls: [{ name, args: [] }] },
);

const arbitraryShape = (known: readonly string[], forms: readonly string[]): Arbitrary =>
  fc.tuple(fc.array(member, { maxLength: 3 }), fc.constantFrom(...forms)).map(([others, form]) => {
    const named = known.map((name) => [name, KNOWN[name]!] as const);
    return object([...named, ...others.map((other, index) => [`r${index}`, other] as const)], form, forms);
  });

/** Data with these members and some others. */
export const arbitraryData = (known: readonly string[]): Arbitrary => arbitraryShape(known, GIVEN);

/** An answer to a fetch. */
export const arbitraryAnswer: Arbitrary = arbitraryShape(["plan"], SEEN);
