// The one place that knows Pothos' plugins: importing one anywhere makes its options mandatory on
// every builder of the program. A builder is used up by its schema, so each reload makes a new one.
import SchemaBuilder from "@pothos/core";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import type { Refused } from "../../engine/notify-call.ts";
import type { Context } from "./context.ts";
import { forbidden } from "./request-errors.ts";
import type { Objects } from "./schema/objects.ts";
import { type Access, grantedTo } from "../auth/identity.ts";

/** The types that the builder knows by name. */
export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  AuthScopes: Record<Access, boolean>;
  Objects: Objects;
  Interfaces: { Error: Refused };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    SafeInt: { Input: number; Output: number };
    EmptyObject: { Input: object; Output: object };
  };
}

/** A new, empty builder. */
export function createBuilder() {
  return new SchemaBuilder<SchemaTypes>({
    plugins: [ScopeAuthPlugin],
    defaultFieldNullability: false,
    scopeAuth: {
      authScopes: ({ identity }) => grantedTo(identity),
      // A GraphQLError: any other error would be masked as unexpected.
      unauthorizedError: (_parent, _context, _info, { failure }) => forbidden(failure),
    },
  });
}

/** A builder. */
export type Builder = ReturnType<typeof createBuilder>;
