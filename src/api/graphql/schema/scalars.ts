import { GraphQLError } from "graphql";
import { parseInstant } from "../../../base/instant.ts";
import type { Builder } from "../builder.ts";

// These texts reach clients: each begins with the name of the type and holds no value.
const refusal = (text: string) => new GraphQLError(text);

function toDate(value: unknown): Date {
  const milliseconds = typeof value === "string" ? parseInstant(value) : null;
  if (milliseconds === null) throw refusal("DateTime is an ISO 8601 timestamp such as 2026-01-31T09:30:00Z.");
  return new Date(milliseconds);
}

function toSafeInt(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw refusal("SafeInt is a whole number between -(2^53 - 1) and 2^53 - 1.");
}

function toEmptyObject(value: unknown): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)
    return {};
  throw refusal("EmptyObject is an object without members: {}.");
}

/** The scalars that GraphQL itself does not have. */
export function addScalars(builder: Builder): void {
  builder.scalarType("DateTime", {
    description: "An instant, ISO 8601 with an offset: `2026-01-31T09:30:00Z`.",
    parseValue: toDate,
    serialize: (value) => value.toISOString(),
  });
  builder.scalarType("JSON", {
    description: "Any JSON value.",
    parseValue: (value) => value,
    serialize: (value) => value,
  });
  builder.scalarType("SafeInt", {
    description: "A whole number that JavaScript holds exactly, beyond the 32 bits of Int.",
    parseValue: toSafeInt,
    serialize: toSafeInt,
  });
  builder.scalarType("EmptyObject", {
    description: "An object without members, `{}`: what stands where nothing has to be said.",
    parseValue: toEmptyObject,
    serialize: toEmptyObject,
  });
}
