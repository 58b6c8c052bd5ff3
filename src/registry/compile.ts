// Definition to structure and content. Every problem of every workflow is collected in one pass.
import type { z } from "zod";
import { hashJson, type JsonObject } from "../base/canonical-json.ts";
import { graphqlName, isWorkflowKey } from "../base/names.ts";
import { KnockError } from "../base/errors.ts";
import type { StepDefinition } from "../definition/steps/index.ts";
import type { When } from "../definition/steps/when.ts";
import { isWorkflow, type WorkflowHandle } from "../definition/workflow.ts";
import { compileSteps } from "./compile-steps.ts";
import {
  compileWhen,
  contextFor,
  report,
  type CompileContext,
  type CompileOptions,
  type Place,
} from "./compile-context.ts";
import type { WorkflowModule } from "./config.ts";
import { fingerprint, sampleScope } from "./fingerprint.ts";
import { inputJsonSchema, sameMeaning, unstatable } from "./json-schema.ts";
import { describeProblem, type Problem } from "./problem.ts";
import type { CompiledWorkflow, Registry } from "./registry.ts";
import type { Step, Structure } from "./structure.ts";

const inWords = (key: string) => {
  const words = key.replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function schemaOf(context: CompileContext, place: Place, schema: z.ZodObject): JsonObject {
  const found = unstatable(schema);
  if (!found) return inputJsonSchema(schema);
  const where = ["data", ...found.path].join(".");
  report(
    context,
    place,
    `${where} cannot be stored as JSON: ${found.problem}`,
    "use z.iso.datetime() for dates, strings for big numbers, no transforms",
  );
  return { type: "object" };
}

function examplesOf(
  context: CompileContext,
  place: Place,
  workflow: WorkflowHandle,
  name: string,
): Map<string, object> {
  const scopes = new Map<string, object>();
  for (const [example, data] of Object.entries(workflow.definition.settings.examples ?? {})) {
    const parsed = workflow.definition.settings.data.safeParse(data);
    if (parsed.success) scopes.set(example, sampleScope(context, name, parsed.data as JsonObject));
    for (const issue of parsed.error?.issues ?? []) {
      const path = ["data", ...issue.path].join(".");
      report(
        context,
        place,
        `example "${example}" does not fit the schema: ${path}: ${issue.message}`,
        "correct the example",
      );
    }
  }
  return scopes;
}

function compileFailureSteps(context: CompileContext, steps: readonly StepDefinition[]): Step[] {
  context.known.failure = true;
  return compileSteps(context, steps);
}

function structureOf(context: CompileContext, place: Place, workflow: WorkflowHandle): Structure {
  const { key, settings, steps, onFailure } = workflow.definition;
  const categories = typeof settings.category === "string" ? [settings.category] : [...(settings.category ?? [])];
  context.known.data = schemaOf(context, place, settings.data);
  if (steps.length === 0)
    report(context, place, "the workflow has no step", 'add one, such as .inApp("feed", { body: "…" })');
  return {
    key,
    name: settings.name ?? inWords(key),
    description: settings.description ?? null,
    categories: categories.toSorted(),
    required: settings.required ?? false,
    commercial: settings.commercial ?? false,
    onInvalidData: settings.onInvalidData ?? null,
    data: context.known.data,
    when: compileWhen(context, place, settings.when as When<never> | undefined),
    steps: compileSteps(context, steps),
    onFailure: onFailure && compileFailureSteps(context, onFailure),
  };
}

const isObjectSchema = (schema: unknown): boolean =>
  (schema as { _zod?: { def?: { type?: unknown } } } | null | undefined)?._zod?.def?.type === "object";

/**
 * What TypeScript refuses, and a file that runs without having been checked contains all the same: `null` when
 * the workflow can be compiled.
 */
function malformed({ key, settings, site }: WorkflowHandle["definition"]): Problem | null {
  const data: unknown = (settings as { data?: unknown } | null | undefined)?.data;
  if (isObjectSchema(data)) return null;
  const message = data === undefined ? "the workflow has no schema for its data" : "`data` is no zod object";
  return { workflow: key, step: null, message, fix: "give it data: z.object({ … }), which may be empty", site };
}

/** The schema of the users' properties as JSON; `null` when there is none, or none that JSON can state. */
const statedUsers = (users: z.ZodObject | null): JsonObject | null =>
  users && !unstatable(users) ? inputJsonSchema(users) : null;

/** One workflow, compiled, with what was found wrong in it: of one that was deployed before, nobody has to know. */
export function compileWorkflow(
  workflow: WorkflowHandle,
  options: CompileOptions,
): { compiled: CompiledWorkflow; context: CompileContext } {
  const { definition } = workflow;
  const bound = definition.users;
  const users = statedUsers((options.ownUsers && bound) || options.users);
  const context = contextFor(definition, options, users);
  const place: Place = { ref: null, site: definition.site };
  if (!isWorkflowKey(definition.key)) {
    report(
      context,
      place,
      `"${definition.key}" cannot be a key`,
      'use lower case words joined by "-" or "_", at most 255 characters',
    );
  }
  if (!options.ownUsers && bound && !(options.users && sameMeaning(bound, options.users))) {
    report(
      context,
      place,
      "the workflow is bound to another users schema than the config's",
      "give that schema to the config as `users`",
    );
  }
  const structure = structureOf(context, place, workflow);
  const examples = examplesOf(context, place, workflow, structure.name);
  const compiled: CompiledWorkflow = {
    key: definition.key,
    schema: definition.settings.data,
    structure,
    hash: hashJson(structure),
    fingerprint: fingerprint(context, examples),
    content: { slots: context.slots, codes: context.codes, schemas: context.schemas },
    definition,
  };
  return { compiled, context };
}

function collisions(workflows: readonly CompiledWorkflow[]): Problem[] {
  const byName = Map.groupBy(workflows, (workflow) => graphqlName(workflow.key));
  return [...byName.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({ same, keys: [...new Set(same.map(({ key }) => key))] }))
    .map(({ same, keys }) => ({
      workflow: same[1]!.key,
      step: null,
      message:
        keys.length === 1
          ? `${same.length} workflows have the key "${keys[0]}"`
          : `${keys.map((key) => `"${key}"`).join(" and ")} become one GraphQL name, "${graphqlName(keys[0]!)}"`,
      fix: "rename one of them",
      site: same[1]!.definition.site,
    }));
}

function usersProblems({ users }: CompileOptions): Problem[] {
  const found = users && unstatable(users);
  if (!found) return [];
  const message = `${["users", ...found.path].join(".")} cannot be stored as JSON: ${found.problem}`;
  const fix = "use z.iso.datetime() for dates, strings for big numbers, no transforms";
  return [{ workflow: null, step: null, message, fix, site: null }];
}

/** Steps that notify a workflow which the project does not have. */
function reportUnknownTargets(contexts: readonly CompileContext[], keys: ReadonlySet<string>): void {
  for (const context of contexts) {
    for (const { place, key } of context.notified) {
      if (keys.has(key)) continue;
      const message = `the workflow "${key}" to be notified is not among the project's workflows`;
      report(context, place, message, "add it to the index of the workflows");
    }
  }
}

/** What compiling gives: a registry when nothing is wrong, and everything that is. */
export interface Compiled {
  registry: Registry | null;
  problems: Problem[];
}

/** Compiles the workflows of a project. */
export function compileWorkflows(workflows: WorkflowModule, options: CompileOptions): Compiled {
  const found: Problem[][] = [usersProblems(options)];
  const compiled: CompiledWorkflow[] = [];
  const contexts: CompileContext[] = [];
  const keys = new Set<string>();
  for (const [name, workflow] of Object.entries(workflows)) {
    if (!isWorkflow(workflow)) {
      const message = `the export "${name}" of the workflows is not a workflow`;
      found.push([{ workflow: null, step: null, message, fix: "export only what workflow(…) returns", site: null }]);
      continue;
    }
    keys.add(workflow.key);
    const unusable = malformed(workflow.definition);
    if (unusable) {
      found.push([unusable]);
      continue;
    }
    const result = compileWorkflow(workflow, options);
    contexts.push(result.context);
    found.push(result.context.problems);
    compiled.push(result.compiled);
  }
  reportUnknownTargets(contexts, keys);
  found.push(collisions(compiled));
  const problems = found.flat();
  const registry = problems.length === 0 ? new Map(compiled.map((workflow) => [workflow.key, workflow])) : null;
  return { registry, problems };
}

/** The registry of a project. Throws `INVALID_WORKFLOW` with every problem. */
export function registryOf(workflows: WorkflowModule, options: CompileOptions): Registry {
  const { registry, problems } = compileWorkflows(workflows, options);
  if (registry) return registry;
  throw new KnockError("INVALID_WORKFLOW", { problems: problems.map(describeProblem) });
}
