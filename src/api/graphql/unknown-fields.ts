// Fields that an input type does not have. graphql finds them too, but prints the whole object for each
// of them: a body of some thousand such fields would keep the process busy for minutes.
import { getNamedType, type GraphQLInputType, isInputObjectType, isListType, isNonNullType } from "graphql";
import type { Issue } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";

interface Finding {
  /** Told of each field that the type does not have, with the path of the field. */
  onUnknown: (path: Issue["path"], nearest: string | null) => void;
  path: Issue["path"];
}

const NAME_LENGTH = 100;

/**
 * The value without the fields that its type does not have. Parts without such fields are shared with
 * the value that was given.
 *
 * @example withoutUnknownFields({ id: "a", nane: "b" }, userInput, { path: [], onUnknown }) // { id: "a" }
 */
export function withoutUnknownFields(value: unknown, type: GraphQLInputType, finding: Finding): unknown {
  if (typeof value !== "object" || value === null || !isInputObjectType(getNamedType(type))) return value;
  if (isNonNullType(type)) return withoutUnknownFields(value, type.ofType, finding);
  const below = (part: unknown, name: string | number, partType: GraphQLInputType) =>
    withoutUnknownFields(part, partType, { ...finding, path: [...finding.path, name] });
  if (isListType(type)) {
    if (!Array.isArray(value)) return withoutUnknownFields(value, type.ofType, finding);
    return value.map((item, index) => below(item, index, type.ofType));
  }
  // A list for an object is a wrong type, which graphql reports.
  if (!isInputObjectType(type) || Array.isArray(value)) return value;
  const fields = type.getFields();
  const known: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    if (Object.hasOwn(fields, name)) known[name] = below(part, name, fields[name]!.type);
    else finding.onUnknown([...finding.path, name.slice(0, NAME_LENGTH)], nearest(name, Object.keys(fields)));
  }
  return known;
}
