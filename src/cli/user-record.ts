// A record of a file as a user or a list member. Files name things in their own ways.
import type { z } from "zod";
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { MemberInput } from "../store/lists.ts";
import type { UserInput } from "../store/users.ts";
import type { RecordFormat } from "./read-records.ts";

/** What a record became, or why it cannot. */
export type Parsed<Item> = { item: Item } | { problem: string };

const idNames = ["userId", "user_id", "id"];
const columns: Record<string, string> = {
  name: "name",
  email: "email",
  phoneNumber: "phoneNumber",
  phone_number: "phoneNumber",
  phone: "phoneNumber",
  avatar: "avatar",
  locale: "locale",
  timezone: "timezone",
  time_zone: "timezone",
};

/** A cell as the schema wants it: `42` as a number where a number belongs. Without a schema it stays text. */
function cellValue(text: string, schema: z.ZodType | undefined): Json {
  if (!schema || schema.safeParse(text).success) return text;
  try {
    const value = JSON.parse(text) as Json;
    return schema.safeParse(value).success ? value : text;
  } catch {
    return text;
  }
}

function takeId(record: JsonObject): Parsed<{ id: string; rest: JsonObject }> {
  const name = idNames.find((candidate) => candidate in record);
  if (!name) return { problem: "there is no id; name the column id or user_id" };
  const { [name]: id, ...rest } = record;
  return typeof id === "string" && id !== "" ? { item: { id, rest } } : { problem: "the id is empty or no text" };
}

/** The cells that hold something; empty ones say nothing. */
const filled = (record: JsonObject): [string, string][] =>
  Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "");

/** Reads list members: an id, and all else as properties of the membership. */
export const memberParser =
  (format: RecordFormat) =>
  (record: JsonObject): Parsed<MemberInput> => {
    const found = takeId(record);
    if ("problem" in found) return found;
    const { id: userId, rest } = found.item;
    if (format === "csv") return { item: { userId, properties: Object.fromEntries(filled(rest)) } };
    const { properties = {}, ...unknown } = rest;
    const [surplus] = Object.keys(unknown);
    if (surplus) return { problem: `unknown member "${surplus}"; own data belongs into properties` };
    return { item: { userId, properties: properties as JsonObject } };
  };

/** Reads users: the columns that every user has, and all else as properties, typed by the project's schema. */
export const userParser =
  (format: RecordFormat, schema: z.ZodObject | null) =>
  (record: JsonObject): Parsed<UserInput> => {
    const found = takeId(record);
    if ("problem" in found) return found;
    const { id, rest } = found.item;
    if (format === "jsonl") return { item: { ...rest, id } as UserInput };
    const own = filled(rest).filter(([name]) => name in columns);
    const others = filled(rest).filter(([name]) => !(name in columns));
    const properties = others.map(([name, text]) => [
      name,
      cellValue(text, schema?.shape[name] as z.ZodType | undefined),
    ]);
    return {
      item: {
        id,
        ...Object.fromEntries(own.map(([name, text]) => [columns[name], text])),
        properties: Object.fromEntries(properties) as JsonObject,
      },
    };
  };
