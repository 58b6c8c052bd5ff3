// A route of the REST surface: what it takes, what it answers, who may call it. One table of these is the router, the
// OpenAPI document and the matrix in the docs.
import type { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import type { Access, Identity } from "../auth/identity.ts";

/** What every handler is given beside its input. */
export interface RestContext {
  engine: Engine;
  identity: Identity;
  /** Also in the header `x-request-id` of the answer. */
  requestId: string;
  /** Channel ids of the hosted product by which existing clients know the project's channels: UUID → channel key. */
  channelIds: Readonly<Record<string, string>>;
}

/** An answer: a status of `responses`, and its body. */
export interface RestAnswer {
  status: number;
  /** Absent: an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** What a handler is given of the request, checked. */
export interface RestInput<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  headers: Headers;
}

/** A route. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/v1/users/:user_id`. */
  path: string;
  /** Unique, in the words of the hosted product's own reference: `users.get`. */
  operation: string;
  /** One sentence, for the OpenAPI document. */
  summary: string;
  /** What a secret key needs. */
  scope: Exclude<Access, "viewer" | "engage">;
  /**
   * What a person may do with a public key and a user token. `user`: what belongs to the `user_id` of the path, which
   * has to be the person's own. `messages`: the handler takes care that only the person's own messages are touched.
   * Absent: nothing.
   */
  viewer?: "user" | "messages";
  params?: Params;
  query?: Query;
  body?: Body;
  /** A body, for the OpenAPI document. */
  example?: z.input<Body>;
  /** Whether the header `idempotency-key` counts. */
  takesKey?: true;
  /** By status; `null` for an empty body. Errors need not be named. */
  responses: Readonly<Record<number, z.ZodType | null>>;
  /** Refusals are thrown as `RestError`, or as `KnockError`, which the router words. */
  handle(
    input: RestInput<z.output<Params>, z.output<Query>, z.output<Body>>,
    context: RestContext,
  ): Promise<RestAnswer>;
}

/** A route with its types inferred. */
export const route = <Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Route<Params, Query, Body>,
): Route => definition as unknown as Route;

/** A refusal in the shape that existing clients know: `{ code, message, status, type }`, for 422 with `errors`. */
export class RestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly { field: string; type: string; message: string }[];

  constructor(
    status: number,
    { code, message, errors = [] }: { code: string; message: string; errors?: RestError["errors"] },
  ) {
    super(message);
    this.name = "RestError";
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}
