// What a deploy would change, or has changed, as types.
import type { Kit } from "./kit.ts";

function addDifferences({ builder, enums }: Kit): void {
  builder.objectType("StructureChange", {
    description: "A difference in what a workflow does.",
    fields: (t) => ({
      mark: t.expose("mark", { type: enums.changeMark, description: "Kind of the difference." }),
      ref: t.exposeString("ref", {
        nullable: true,
        description: "Ref of the step; null for a setting of the workflow.",
      }),
      kind: t.exposeString("kind", { nullable: true, description: "Kind of the step; null for a setting." }),
      texts: t.exposeStringList("texts", { description: "In words: `for 1h → 2h`. One for each thing that differs." }),
    }),
  });
  builder.objectType("ContentChange", {
    description: "A text that people would read otherwise, on one of the workflow's examples.",
    fields: (t) => ({
      step: t.exposeString("step", { description: "Ref of the step." }),
      slot: t.exposeString("slot", { description: "Which of its texts: `subject`." }),
      example: t.exposeString("example", { description: "Name of the example." }),
      before: t.exposeString("before", { nullable: true, description: "As deployed; null when it is new." }),
      after: t.exposeString("after", { nullable: true, description: "As to be deployed; null when it is gone." }),
    }),
  });
  builder.objectType("DataSchemaChange", {
    description: "A difference in what data a workflow takes.",
    fields: (t) => ({
      path: t.exposeString("path", { description: "Where: `data.invitee.email`." }),
      text: t.exposeString("text", { description: "In words: `new required key`." }),
      breaks: t.expose("breaks", {
        type: enums.breaks,
        nullable: true,
        description: "Whom it breaks something for; null for nobody.",
      }),
    }),
  });
}

function addData({ builder, enums }: Kit): void {
  builder.objectType("WaitingRuns", {
    description: "Runs that wait at one step of a version that a deploy leaves behind.",
    fields: (t) => ({
      version: t.exposeInt("version", { description: "Number of the version." }),
      step: t.exposeString("step", { description: "Ref of the step." }),
      kind: t.exposeString("kind", { description: "Kind of the step." }),
      runs: t.expose("runs", { type: "SafeInt", description: "How many." }),
      effect: t.exposeString("effect", {
        nullable: true,
        description: "What the deploy means for them; null when nothing changes.",
      }),
    }),
  });
  builder.objectType("StoredMisfits", {
    description: "Data that is stored and that the new schema does not take.",
    fields: (t) => ({
      of: t.expose("of", { type: enums.storedData, description: "Where it is stored." }),
      misfits: t.expose("misfits", { type: "SafeInt", description: "How many do not fit." }),
      looked: t.expose("looked", { type: "SafeInt", description: "How many were looked at." }),
      problem: t.exposeString("problem", { description: "The first problem that was found." }),
    }),
  });
}

function addWorkflowPlan({ builder, enums }: Kit): void {
  builder.objectType("WorkflowPlan", {
    description: "What becomes of one workflow.",
    fields: (t) => ({
      key: t.exposeString("key", { description: "Key of the workflow." }),
      change: t.expose("change", { type: enums.workflowChange, description: "What becomes of it." }),
      from: t.exposeInt("from", { nullable: true, description: "Version that is deployed now; null for none." }),
      to: t.exposeInt("to", { nullable: true, description: "Version of new runs; null when archived." }),
      structure: t.expose("structure", { type: ["StructureChange"], description: "Steps and settings." }),
      content: t.expose("content", { type: ["ContentChange"], description: "Texts, on the examples." }),
      codeOnly: t.expose("codeOnly", {
        type: enums.codeOnly,
        nullable: true,
        description: "The code differs and nothing else is seen to; null when something is, or nothing differs.",
      }),
      data: t.expose("data", { type: ["DataSchemaChange"], description: "What data it takes." }),
      waiting: t.expose("waiting", { type: ["WaitingRuns"], description: "Runs in versions that are left behind." }),
      openBatches: t.expose("openBatches", { type: "SafeInt", description: "Batches that are open at its steps." }),
      stored: t.expose("stored", { type: ["StoredMisfits"], description: "Stored data that no longer fits." }),
      breaking: t.exposeStringList("breaking", { description: "What breaks, each as a sentence." }),
    }),
  });
}

/** The types of a plan. */
export function addDeployPlan(kit: Kit): void {
  addDifferences(kit);
  addData(kit);
  addWorkflowPlan(kit);
  kit.builder.objectType("DeployPlan", {
    description: "What a deploy changes, or has changed.",
    fields: (t) => ({
      workflows: t.expose("workflows", { type: ["WorkflowPlan"], description: "By key; unchanged ones, too." }),
      graphql: t.exposeStringList("graphql", {
        description: "Lines of the GraphQL schema that go (`-`) and come (`+`), each with its mark.",
      }),
      changes: t.exposeBoolean("changes", { description: "Anything differs." }),
      breaking: t.exposeBoolean("breaking", { description: "Anything breaks callers or runs under way." }),
    }),
  });
}
