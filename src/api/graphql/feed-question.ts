// What callers ask of feeds, as the engine takes it; and who may ask it.
import type { JsonObject } from "../../base/canonical-json.ts";
import { type Issue, KnockError } from "../../base/errors.ts";
import type { FeedFilter, FeedQuestion } from "../../engine/feed/contract.ts";
import { selectionOf } from "../../engine/feed/selection.ts";
import { reachesTenant } from "../../engine/viewer/viewer.ts";
import type { Identity } from "../auth/identity.ts";
import type { Context } from "./context.ts";
import { requestError } from "./request-errors.ts";

/** A filter as GraphQL gives it. */
export interface FilterInput extends Omit<FeedFilter, "workflows" | "categories" | "data"> {
  workflow?: readonly string[] | null | undefined;
  category?: readonly string[] | null | undefined;
  data?: unknown;
}

/** Refuses a tenant that the person's token does not grant. */
export function needTenant({ viewer }: Identity, tenant: string | null | undefined): void {
  if (tenant === null || tenant === undefined || reachesTenant(viewer, tenant)) return;
  throw requestError(new KnockError("FORBIDDEN", { needed: "viewer", viewer: true, tenant: true }));
}

const refuse = (issues: Issue[]) => new KnockError("INVALID_INPUT", { subject: "The filter", issues });

function isMap(data: unknown): data is JsonObject | null | undefined {
  return data === null || data === undefined || (typeof data === "object" && !Array.isArray(data));
}

const inputNames: Record<string, string> = { workflows: "workflow", categories: "category" };

const inInput = ({ path: [member, ...rest], ...issue }: Issue): Issue => ({
  ...issue,
  path: ["filter", inputNames[String(member)] ?? member!, ...rest],
});

/**
 * The question of a caller: about a person's own feed, or, of a server, about the feed of `userId`. Throws `FORBIDDEN`
 * for a tenant that is not granted and `INVALID_INPUT`, with paths of the input, for a filter that is none.
 */
export function feedQuestion(
  { identity, engine }: Pick<Context, "identity" | "engine">,
  userId: string,
  { workflow, category, data, ...filter }: FilterInput,
): FeedQuestion {
  needTenant(identity, filter.tenant);
  if (!isMap(data))
    throw refuse([{ path: ["filter", "data"], message: "Expected members by name.", code: "invalid_type" }]);
  const question = {
    userId,
    viewer: identity.viewer,
    filter: { ...filter, workflows: workflow, categories: category, data },
  };
  try {
    selectionOf(question, engine.context.registry());
  } catch (error) {
    throw KnockError.is(error, "INVALID_INPUT") ? refuse(error.details.issues.map(inInput)) : error;
  }
  return question;
}
