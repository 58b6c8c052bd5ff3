// The plain settings of steps: which there are, and what they may be.
import { contentSlots } from "../definition/steps/channel.ts";
import type { StepDefinition, StepKind } from "../definition/steps/index.ts";
import { report, type CompileContext, type Place } from "./compile-context.ts";

/** The content slots of steps that make no message. */
export const callSlots = {
  fetch: ["url", "headers", "body"],
  updateUser: ["name", "email", "phoneNumber", "avatar", "locale", "timezone", "properties"],
  notify: ["data", "recipients", "lists", "actor", "tenant", "cancellationKey"],
} as const;

const ofMessages = ["when", "channel", "sendWindow", "retry"];

const settings: Record<StepKind, readonly string[]> = {
  inApp: [...contentSlots.inApp, ...ofMessages],
  email: [...contentSlots.email, ...ofMessages],
  sms: [...contentSlots.sms, ...ofMessages],
  push: [...contentSlots.push, ...ofMessages],
  chat: [...contentSlots.chat, ...ofMessages],
  webhook: [...contentSlots.webhook, ...ofMessages],
  delay: ["for", "until", "before", "after", "frequency", "days", "hours", "minutes", "dayOfMonth", "when"],
  batch: ["key", "window", "sliding", "maxItems", "order", "take", "flushLeading", "when"],
  throttle: ["key", "window", "limit", "onBreach", "when"],
  branch: [],
  cohort: ["by", "when"],
  fetch: [...callSlots.fetch, "method", "response", "example", "timeout", "retry", "when"],
  waitFor: ["event", "match", "message", "status", "timeout", "onMatch", "onTimeout", "when"],
  updateUser: [...callSlots.updateUser, "retry", "when"],
  notify: [...callSlots.notify, "retry", "when"],
};

/** Whether this release has such steps: a deployed workflow may have been written with a later one. */
export const isStepKind = (kind: string): kind is StepKind => Object.hasOwn(settings, kind);

/** Reports settings that the kind of step does not have. */
export function checkSettings(context: CompileContext, step: StepDefinition): void {
  const allowed = settings[step.kind];
  for (const name of Object.keys(step.settings)) {
    if (!allowed.includes(name))
      report(context, step, `${step.kind} has no setting "${name}"`, `use one of ${allowed.join(", ")}`);
  }
}

/** Reports a named value that is not a whole number between two others. */
export function checkWhole(context: CompileContext, place: Place, named: object, [least, most]: [number, number]) {
  for (const [name, value] of Object.entries(named)) {
    const fits = Number.isSafeInteger(value) && value >= least && value <= most;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    if (!fits) report(context, place, `${name} is ${String(value)}`, `use a whole number ${range}`);
  }
}

/** Reports a named value that is not one of a few. */
export function checkChoice(context: CompileContext, place: Place, named: object, choices: readonly string[]): void {
  for (const [name, value] of Object.entries(named)) {
    if (!choices.includes(value as string))
      report(context, place, `${name} is "${String(value)}"`, `use one of ${choices.join(", ")}`);
  }
}
