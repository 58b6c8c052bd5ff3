// Enums about deploys.
import type { DeployPlan } from "../../../deploy/plan/plan.ts";
import type { ArchiveOpen } from "../../../deploy/release.ts";
import type { Builder } from "../builder.ts";
import { enumOf } from "./enum-of.ts";

type WorkflowPlan = DeployPlan["workflows"][number];

/** The differences between what is deployed and what is to be. */
const createDifferenceEnums = (builder: Builder) => ({
  workflowChange: enumOf<WorkflowPlan["change"]>(builder, "WorkflowChange", {
    description: "What a deploy does to a workflow.",
    values: {
      added: "It is new.",
      changed: "It has another version.",
      unchanged: "It stays as it is.",
      archived: "It is no longer part of the project: calls are refused.",
      restored: "It was archived and is back.",
    },
  }),
  changeMark: builder.enumType("ChangeMark", {
    description: "Kind of a difference.",
    values: {
      ADDED: { value: "+" as const, description: "It is new." },
      REMOVED: { value: "-" as const, description: "It is gone." },
      CHANGED: { value: "~" as const, description: "It is another." },
      MOVED: { value: ">" as const, description: "It stands elsewhere." },
    },
  }),
  breaks: enumOf<NonNullable<WorkflowPlan["data"][number]["breaks"]>>(builder, "Breaks", {
    description: "For whom a difference breaks something.",
    values: {
      callers: "A call that was accepted may be refused.",
      runs: "Content and conditions may meet data of old runs that does not fit the new schema.",
    },
  }),
});

/** The enums about deploys. */
export const createDeployEnums = (builder: Builder) => ({
  ...createDifferenceEnums(builder),
  codeOnly: builder.enumType("CodeOnly", {
    description: "Why a workflow has a new version although no difference is seen.",
    values: {
      SAME_ON_EXAMPLES: {
        value: "same on the examples" as const,
        description: "Its texts are the same on all examples.",
      },
      NO_EXAMPLES: { value: "no examples" as const, description: "It has no examples that would tell." },
    },
  }),
  storedData: builder.enumType("StoredDataKind", {
    description: "Where data of calls is stored.",
    values: {
      SCHEDULES: { value: "schedules" as const, description: "For the moments of schedules." },
      WAITING_RUNS: { value: "waiting runs" as const, description: "Of notifications whose runs wait." },
      OPEN_BATCHES: { value: "open batches" as const, description: "Of activities in open batches." },
    },
  }),
  deployKind: enumOf<"sync" | "rollback">(builder, "DeployKind", {
    description: "How workflows were deployed.",
    values: { sync: "All workflows of a checkout.", rollback: "An earlier version of one workflow." },
  }),
  archiveOpen: enumOf<ArchiveOpen>(builder, "ArchiveOpen", {
    description: "What becomes of the open runs of a workflow that is archived.",
    values: { finish: "They go on in the version they began with.", cancel: "They are cancelled." },
  }),
});
