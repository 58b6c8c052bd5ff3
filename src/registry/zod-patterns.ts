// Formats are regular expressions that differ from one release of zod to the next, and a deployed workflow brings its
// own zod. What zod derived itself is therefore written as our copy does, whichever copy made the schema.
import { z } from "zod";

type Schema = z.core.$ZodType;
type Definition = { pattern?: RegExp; checks?: unknown };
type Constructor = new (definition: object) => Schema;
type Override = NonNullable<z.core.ToJSONSchemaParams["override"]>;

// What zod prints for a format on its own. Formats with options or a pattern of the author's print another
// one, which means something.
const { iso } = z;
const text = [z.email(), z.url(), z.uuid(), z.guid(), z.cuid2(), z.ulid(), z.nanoid(), z.base64(), z.base64url()];
const network = [z.jwt(), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.e164(), z.emoji()];
const time = [iso.date(), iso.time(), iso.datetime(), iso.duration()];
const STANDARD = new Map<unknown, unknown>(
  [...text, ...network, ...time]
    .map((format) => z.toJSONSchema(format))
    .map(({ format, pattern }) => [format, pattern]),
);

/** The pattern that our zod prints for a format without options, by its name in JSON Schema. */
export const standardPattern = (format: unknown): unknown => STANDARD.get(format);

const definitionOf = (schema: Schema): Definition => schema._zod.def as Definition;

/** What a copy of zod makes of the options of a format. */
const remade = (constructor: Constructor, definition: Definition): Schema =>
  new constructor({ ...definition, pattern: undefined, checks: undefined });

/** The class of the same name in our copy. */
function ourClass({ _zod: { traits } }: Schema): Constructor | undefined {
  const core = z.core as unknown as Record<string, Constructor | undefined>;
  const name = [...traits].find((trait) => trait.startsWith("$") && core[trait]);
  return name === undefined ? undefined : core[name];
}

/** The same format made by our copy, or `null` when its pattern is the author's, or it has none. */
function ours(format: Schema): Schema | null {
  const definition = definitionOf(format);
  if (!definition.pattern || !format._zod.traits.has("$ZodStringFormat")) return null;
  const theirs = definitionOf(remade(format._zod.constr, definition)).pattern;
  const constructor = theirs?.source === definition.pattern.source ? ourClass(format) : undefined;
  return constructor ? remade(constructor, definition) : null;
}

/** For `z.toJSONSchema`: writes the patterns of formats as our copy of zod does. */
export const withOurPatterns: Override = ({ zodSchema, jsonSchema }) => {
  const { pattern, allOf } = jsonSchema;
  if ((pattern === undefined && !allOf) || (pattern && pattern === standardPattern(jsonSchema.format))) return;
  const checks = (definitionOf(zodSchema).checks ?? []) as readonly Schema[];
  for (const format of [zodSchema, ...checks]) {
    const own = ours(format);
    if (!own) continue;
    const theirs = definitionOf(format).pattern!.source;
    // What is printed is for some formats stricter than what is parsed with.
    if (pattern !== undefined) jsonSchema.pattern = z.toJSONSchema(own).pattern as string;
    for (const part of allOf ?? []) if (part.pattern === theirs) part.pattern = definitionOf(own).pattern!.source;
  }
};
