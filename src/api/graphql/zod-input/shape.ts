// What a zod schema looks like as GraphQL input, as data: made by the walker, read by the types and
// by the decoder, so that both always agree.

/** Scalars that input is made of. */
export type InputScalar = "String" | "Int" | "SafeInt" | "Float" | "Boolean" | "DateTime" | "JSON" | "EmptyObject";

/** A value that an enum or a tag stands for. */
export type Tag = string | number | boolean;

/** A scalar. */
export interface ScalarShape {
  kind: "scalar";
  type: InputScalar;
}

/** An enum: names for GraphQL, values for zod. */
export interface EnumShape {
  kind: "enum";
  name: string;
  description: string;
  members: { name: string; value: string }[];
}

/** A list, which zod may want as a set. */
export interface ListShape {
  kind: "list";
  item: Slot;
  set: boolean;
}

/** An input type. The fields are filled in after the shape exists, so that it can contain itself. */
export interface ObjectShape {
  kind: "object";
  name: string;
  description: string;
  fields: Field[];
}

/** A discriminated union: a `@oneOf` with one field per tag. */
export interface TaggedShape {
  kind: "tagged";
  name: string;
  description: string;
  /** The property that carries the tag in the data. */
  discriminator: string;
  members: { name: string; tag: Tag; shape: ObjectShape | ScalarShape; description: string }[];
}

/** The form of one value. */
export type Shape = ScalarShape | EnumShape | ListShape | ObjectShape | TaggedShape;

/** A place for a value: its form and what may be left out. */
export interface Slot {
  shape: Shape;
  /** Neither absent nor null. */
  required: boolean;
  /** zod accepts null here; otherwise a null means "not given". */
  takesNull: boolean;
  /** zod wants null where nothing is given: GraphQL cannot tell callers to write it. */
  nullWhenAbsent: boolean;
  /** What zod puts in when nothing is given; scalars only. */
  fallback: string | number | boolean | undefined;
  description: string;
}

/** A property. */
export interface Field extends Slot {
  name: string;
}
