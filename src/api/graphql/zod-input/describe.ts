// Words for a field of input: what its author wrote, then what zod will insist on.
import { z } from "zod";
import type { Unwrapped } from "./unwrap.ts";

const FORMATS: Record<string, string> = {
  email: "An e-mail address",
  url: "A URL",
  uuid: "A UUID",
  datetime: "An ISO 8601 timestamp",
  date: "A date such as 2026-01-31",
  time: "A time of day such as 09:30:00",
  duration: "An ISO 8601 duration",
};

const between = (least: number | null, most: number | null): string => {
  const low = least !== null && least > Number.MIN_SAFE_INTEGER ? least : null;
  const high = most !== null && most < Number.MAX_SAFE_INTEGER ? most : null;
  if (low !== null && high !== null) return low === high ? ` of exactly ${low}` : ` from ${low} to ${high}`;
  if (low !== null) return ` of at least ${low}`;
  return high === null ? "" : ` of at most ${high}`;
};

function text(schema: z.ZodString): string {
  const kind = (schema.format && FORMATS[schema.format]) || "Text";
  const size = between(schema.minLength || null, schema.maxLength);
  return size === "" ? kind : `${kind}${size} characters`;
}

function constraints(inner: z.core.$ZodTypes): string {
  const schema: unknown = inner;
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return text(schema as z.ZodString);
  if (schema instanceof z.ZodNumber) {
    return `${schema.isInt ? "A whole number" : "A number"}${between(schema.minValue, schema.maxValue)}`;
  }
  const { def } = inner._zod;
  if (def.type === "boolean") return "True or false";
  if (def.type === "date") return "An ISO 8601 timestamp";
  if (def.type === "enum" || def.type === "literal") return "One of fixed values";
  if (def.type === "array" || def.type === "set") return "A list";
  if (def.type === "object") return "An object";
  if (def.type === "union" && "discriminator" in def) return "One of several forms";
  return "Any JSON that the workflow's schema accepts";
}

/** The description of a field: the author's words and the limits. */
export function describeField({ inner, description, fallback }: Unwrapped): string {
  const limits = `${constraints(inner)}.`;
  const otherwise = fallback === undefined ? "" : ` Default: \`${JSON.stringify(fallback)}\`.`;
  if (description === undefined) return limits + otherwise;
  return `${description}${/[.!?]$/.test(description) ? "" : "."} ${limits}${otherwise}`;
}
