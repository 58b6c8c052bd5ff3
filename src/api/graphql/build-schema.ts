// The registry as a GraphQL schema. Each reload makes a new one.
import type { GraphQLSchema } from "graphql";
import { KnockError } from "../../base/errors.ts";
import { describeProblem, type Problem } from "../../registry/problem.ts";
import type { Registry } from "../../registry/registry.ts";
import { addPageInfo } from "./connection.ts";
import { addBatches } from "./schema/batch.ts";
import { addDeploys } from "./schema/deploy.ts";
import { addErrors } from "./schema/errors.ts";
import { addExplain } from "./schema/explain.ts";
import { addFeed } from "./schema/feed.ts";
import { addFeedChanges } from "./schema/feed-changes.ts";
import { createKit } from "./schema/kit.ts";
import { addLists } from "./schema/list.ts";
import { addMarkMessages } from "./schema/mark-messages.ts";
import { addMessages } from "./schema/message.ts";
import { addNotifications } from "./schema/notification.ts";
import { addNotify } from "./schema/notify.ts";
import { addObjects } from "./schema/object-recipient.ts";
import { addPreferenceImpact } from "./schema/preference-impact.ts";
import { addPreferences } from "./schema/preferences.ts";
import { addPreferencesLink } from "./schema/preferences-link.ts";
import { addRuns } from "./schema/run.ts";
import { addScalars } from "./schema/scalars.ts";
import { addSchedules } from "./schema/schedule.ts";
import { addSignals } from "./schema/signal.ts";
import { addSimulate } from "./schema/simulate.ts";
import { addTenants } from "./schema/tenant.ts";
import { addUserInput, addUsers } from "./schema/user.ts";
import { addViewer } from "./schema/viewer.ts";
import { addWorkflowChoice } from "./schema/workflow-choice.ts";
import { addWorkflows } from "./schema/workflow.ts";
import { type WorkflowInput, workflowInputs } from "./zod-input/workflow-inputs.ts";

function assemble(inputs: readonly WorkflowInput[]): GraphQLSchema {
  const kit = createKit();
  const { builder } = kit;
  builder.queryType({ description: "What can be read." });
  builder.mutationType({ description: "What can be done. Expected failures are results, not errors." });
  builder.subscriptionType({ description: "What is told as it happens, over server-sent events." });
  addScalars(builder);
  addPageInfo(builder);
  addErrors(builder);
  const user = addUserInput(kit);
  addUsers(kit, user);
  addLists(kit);
  addObjects(kit);
  addTenants(kit);
  addPreferences(kit);
  addPreferenceImpact(kit);
  addPreferencesLink(kit);
  addWorkflows(kit);
  addNotifications(kit);
  addRuns(kit);
  addMessages(kit);
  addFeed(kit);
  addFeedChanges(kit);
  addMarkMessages(kit);
  addViewer(kit);
  addBatches(kit);
  addExplain(kit);
  addDeploys(kit);
  addSignals(kit);
  const choice = inputs.length > 0 ? addWorkflowChoice(kit, inputs) : null;
  addSimulate(kit, addNotify(kit, user, { inputs, choice }));
  addSchedules(kit, { inputs, choice });
  return builder.toSchema({ sortSchema: true });
}

/** The types that there are only when there are workflows. */
const TYPED_INPUTS = ["NotifyWorkflowInput", "NotifyInput", "CreateSchedulesInput"];

let reserved: readonly string[] | null = null;

/** Names that workflows cannot take: the types that are there without any. */
function reservedNames(): readonly string[] {
  reserved ??= [...Object.keys(assemble([]).getTypeMap()), ...TYPED_INPUTS];
  return reserved;
}

/** What has to be changed in the workflows before there can be a schema. */
export const inputProblems = (registry: Registry): Problem[] => workflowInputs(registry, reservedNames()).problems;

/** What GraphQL cannot type as narrowly as zod does. Nothing of it is wrong. */
export const inputNotes = (registry: Registry): Problem[] => workflowInputs(registry, reservedNames()).notes;

/** The schema of a registry. Errors: `INVALID_WORKFLOW` with every problem. */
export function buildSchema(registry: Registry): GraphQLSchema {
  const { inputs, problems } = workflowInputs(registry, reservedNames());
  if (problems.length > 0) throw new KnockError("INVALID_WORKFLOW", { problems: problems.map(describeProblem) });
  return assemble(inputs);
}
