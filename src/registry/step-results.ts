// What each kind of step leaves for later ones: which members it has, for checking paths, and how it
// looks, for trying content without a run.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import { isChannelKind } from "../definition/steps/channel.ts";
import { sample } from "./json-schema.ts";
import type { ControlKind, Step } from "./structure.ts";

/** What a result is made up from. */
export interface SampleSource {
  data: JsonObject;
  actor: JsonObject;
}

/** A step as those after it know it. */
export interface KnownStep {
  kind: Step["kind"];
  /** The JSON Schema of each member, or that it is a person. */
  members: Readonly<Record<string, JsonObject | "person">>;
  /** A result as it could be. */
  sample: (source: SampleSource) => JsonObject;
}

type Shape = Omit<KnownStep, "kind">;

const BOOLEAN: JsonObject = { type: "boolean" };
const NUMBER: JsonObject = { type: "number" };
const TEXT: JsonObject = { type: "string" };
const LIST: JsonObject = { type: "array" };
const ANYTHING: JsonObject = { type: "object" };

const MOMENT = "2026-01-05T09:00:00.000Z";
const NOTIFICATION = "019b8d30-0000-7000-8000-000000000001";

const shape = (members: Shape["members"], result: JsonObject = {}): Shape => ({
  members: { skipped: BOOLEAN, ...members },
  sample: () => ({ skipped: false, ...result }),
});

const channel = shape(
  Object.fromEntries(
    ["sent", "delivered", "seen", "read", "interacted", "clicked", "archived"].map((name) => [name, BOOLEAN]),
  ),
  { sent: true, delivered: true, seen: false, read: false, interacted: false, clicked: false, archived: false },
);

const batch: Shape = {
  members: {
    ...shape({ count: NUMBER, actorCount: NUMBER, flushed: BOOLEAN, activities: LIST, actors: LIST }).members,
    firstActor: "person",
  },
  sample: ({ data, actor }) => ({
    skipped: false,
    count: 1,
    activities: [{ id: NOTIFICATION, data, actor, at: MOMENT }],
    actors: [actor],
    actorCount: 1,
    firstActor: actor,
    flushed: false,
  }),
};

const shapes: { [Kind in ControlKind]: (step: Extract<Step, { kind: Kind }>, example: Json | undefined) => Shape } = {
  delay: () => shape({}),
  branch: () => shape({}),
  updateUser: () => shape({}),
  batch: () => batch,
  throttle: () => shape({ breached: BOOLEAN }, { breached: false }),
  cohort: ({ cohorts }) => shape({ cohort: TEXT }, { cohort: cohorts[0]?.name ?? null }),
  fetch: ({ response }, example = sample(response)) =>
    shape({ status: NUMBER, data: response }, { status: 200, data: example }),
  waitFor: () =>
    shape({ matched: BOOLEAN, timedOut: BOOLEAN, event: ANYTHING }, { matched: true, timedOut: false, event: {} }),
  notify: () => shape({ notification: TEXT }, { notification: NOTIFICATION }),
};

/** What is known of a step; `example` is what the author says that a call is answered with. */
export function knownStep(step: Step, example?: Json): KnownStep {
  if (isChannelKind(step.kind)) return { kind: step.kind, ...channel };
  const shapeOf = shapes[step.kind] as (step: Step, example: Json | undefined) => Shape;
  return { kind: step.kind, ...shapeOf(step, example) };
}
