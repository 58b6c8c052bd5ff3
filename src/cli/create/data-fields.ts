// The data of a new workflow, as it is written on the command line: `title:string,amount:number?,role:admin|member`.
import { nearest } from "../../base/nearest.ts";

/** One member of the data. */
export interface DataField {
  name: string;
  /** Source of its zod schema. */
  schema: string;
  /** Source of an example. */
  example: string;
  /** It is text that is always there, and can stand in a sentence. */
  readable: boolean;
}

/** The types by name: source of the schema and of an example. */
const TYPES: Readonly<Record<string, readonly [schema: string, example: string]>> = {
  string: ["z.string()", ""],
  number: ["z.number()", "1.5"],
  integer: ["z.int()", "1"],
  boolean: ["z.boolean()", "true"],
  email: ["z.email()", '"ada@example.com"'],
  url: ["z.url()", '"https://example.com/1"'],
  date: ["z.iso.date()", '"2026-01-05"'],
  datetime: ["z.iso.datetime()", '"2026-01-05T09:00:00Z"'],
};
const READABLE = ["string", "email", "url"];

const FIELD = /^([a-z][A-Za-z0-9_]*)(?::([^?[\]]+))?(\[\])?(\?)?$/;
const CHOICE = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Either the field, or in words why it is none. */
export type ParsedField = { ok: true; field: DataField } | { ok: false; problem: string };

const wrong = (problem: string): ParsedField => ({ ok: false, problem });

function typed(name: string, type: string): readonly [schema: string, example: string] | string {
  if (type.includes("|")) {
    const choices = type.split("|");
    const bad = choices.find((choice) => !CHOICE.test(choice));
    if (bad !== undefined) return `"${bad}" cannot be a choice: use letters, digits and _`;
    if (new Set(choices).size < choices.length) return `${name} names a choice twice`;
    const quoted = choices.map((choice) => JSON.stringify(choice));
    return [`z.enum([${quoted.join(", ")}])`, quoted[0]!];
  }
  if (Object.hasOwn(TYPES, type)) {
    const [schema, example] = TYPES[type]!;
    return [schema, example || JSON.stringify(`${name.replaceAll("_", " ")} 1`)];
  }
  const near = nearest(type, Object.keys(TYPES));
  return `"${type}" is no type${near ? `; did you mean ${near}?` : `; there are ${Object.keys(TYPES).join(", ")}, and choices such as admin|member`}`;
}

/** One field. Without a type it is a `string`; `[]` makes a list of it and `?` lets it be absent. */
function parseField(text: string): ParsedField {
  const match = FIELD.exec(text.trim());
  if (!match) return wrong(`"${text.trim()}" is not of the form name:type`);
  const [, name = "", type = "string", list, optional] = match;
  const found = typed(name, type.trim());
  if (typeof found === "string") return wrong(found);
  const [one, example] = found;
  const schema = `${list ? `z.array(${one})` : one}${optional ? ".optional()" : ""}`;
  const readable = READABLE.includes(type.trim()) && !list && !optional;
  return { ok: true, field: { name, schema, example: list ? `[${example}]` : example, readable } };
}

/** All fields of a list with commas; the first problem otherwise. */
export function parseFields(text: string): { ok: true; fields: DataField[] } | { ok: false; problem: string } {
  const fields: DataField[] = [];
  for (const part of text.split(",").filter((one) => one.trim() !== "")) {
    const parsed = parseField(part);
    if (!parsed.ok) return parsed;
    if (fields.some(({ name }) => name === parsed.field.name))
      return { ok: false, problem: `${parsed.field.name} is there twice` };
    fields.push(parsed.field);
  }
  return { ok: true, fields };
}
