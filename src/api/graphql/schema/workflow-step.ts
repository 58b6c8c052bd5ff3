import type { Json } from "../../../base/canonical-json.ts";
import { formatDuration } from "../../../base/duration.ts";
import type { Condition } from "../../../definition/conditions.ts";
import { describeCondition } from "../../../definition/describe-condition.ts";
import type { WindowRule } from "../../../definition/window.ts";
import type { Span, Step } from "../../../registry/structure.ts";
import type { Kit } from "./kit.ts";
import type { ArmNode } from "./objects.ts";

/** A condition in words. */
export const conditionWords = (condition: Condition | null): string | null => condition && describeCondition(condition);

const twoDigits = (value: number) => String(value).padStart(2, "0");

function ruleWords({ frequency, days, hours = 0, minutes = 0, dayOfMonth = 1 }: WindowRule): string {
  const day = frequency === "monthly" ? ` on day ${dayOfMonth}` : "";
  const on = days ? ` on ${days.join(", ")}` : day;
  return `${frequency}${on} at ${frequency === "hourly" ? `minute ${minutes}` : `${hours}:${twoDigits(minutes)}`}`;
}

function spanWords(span: Span): string {
  if ("for" in span) return formatDuration(span.for);
  if ("rule" in span) return ruleWords(span.rule);
  const { at, offset } = span;
  if (offset === 0) return `until ${at}`;
  return `until ${formatDuration(Math.abs(offset))} ${offset < 0 ? "before" : "after"} ${at}`;
}

function waitOf(step: Step): string | null {
  switch (step.kind) {
    case "delay":
      return spanWords(step.wait);
    case "batch":
    case "throttle":
      return spanWords(step.window);
    case "waitFor":
      return spanWords(step.timeout);
    default:
      return null;
  }
}

function armsOf(step: Step): ArmNode[] | null {
  if (step.kind === "branch") return step.arms.map((arm) => ({ ...arm, when: describeCondition(arm.when) }));
  if (step.kind !== "cohort") return null;
  const sum = step.cohorts.reduce((total, { weight }) => total + weight, 0);
  return step.cohorts.map(({ name, weight, steps }) => ({ name, when: `${weight} of ${sum}`, steps }));
}

function otherwiseOf(step: Step): readonly Step[] | null {
  if (step.kind === "branch") return step.otherwise;
  return step.kind === "waitFor" ? step.timedOut : null;
}

/** What other fields of a step say already. */
const TOLD = ["ref", "kind", "when", "channel", "slots", "arms", "otherwise", "cohorts", "timedOut"];

function settingsOf(step: Step): Json {
  const rest = Object.entries(step).filter(([name, value]) => !TOLD.includes(name) && value !== null);
  return rest.length === 0 ? null : (Object.fromEntries(rest) as Json);
}

/** The steps of workflows, and their ways. */
export function addWorkflowSteps({ builder }: Kit): void {
  builder.objectType("WorkflowArm", {
    description: "One way of a branch or a cohort step.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "Name of the way." }),
      when: t.exposeString("when", {
        description:
          "Of a branch: taken when this holds and no way before was taken. Of a cohort: its share, `50 of 100`.",
      }),
      steps: t.expose("steps", { type: ["WorkflowStep"], description: "The steps on this way." }),
    }),
  });
  builder.objectType("WorkflowStep", {
    description: "A step of a workflow.",
    fields: (t) => ({
      ref: t.exposeString("ref", { description: "Unique in the workflow." }),
      kind: t.exposeString("kind", { description: "Such as `email`, `delay` or `branch`." }),
      when: t.string({
        nullable: true,
        description: "Executed only when this holds.",
        resolve: (step) => ("when" in step ? conditionWords(step.when) : null),
      }),
      channel: t.string({
        nullable: true,
        description: "Key of the channel; null takes the only one of its kind.",
        resolve: (step) => ("channel" in step ? step.channel : null),
      }),
      content: t.field({
        type: "JSON",
        nullable: true,
        description: "What is rendered: as it is, as Liquid, or `code`.",
        resolve: (step) => ("slots" in step ? step.slots : null),
      }),
      wait: t.string({
        nullable: true,
        description:
          "How long a delay lasts, a batch collects, a throttle counts or a wait goes on: `1h`, `daily at 9:00`, `until data.dueAt`.",
        resolve: waitOf,
      }),
      settings: t.field({
        type: "JSON",
        nullable: true,
        description: "What else the step says, such as the key of a batch; its members depend on the kind.",
        resolve: settingsOf,
      }),
      arms: t.field({
        type: ["WorkflowArm"],
        nullable: true,
        description: "The ways of a branch, in the order in which they are tried, or of a cohort step.",
        resolve: armsOf,
      }),
      otherwise: t.field({
        type: ["WorkflowStep"],
        nullable: true,
        description: "The steps when no way of a branch was taken, or when a wait timed out.",
        resolve: otherwiseOf,
      }),
    }),
  });
}
