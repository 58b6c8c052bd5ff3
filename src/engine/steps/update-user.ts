import type { JsonObject } from "../../base/canonical-json.ts";
import { renderSlots } from "../../registry/render-slots.ts";
import type { UpdateUserStep } from "../../registry/structure.ts";
import { deepMerge } from "../../store/deep-merge.ts";
import { changeIssues } from "../directory/user-input.ts";
import type { UserInput } from "../notify-call.ts";
import { FinalFailure, type PersonSnapshot, type StepResult } from "../run.ts";
import { sourcesFor } from "./slots.ts";
import { refusedBy, skipped, type StepContext } from "./step-context.ts";

/** The recipient as it is after the change: the same merge as the store's. */
function changed(recipient: PersonSnapshot, { properties, channelData: _none, ...members }: UserInput): PersonSnapshot {
  return { ...recipient, ...members, properties: deepMerge(recipient.properties, properties ?? {}) };
}

/** Changes the recipient, for this run's later steps at once; one who is not known yet becomes known. */
export function updateUser(step: UpdateUserStep, context: StepContext): StepResult {
  const refused = refusedBy(step.when, context);
  if (refused) return refused;
  const sources = sourcesFor(step, context);
  if (!sources) return skipped("RETIRED", "the deployed workflow no longer has this step");
  const { recipient } = context.run;
  const given = Object.entries(renderSlots(sources, context.scope));
  // `null` properties mean none to change, as nothing would be left of a user otherwise.
  const members = given.filter(([name, value]) => name !== "properties" || value !== null);
  const change = Object.fromEntries(members);
  const user = { ...change, id: recipient.id } as unknown as UserInput;
  const [issue, ...others] = changeIssues(change);
  if (issue) {
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    throw new FinalFailure(`${issue.path.join(".")}: ${issue.message}${more}`);
  }
  const names = members.flatMap(([name, value]) =>
    name === "properties" ? Object.keys(value as JsonObject).map((key) => `properties.${key}`) : [name],
  );
  return {
    outcome: "done",
    effects: [{ kind: "updateUser", user }],
    recipient: changed(recipient, user),
    reason: names.length > 0 ? `changed ${names.join(", ")}` : "changed nothing",
  };
}
