// What a user may look like when a caller gives one.
import { z } from "zod";
import type { Issue } from "../../base/errors.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import { objectProblem } from "../../base/object-id.ts";
import { personIdProblem } from "../../base/text.ts";
import { isZone } from "../../base/zone.ts";

const PROPERTIES_LENGTH = 256 * 1024;

/** A line break in a name would be one in the head of an e-mail. */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^\P{Cc}*$/u, "must hold no control characters")
    .nullish();

const jsonObject = z
  .record(z.string(), z.unknown(), "must be a JSON object")
  .refine((value) => JSON.stringify(value).length <= PROPERTIES_LENGTH, "must be at most 256 kB");

function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length === 1;
  } catch {
    return false;
  }
}

/** A user as callers give it; unknown members are refused, own data belongs into `properties`. */
export const userInput = z.strictObject({
  id: z
    .string()
    .superRefine((id, { addIssue }) => {
      const problem = personIdProblem(id);
      if (problem) addIssue({ code: "custom", message: `A user id ${problem}.` });
    })
    .regex(/^\P{Cc}*$/u, "must hold no control characters"),
  name: text(1_000),
  email: z
    .string()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, "must be an e-mail address")
    .nullish(),
  phoneNumber: text(50),
  avatar: text(4_000),
  locale: z.string().refine(isLocale, "must be a BCP 47 tag such as de-CH").nullish(),
  timezone: z.string().refine(isZone, "must be an IANA time zone such as Europe/Zurich").nullish(),
  properties: jsonObject.optional(),
  channelData: z.record(z.string(), jsonObject).optional(),
});

/** An object as callers give it: what is said of a user may be said of it, too. */
const objectInput = userInput.extend({ collection: z.string(), id: z.string() }).superRefine((object, { addIssue }) => {
  const found = objectProblem(object);
  if (!found) return;
  const what = found.part === "id" ? "The id of an object" : "A collection";
  addIssue({ code: "custom", path: [found.part], message: `${what} ${found.problem}.` });
});

/** Everything wrong with an object, each with its path under `path`. */
export const objectIssues = (value: unknown, path: Issue["path"]): Issue[] => issuesOf(objectInput, value, path);

/** Everything wrong with what is given of a recipient whose id is known. */
export const changeIssues = (value: unknown): Issue[] => issuesOf(userInput.omit({ id: true }), value, []);

/** Everything wrong with somebody or something given inline; an object is told by its collection. */
export const inlineIssues = (value: unknown, path: Issue["path"]): Issue[] =>
  typeof value === "object" && value !== null && "collection" in value
    ? objectIssues(value, path)
    : userIssues(value, path);

/** Everything wrong with a user, each with its path under `path`. */
export const userIssues = (value: unknown, path: Issue["path"]): Issue[] => issuesOf(userInput, value, path);

/** Everything wrong with the properties of a list, a membership or a tenant. */
export const propertiesIssues = (value: unknown, path: Issue["path"]): Issue[] =>
  issuesOf(jsonObject.optional(), value, path);

function issuesOf(schema: z.ZodType, value: unknown, path: Issue["path"]): Issue[] {
  // First: the schema measures the JSON text, which a circle or a bigint has not.
  const problem = jsonProblem(value);
  if (problem) return [{ ...problem, path: [...path, ...problem.path] }];
  return (schema.safeParse(value).error?.issues ?? []).map((found) => ({
    path: [...path, ...found.path.map((part) => (typeof part === "symbol" ? String(part) : part))],
    message: found.message,
    code: found.code,
  }));
}
