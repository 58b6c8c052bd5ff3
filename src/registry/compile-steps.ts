// Steps to structure, in order: a step may refer to those before it.
import type { BranchStepDefinition, CohortStepDefinition, StepDefinition } from "../definition/steps/index.ts";
import { compileFetch, compileNotify, compileUpdateUser, exampleAnswer } from "./compile-calls.ts";
import { compileChannel } from "./compile-channel.ts";
import { compileWhen, report, type CompileContext, type Place } from "./compile-context.ts";
import { compileKey } from "./compile-reference.ts";
import { checkSettings, isStepKind } from "./compile-settings.ts";
import { compileBatch, compileDelay, compileThrottle, compileWaitFor } from "./compile-waits.ts";
import { knownStep } from "./step-results.ts";
import type { BranchStep, CohortStep, Step } from "./structure.ts";

const REF = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;
const DEEPEST = 5;
const MOST_COHORTS = 10;

/** Reports names that occur twice among the ways of a step. */
function checkNames(context: CompileContext, step: StepDefinition, what: string, names: readonly string[]): void {
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  for (const name of new Set(twice))
    report(context, step, `two ${what}s are called "${name}"`, `give each ${what} its own name`);
}

function compileBranch(context: CompileContext, step: BranchStepDefinition, depth: number): BranchStep {
  if (step.arms.length === 0) report(context, step, "the branch has no arm", 'add .when("name", condition, (w) => …)');
  checkNames(
    context,
    step,
    "arm",
    step.arms.map(({ name }) => name),
  );
  const arms = step.arms.map((arm) => {
    const when = compileWhen(context, step, arm.when) ?? { op: "all", of: [] };
    return { name: arm.name, when, steps: compileSteps(context, arm.steps, depth + 1) };
  });
  const otherwise = step.otherwise && compileSteps(context, step.otherwise, depth + 1);
  return { kind: "branch", ref: step.ref, arms, otherwise };
}

function checkWeights(context: CompileContext, step: CohortStepDefinition): void {
  const { cohorts } = step;
  if (cohorts.length < 2 || cohorts.length > MOST_COHORTS)
    report(
      context,
      step,
      `the choice has ${cohorts.length === 1 ? "1 cohort" : `${cohorts.length} cohorts`}`,
      `give it 2 to ${MOST_COHORTS}`,
    );
  const wrong = cohorts.find(({ weight }) => !Number.isFinite(weight) || weight < 0);
  if (wrong) report(context, step, `the weight of "${wrong.name}" is ${wrong.weight}`, "use a number of at least 0");
  else if (cohorts.length > 0 && cohorts.every(({ weight }) => weight === 0))
    report(context, step, "all weights are 0", "give at least one cohort a weight");
}

function compileCohort(context: CompileContext, step: CohortStepDefinition, depth: number): CohortStep {
  checkWeights(context, step);
  checkNames(
    context,
    step,
    "cohort",
    step.cohorts.map(({ name }) => name),
  );
  return {
    kind: "cohort",
    ref: step.ref,
    when: compileWhen(context, step, step.settings.when),
    by: compileKey(context, step, "by", step.settings.by),
    cohorts: step.cohorts.map(({ name, weight, steps }) => ({
      name,
      weight,
      steps: compileSteps(context, steps, depth + 1),
    })),
  };
}

function compileStep(context: CompileContext, step: StepDefinition, depth: number): Step {
  switch (step.kind) {
    case "delay":
      return compileDelay(context, step);
    case "batch":
      return compileBatch(context, step);
    case "throttle":
      return compileThrottle(context, step);
    case "branch":
      return compileBranch(context, step, depth);
    case "cohort":
      return compileCohort(context, step, depth);
    case "fetch":
      return compileFetch(context, step);
    case "waitFor":
      return compileWaitFor(context, step, (steps) => compileSteps(context, steps, depth + 1));
    case "updateUser":
      return compileUpdateUser(context, step);
    case "notify":
      return compileNotify(context, step);
    default:
      return compileChannel(context, step);
  }
}

function checkRef(context: CompileContext, step: StepDefinition): void {
  if (!REF.test(step.ref) || step.ref === "when")
    report(context, step, `"${step.ref}" cannot be a ref`, "use letters, digits, - and _, beginning with a letter");
  if (context.sites.has(step.ref))
    report(context, step, `two steps have the ref "${step.ref}"`, "give one of them another ref");
}

const reportKind = (context: CompileContext, { kind, ...place }: Place & { kind: string }) =>
  report(
    context,
    place,
    `this release of knock has no "${kind}" step`,
    "use the one that the workflow was written with",
  );

/**
 * The structure of a chain of steps. Problems are noted in the context, so that one pass finds all. `depth` is the
 * number of steps around it.
 */
export function compileSteps(context: CompileContext, steps: readonly StepDefinition[], depth = 0): Step[] {
  // One problem for one nesting: what lies deeper is too deep anyway.
  if (depth === DEEPEST + 1 && steps[0])
    report(context, steps[0], `steps lie inside each other more than ${DEEPEST} deep`, "notify another workflow");
  return steps.flatMap((given) => {
    if (!isStepKind(given.kind)) {
      reportKind(context, given);
      return [];
    }
    // Without settings, as only JavaScript can be, what is missing is told one by one.
    const step = { ...given, settings: given.settings ?? {} } as StepDefinition;
    checkRef(context, step);
    checkSettings(context, step);
    context.sites.set(step.ref, step.site);
    const compiled = compileStep(context, step, depth);
    const example = step.kind === "fetch" ? exampleAnswer(context, step) : undefined;
    context.known.steps.set(step.ref, knownStep(compiled, example));
    return compiled;
  });
}
