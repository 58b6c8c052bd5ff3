// From the value that GraphQL hands over to the value that zod wants: tags back into properties,
// nulls that mean "not given" away. Made once per schema, as plain functions.
import type { Field, ObjectShape, Shape, Slot, TaggedShape } from "./shape.ts";

/** Turns a GraphQL input value into the input of the zod schema. */
export type Decode = (value: unknown) => unknown;

type Values = Readonly<Record<string, unknown>>;

const asIs: Decode = (value) => value;

function decodeSlot(slot: Slot, known: Map<Shape, Decode>): Decode {
  const decode = decoderOf(slot.shape, known);
  const empty = slot.takesNull ? null : undefined;
  return (value) => (value === null ? empty : decode(value));
}

function decodeFields(
  fields: readonly Field[],
  known: Map<Shape, Decode>,
): (values: Values) => Record<string, unknown> {
  const decoders = fields.map((field) => ({ ...field, decode: decodeSlot(field, known) }));
  return (values) => {
    const decoded: Record<string, unknown> = {};
    for (const { name, nullWhenAbsent, decode } of decoders) {
      const given = values[name] === undefined && nullWhenAbsent ? null : values[name];
      const value = given === undefined ? undefined : decode(given);
      if (value !== undefined) decoded[name] = value;
    }
    return decoded;
  };
}

function decodeTagged(shape: TaggedShape, known: Map<Shape, Decode>): Decode {
  const members = new Map(
    shape.members.map((member) => [member.name, { tag: member.tag, decode: decoderOf(member.shape, known) }]),
  );
  return (value) => {
    const [name, given] = Object.entries(value as Values)[0] ?? [""];
    const member = members.get(name);
    return member && { [shape.discriminator]: member.tag, ...(member.decode(given) as Values) };
  };
}

function decodeList(shape: Extract<Shape, { kind: "list" }>, known: Map<Shape, Decode>): Decode {
  const item = decodeSlot(shape.item, known);
  if (shape.set) return (value) => new Set((value as unknown[]).map(item));
  return (value) => (value as unknown[]).map(item);
}

function decodeObject(shape: ObjectShape, known: Map<Shape, Decode>): Decode {
  const decode = decodeFields(shape.fields, known);
  return (value) => decode(value as Values);
}

/** The decoder of a shape. Shapes that contain themselves meet their own decoder again. */
export function decoderOf(shape: Shape, known = new Map<Shape, Decode>()): Decode {
  if (shape.kind === "scalar" || shape.kind === "enum") return asIs;
  const made = known.get(shape);
  if (made) return made;
  let decode: Decode = asIs;
  known.set(shape, (value) => decode(value));
  if (shape.kind === "list") decode = decodeList(shape, known);
  else decode = shape.kind === "object" ? decodeObject(shape, known) : decodeTagged(shape, known);
  known.set(shape, decode);
  return decode;
}
