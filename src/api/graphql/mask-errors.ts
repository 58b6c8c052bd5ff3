// What nobody expected stays inside: the client gets an incident id, the log gets the cause, once.
import { GraphQLError } from "graphql";
import type { Clock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import { badInput, requestError } from "./request-errors.ts";

/** The error behind what an executor put around it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/** An error that tells what JSON.parse said repeats a piece of the body. Such a body is 400 for every client. */
function withoutOriginal(error: GraphQLError): GraphQLError {
  if (!("originalError" in error.extensions)) return error;
  const { originalError: _told, http, ...extensions } = error.extensions;
  return new GraphQLError(error.message, { extensions: { ...extensions, http: { ...(http as object), spec: false } } });
}

const located = (error: GraphQLError, place: unknown): GraphQLError =>
  place instanceof GraphQLError
    ? new GraphQLError(error.message, { nodes: place.nodes, path: place.path, extensions: error.extensions })
    : error;

/** Makes the function that decides what clients see of an error. */
export function createMask({ logger, clock }: { logger: Logger; clock: Clock }): (error: unknown) => Error {
  // One failed query can fail a hundred fields: that is one incident.
  const incidents = new WeakMap<object, string>();

  function incidentOf(cause: unknown): string {
    const known = typeof cause === "object" && cause !== null ? incidents.get(cause) : undefined;
    if (known) return known;
    const incident = newId(clock.now());
    if (typeof cause === "object" && cause !== null) incidents.set(cause, incident);
    logger.error("an unexpected error while answering a GraphQL request", { incident, error: cause });
    return incident;
  }

  return (error) => {
    const cause = causeOf(error);
    if (cause instanceof GraphQLError) return withoutOriginal(error as GraphQLError);
    // The store refuses cursors and page sizes that are none.
    if (KnockError.is(cause, "INVALID_INPUT")) return located(badInput(cause.details.issues), error);
    return located(requestError(new KnockError("INTERNAL", { incident: incidentOf(cause) })), error);
  };
}
