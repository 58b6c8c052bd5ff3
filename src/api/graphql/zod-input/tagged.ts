// A discriminated union becomes a `@oneOf` input: the tag is the name of the field, so that a caller
// cannot name a tag and send another's data.
import { isGraphqlName, valueName } from "./names.ts";
import { below, claim, refuse, type Position } from "./position.ts";
import type { Field, ObjectShape, ScalarShape, Tag, TaggedShape } from "./shape.ts";
import type { Schema, Unwrapped } from "./unwrap.ts";
import type { z } from "zod";

type FieldsOf = (at: Position, shape: Readonly<Record<string, Schema>>, tag: string) => Field[];
type Members = TaggedShape["members"];

const isTag = (value: unknown): value is Tag => ["string", "number", "boolean"].includes(typeof value);

interface Option {
  shape: Readonly<Record<string, Schema>>;
  tags: Tag[];
}

function optionsOf(inner: z.core.$ZodTypes, discriminator: string): Option[] | null {
  if (inner._zod.def.type !== "union") return null;
  const options: Option[] = [];
  for (const option of inner._zod.def.options as readonly z.core.$ZodTypes[]) {
    const tags = [...(option._zod.propValues?.[discriminator] ?? [])];
    if (option._zod.def.type !== "object" || tags.length === 0 || !tags.every(isTag)) return null;
    options.push({ shape: option._zod.def.shape, tags });
  }
  return options;
}

function membersOf(at: Position, { shape, tags }: Option, tag: { property: string; fieldsOf: FieldsOf }): Members {
  const place = below(at, String(tags[0]));
  const description = `\`${at.path.join(".")}\` when \`${tag.property}\` is ${tags.map((value) => JSON.stringify(value)).join(" or ")}.`;
  const empty = Object.keys(shape).every((property) => property === tag.property);
  let form: ObjectShape | ScalarShape = { kind: "scalar", type: "EmptyObject" };
  if (!empty) {
    claim(place, place.name);
    form = {
      kind: "object",
      name: place.name,
      description,
      fields: tag.fieldsOf({ ...place, path: at.path }, shape, tag.property),
    };
  }
  return tags.map((value) => ({ name: valueName(String(value)), tag: value, shape: form, description }));
}

/** The `@oneOf` of a discriminated union, or `null` when an option is more than an object with a fixed tag. */
export function taggedShape(at: Position, found: Unwrapped, fieldsOf: FieldsOf): TaggedShape | null {
  const { def } = found.inner._zod;
  const property = "discriminator" in def && typeof def.discriminator === "string" ? def.discriminator : null;
  const options = property === null ? null : optionsOf(found.inner, property);
  if (property === null || options === null) return null;
  const name = found.id ?? at.name;
  claim(at, name);
  const description = found.description ?? `\`${at.path.join(".")}\`, told apart by \`${property}\`.`;
  const shape: TaggedShape = { kind: "tagged", name, description, discriminator: property, members: [] };
  at.types.set(found.inner, shape);
  shape.members = options.flatMap((option) => membersOf({ ...at, name }, option, { property, fieldsOf }));
  for (const [taken, same] of Map.groupBy(shape.members, (member) => member.name)) {
    if (same.length > 1 || !isGraphqlName(taken))
      refuse(at, `has tags that are one name in GraphQL, ${taken}`, "change one of the tags");
  }
  return shape;
}
