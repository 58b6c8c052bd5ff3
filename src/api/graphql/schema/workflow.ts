import type { Json } from "../../../base/canonical-json.ts";
import { graphqlName } from "../../../base/names.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";
import { addWorkflowSteps, conditionWords } from "./workflow-step.ts";

function addType({ builder }: Kit): void {
  builder.objectType("WorkflowExample", {
    description: "Sample data of a workflow.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "What it shows." }),
      data: t.expose("data", { type: "JSON", description: "As `notify` takes it." }),
    }),
  });
  builder.objectType("Workflow", {
    description: "A workflow of the project, as it is deployed now.",
    fields: (t) => ({
      key: t.exposeString("key", { description: "Its key: `new-comment`." }),
      inputField: t.string({
        description: "Its field in NotifyWorkflowInput: `newComment`.",
        resolve: ({ key }) => graphqlName(key),
      }),
      name: t.string({ description: "For people.", resolve: ({ structure }) => structure.name }),
      description: t.string({
        nullable: true,
        description: "What it is for.",
        resolve: ({ structure }) => structure.description,
      }),
      categories: t.stringList({
        description: "Groups that people switch on and off together.",
        resolve: ({ structure }) => structure.categories,
      }),
      required: t.boolean({ description: "People cannot opt out.", resolve: ({ structure }) => structure.required }),
      commercial: t.boolean({
        description: "Needs the commercial subscription.",
        resolve: ({ structure }) => structure.commercial,
      }),
      when: t.string({
        nullable: true,
        description: "A run goes on only when this holds.",
        resolve: ({ structure }) => conditionWords(structure.when),
      }),
      steps: t.field({
        type: ["WorkflowStep"],
        description: "What it does, in order.",
        resolve: ({ structure }) => structure.steps,
      }),
      onFailure: t.field({
        type: ["WorkflowStep"],
        nullable: true,
        description: "What a run does after a step has failed for good.",
        resolve: ({ structure }) => structure.onFailure,
      }),
      dataSchema: t.field({
        type: "JSON",
        description: "JSON Schema of its data.",
        resolve: ({ structure }) => structure.data,
      }),
      examples: t.field({
        type: ["WorkflowExample"],
        description: "Sample data.",
        resolve: ({ definition }) =>
          Object.entries(definition.settings.examples ?? {}).map(([name, data]) => ({ name, data: data as Json })),
      }),
    }),
  });
}

function addDeployment({ builder, enums }: Kit): void {
  builder.objectFields("Workflow", (t) => ({
    hash: t.exposeString("hash", { description: "Hash of what it does: equal meaning, equal hash." }),
    fingerprint: t.exposeString("fingerprint", {
      nullable: true,
      description: "Hash of what its texts render on the examples; null without examples.",
    }),
    status: t.field({
      type: enums.workflowStatus,
      nullable: true,
      description: "Whether it may run; null before it is deployed.",
      resolve: async ({ key }, _args, { load }) => (await load.workflowState(key))?.status,
    }),
    version: t.int({
      nullable: true,
      description: "Number of the version with this structure; null before it is deployed.",
      resolve: async ({ key }, _args, { load }) => (await load.workflowState(key))?.version,
    }),
    deployedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When this version was first deployed.",
      resolve: async ({ key }, _args, { load }) => (await load.workflowState(key))?.deployedAt,
    }),
  }));
}

function addMutation({ builder }: Kit): void {
  const done = builder.objectRef<{ ok: true; key: string }>("SetWorkflowStatusSuccess").implement({
    description: "The workflow has the status.",
    fields: (t) => ({
      workflow: t.field({
        type: "Workflow",
        nullable: true,
        description: "The workflow; null when it is no longer part of the project.",
        resolve: ({ key }, _args, { engine }) => engine.context.registry().get(key),
      }),
    }),
  });
  const status = builder.enumType("WorkflowSwitch", {
    description: "What a workflow can be switched to.",
    values: {
      ACTIVE: { value: "active" as const, description: "It accepts calls." },
      INACTIVE: {
        value: "inactive" as const,
        description: "Calls are refused, and a run that wakes meanwhile ends `halted`.",
      },
    },
  });
  builder.mutationField("setWorkflowStatus", (t) =>
    t.field({
      type: resultOf(builder, done, ["UNKNOWN_WORKFLOW"]),
      nullable: true,
      description: "Switches a workflow on or off.",
      authScopes: { admin: true },
      args: {
        workflow: t.arg.string({ required: true, description: "Key of the workflow." }),
        status: t.arg({ type: status, required: true, description: "On or off." }),
      },
      async resolve(_root, args, { engine }) {
        const error = await engine.setWorkflowStatus(args.workflow, args.status);
        return error ? { ok: false as const, error } : { ok: true as const, key: args.workflow };
      },
    }),
  );
}

/** The project's workflows. */
export function addWorkflows(kit: Kit): void {
  addWorkflowSteps(kit);
  addType(kit);
  addDeployment(kit);
  addMutation(kit);
  kit.builder.queryFields((t) => ({
    workflow: t.field({
      type: "Workflow",
      nullable: true,
      description: "A workflow by key.",
      authScopes: { read: true },
      args: { key: t.arg.string({ required: true, description: "Key of the workflow." }) },
      resolve: (_root, { key }, { engine }) => engine.context.registry().get(key),
    }),
    workflows: t.field({
      type: ["Workflow"],
      description: "All workflows of the project, by key.",
      authScopes: { read: true },
      resolve: (_root, _args, { engine }) =>
        [...engine.context.registry().values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    }),
  }));
}
