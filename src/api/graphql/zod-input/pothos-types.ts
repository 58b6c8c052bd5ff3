// From shapes to the input types of the schema.
import type { Builder } from "../builder.ts";
import type { EnumShape, Field, ObjectShape, Shape, Slot, TaggedShape } from "./shape.ts";

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<Builder["$inferSchemaTypes"], "InputObject">;
type Ref =
  | ReturnType<Builder["inputRef"]>
  | ReturnType<Builder["enumType"]>
  | ReturnType<FieldBuilder["listRef"]>
  | "String";

/** Makes input types of shapes, each once. */
export function createInputTypes(builder: Builder) {
  const known = new Map<Shape, Ref>();

  function enumOf({ name, description, members }: EnumShape): Ref {
    return builder.enumType(name, {
      description,
      values: Object.fromEntries(members.map((member) => [member.name, { value: member.value }])),
    });
  }

  function objectOf(shape: ObjectShape): Ref {
    const ref = builder.inputRef<object>(shape.name);
    known.set(shape, ref);
    ref.implement({ description: shape.description, fields: (t) => fieldsOf(t, shape.fields) });
    return ref;
  }

  function taggedOf(shape: TaggedShape): Ref {
    const ref = builder.inputRef<object>(shape.name);
    known.set(shape, ref);
    ref.implement({
      description: shape.description,
      isOneOf: true,
      fields: (t) =>
        Object.fromEntries(
          shape.members.map(({ name, shape: member, description }) => [
            name,
            t.field({ type: refOf(t, member), description }),
          ]),
        ),
    });
    return ref;
  }

  function refOf(t: FieldBuilder, shape: Shape): Ref {
    // Scalars are known to the builder by name, which is all that a type of fields needs.
    if (shape.kind === "scalar") return shape.type as "String";
    if (shape.kind === "list") return t.listRef(refOf(t, shape.item.shape), { required: shape.item.required });
    const made = known.get(shape);
    if (made) return made;
    const ref = shape.kind === "enum" ? enumOf(shape) : shape.kind === "object" ? objectOf(shape) : taggedOf(shape);
    known.set(shape, ref);
    return ref;
  }

  const fieldOf = (t: FieldBuilder, { shape, required, fallback, description }: Slot) =>
    t.field({
      type: refOf(t, shape),
      required,
      description,
      ...(fallback !== undefined && { defaultValue: fallback as never }),
    });

  const fieldsOf = (t: FieldBuilder, fields: readonly Field[]) =>
    Object.fromEntries(fields.map((field) => [field.name, fieldOf(t, field)]));

  return { refOf };
}
