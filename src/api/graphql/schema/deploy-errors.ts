// Why nothing was deployed.
import type { DeployPlan } from "../../../deploy/plan/plan.ts";
import type { Builder } from "../builder.ts";
import { detailsOf, errorOptions } from "./errors.ts";
import type { RefusedDeploy } from "./deploy.ts";

const planField = "What it would have changed.";

/** These two are refused because of their plan. */
function planOf({ plan, error }: RefusedDeploy): DeployPlan {
  if (plan) return plan;
  throw new TypeError(`${error.code} was answered without its plan`);
}

function addArtifactErrors(builder: Builder): void {
  builder.objectType("InvalidWorkflowError", {
    ...errorOptions("INVALID_WORKFLOW"),
    fields: (t) => ({
      problems: t.stringList({
        description: "One for each mistake.",
        resolve: (refused) => detailsOf(refused, "INVALID_WORKFLOW").problems,
      }),
    }),
  });
  builder.objectType("ArtifactRefusedError", {
    ...errorOptions("ARTIFACT_REFUSED"),
    fields: (t) => ({
      workflow: t.string({
        description: "Key of the workflow, or hash of an artifact that belongs to none.",
        resolve: (refused) => detailsOf(refused, "ARTIFACT_REFUSED").workflow,
      }),
      problem: t.string({
        description: "What is wrong with it.",
        resolve: (refused) => detailsOf(refused, "ARTIFACT_REFUSED").problem,
      }),
    }),
  });
}

function addPlanErrors(builder: Builder): void {
  builder.objectType("BreakingChangeError", {
    ...errorOptions("BREAKING_CHANGE"),
    fields: (t) => ({
      changes: t.stringList({
        description: "What breaks, each as a sentence.",
        resolve: (refused) => detailsOf(refused, "BREAKING_CHANGE").changes,
      }),
      plan: t.field({ type: "DeployPlan", description: planField, resolve: planOf }),
    }),
  });
  builder.objectType("OpenRuns", {
    description: "Runs of one workflow that are not finished.",
    fields: (t) => ({
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      runs: t.expose("runs", { type: "SafeInt", description: "How many." }),
    }),
  });
  builder.objectType("OpenRunsError", {
    ...errorOptions("OPEN_RUNS"),
    fields: (t) => ({
      workflows: t.field({
        type: ["OpenRuns"],
        description: "The workflows that would be archived.",
        resolve: (refused) => detailsOf(refused, "OPEN_RUNS").workflows,
      }),
      plan: t.field({ type: "DeployPlan", description: planField, resolve: planOf }),
    }),
  });
}

/** The failures of deploys. */
export function addDeployErrors(builder: Builder): void {
  addArtifactErrors(builder);
  addPlanErrors(builder);
  builder.objectType("UnknownVersionError", {
    ...errorOptions("UNKNOWN_VERSION"),
    fields: (t) => ({
      workflow: t.string({
        description: "Key of the workflow.",
        resolve: (refused) => detailsOf(refused, "UNKNOWN_VERSION").workflow,
      }),
      version: t.int({
        nullable: true,
        description: "Number of the version; null when the one before was asked for.",
        resolve: (refused) => detailsOf(refused, "UNKNOWN_VERSION").version,
      }),
    }),
  });
  builder.objectType("WorksFromFilesError", errorOptions("WORKS_FROM_FILES"));
}
