// Data as a caller writes it into a GraphQL document: the way back from what the decoder does.
import type { Field, ObjectShape, Shape, TaggedShape } from "./shape.ts";

type Values = Readonly<Record<string, unknown>>;

const braced = (members: readonly string[]) => (members.length === 0 ? "{}" : `{ ${members.join(", ")} }`);

/** JSON, with the names of members unquoted. Only for members whose names GraphQL allows. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  return braced(Object.entries(value).map(([name, member]) => `${name}: ${plain(member)}`));
}

const members = (fields: readonly Field[], values: Values) =>
  braced(
    fields.flatMap(({ name, shape }) =>
      values[name] === undefined ? [] : [`${name}: ${literalOf(shape, values[name])}`],
    ),
  );

function tagged({ discriminator, members: ways }: TaggedShape, values: Values): string {
  const way = ways.find(({ tag }) => tag === values[discriminator]);
  return way ? braced([`${way.name}: ${literalOf(way.shape, way.shape.kind === "object" ? values : {})}`]) : "null";
}

const object = ({ fields }: ObjectShape, values: Values) => members(fields, values);

/** A value that fits the schema of the shape, as GraphQL text. */
export function literalOf(shape: Shape, value: unknown): string {
  if (value === null) return "null";
  switch (shape.kind) {
    case "enum":
      return shape.members.find((member) => member.value === value)?.name ?? "null";
    case "list":
      return `[${[...(value as Iterable<unknown>)].map((item) => literalOf(shape.item.shape, item)).join(", ")}]`;
    case "object":
      return object(shape, value as Values);
    case "tagged":
      return tagged(shape, value as Values);
    default:
      return plain(value instanceof Date ? value.toISOString() : value);
  }
}
