// Steps to structure, in order: a step may refer to those before it.
import { parseDuration } from "../base/duration.ts";
import { nearest } from "../base/nearest.ts";
import { isRef, pathOf } from "../definition/refs.ts";
import { record } from "../definition/selector.ts";
import type {
  BranchStepDefinition,
  ChannelStepDefinition,
  DelayStepDefinition,
  StepDefinition,
} from "../definition/steps/index.ts";
import { compileContent } from "./compile-content.ts";
import { compileWhen, report, type CompileContext } from "./compile-context.ts";
import { unknownPath } from "./known-paths.ts";
import type { BranchStep, ChannelStep, DelayStep, Step } from "./structure.ts";

const REF = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;
const LONGEST_DELAY = 365 * 86_400_000;

function checkChannel(context: CompileContext, step: ChannelStepDefinition): void {
  const { channels } = context.options;
  const wanted = step.settings.channel;
  if (wanted === undefined) {
    const fitting = channels.filter((channel) => channel.type === step.kind);
    if (fitting.length > 1) {
      const keys = fitting.map((channel) => `"${channel.key}"`).join(", ");
      report(
        context,
        step,
        `there are several ${step.kind} channels: ${keys}`,
        `say which: channel: "${fitting[0]?.key}"`,
      );
    }
    return;
  }
  const found = channels.find((channel) => channel.key === wanted);
  if (!found) {
    const near = nearest(
      wanted,
      channels.map((channel) => channel.key),
    );
    report(
      context,
      step,
      `there is no channel "${wanted}"`,
      near ? `did you mean "${near}"?` : "add it to the config's channels",
    );
  } else if (found.type !== step.kind) {
    report(
      context,
      step,
      `channel "${wanted}" is of type ${found.type}, this step is ${step.kind}`,
      "name a fitting channel",
    );
  }
}

function compileChannel(context: CompileContext, step: ChannelStepDefinition): ChannelStep {
  checkChannel(context, step);
  return {
    kind: step.kind,
    ref: step.ref,
    when: compileWhen(context, step, step.settings.when),
    channel: step.settings.channel ?? null,
    slots: compileContent(context, step),
  };
}

function compileDelay(context: CompileContext, step: DelayStepDefinition): DelayStep {
  const when = compileWhen(context, step, step.settings.when);
  const form = { kind: "delay", ref: step.ref, when } as const;
  if ("for" in step.settings) {
    const milliseconds = parseDuration(step.settings.for);
    if (milliseconds === null || milliseconds > LONGEST_DELAY) {
      report(
        context,
        step,
        `"${step.settings.for}" is not a duration of at most 365 days`,
        'write a number and a unit, such as "5m" or "2d"',
      );
    }
    return { ...form, wait: { for: milliseconds ?? 0 } };
  }
  const recorded = record(step.settings.until);
  if (!recorded.ok || !isRef(recorded.result)) {
    const { problem, fix } = recorded.ok
      ? { problem: "the selector of until does not return a reference", fix: "return data.<timestamp>" }
      : recorded;
    report(context, step, problem, fix);
    return { ...form, wait: { for: 0 } };
  }
  const path = pathOf(recorded.result);
  const problem = unknownPath(path.split("."), context.known);
  if (problem) report(context, step, `until reads ${problem}`, "correct the path, or add it to the schema");
  return { ...form, wait: { until: path } };
}

function compileBranch(context: CompileContext, step: BranchStepDefinition): BranchStep {
  if (step.arms.length === 0) report(context, step, "the branch has no arm", 'add .when("name", condition, (w) => …)');
  const names = new Set<string>();
  const arms = step.arms.map((arm) => {
    if (names.has(arm.name)) report(context, step, `two arms are called "${arm.name}"`, "give each arm its own name");
    names.add(arm.name);
    const when = compileWhen(context, step, arm.when) ?? { op: "all", of: [] };
    return { name: arm.name, when, steps: compileSteps(context, arm.steps) };
  });
  const otherwise = step.otherwise && compileSteps(context, step.otherwise);
  return { kind: "branch", ref: step.ref, arms, otherwise };
}

function compileStep(context: CompileContext, step: StepDefinition): Step {
  switch (step.kind) {
    case "delay":
      return compileDelay(context, step);
    case "branch":
      return compileBranch(context, step);
    default:
      return compileChannel(context, step);
  }
}

/** The structure of a chain of steps. Problems are noted in the context, so that one pass finds all. */
export function compileSteps(context: CompileContext, steps: readonly StepDefinition[]): Step[] {
  return steps.map((step) => {
    if (!REF.test(step.ref) || step.ref === "when") {
      report(context, step, `"${step.ref}" cannot be a ref`, "use letters, digits, - and _, beginning with a letter");
    }
    if (context.known.refs.includes(step.ref)) {
      report(context, step, `two steps have the ref "${step.ref}"`, "give one of them another ref");
    }
    const compiled = compileStep(context, step);
    context.known.refs.push(step.ref);
    return compiled;
  });
}
