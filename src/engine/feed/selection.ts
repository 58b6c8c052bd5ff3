// Questions about feeds, as the store takes them.
import { type Issue, KnockError } from "../../base/errors.ts";
import type { Registry } from "../../registry/registry.ts";
import type { FeedSelection } from "../../store/reads/feed-filter.ts";
import type { FeedFilter, FeedQuestion } from "./contract.ts";

/** The most names of one filter. */
const MOST_NAMES = 100;

const isFlat = (value: unknown): boolean => value === null || ["string", "number", "boolean"].includes(typeof value);

function issuesOf({ data, workflows, categories }: FeedFilter): Issue[] {
  const members = Object.entries(data ?? {}).filter(([, value]) => !isFlat(value));
  const long = Object.entries({ workflows, categories }).filter(([, names]) => (names?.length ?? 0) > MOST_NAMES);
  return [
    ...members.map(([name]) => ({
      path: ["data", name],
      message: "A member to filter by is a text, a number, a boolean or null.",
      code: "invalid_type",
    })),
    ...long.map(([name]) => ({ path: [name], message: `A filter names at most ${MOST_NAMES}.`, code: "too_big" })),
  ];
}

/** The workflows that are asked for, by key or category; `null` when any are. */
function workflowsOf({ workflows, categories }: FeedFilter, registry: Registry): string[] | null {
  if (!categories) return workflows ? [...workflows] : null;
  const wanted = new Set(categories);
  const inCategory = [...registry.values()]
    .filter(({ structure }) => structure.categories.some((category) => wanted.has(category)))
    .map(({ key }) => key);
  return workflows ? inCategory.filter((key) => workflows.includes(key)) : inCategory;
}

/**
 * A question as the store takes it: categories are those of the workflows as they are deployed now.
 *
 * @throws KnockError `INVALID_INPUT`
 */
export function selectionOf({ userId, viewer, filter }: FeedQuestion, registry: Registry): FeedSelection {
  const issues = issuesOf(filter);
  if (issues.length > 0) throw new KnockError("INVALID_INPUT", { subject: "The filter", issues });
  return {
    recipientId: userId,
    tenants: viewer?.tenants ?? null,
    tenant: filter.tenant ?? null,
    hasTenant: filter.hasTenant ?? null,
    status: filter.status ?? null,
    archived: filter.archived ?? "exclude",
    workflows: workflowsOf(filter, registry),
    data: filter.data ?? null,
    channel: filter.channel ?? null,
  };
}
