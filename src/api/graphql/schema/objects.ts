// The object types by name, and what their resolvers are given. Types refer to each other by name, so
// that the files of this folder need not import each other.
import type { Issue } from "../../../base/errors.ts";
import type { Json } from "../../../base/canonical-json.ts";
import type { AppliedSet, PreferenceVerdict, UserPreferences } from "../../../engine/directory/preferences.ts";
import type {
  CategoryPreferences,
  CommercialSwitch,
  PreferenceGrid,
  PreferenceSwitch,
  WorkflowPreferences,
} from "../../../engine/directory/preference-grid.ts";
import type { FeedEvent } from "../../../engine/feed/contract.ts";
import type { Refused } from "../../../engine/notify-call.ts";
import type { Viewer } from "../../../engine/viewer/viewer.ts";
import type { ContentChange, DeployPlan, StoredData, WaitingRuns, WorkflowPlan } from "../../../deploy/plan/plan.ts";
import type { SchemaChange } from "../../../registry/diff/schema.ts";
import type { StructureChange } from "../../../registry/diff/structure.ts";
import type { CompiledWorkflow } from "../../../registry/registry.ts";
import type { Step } from "../../../registry/structure.ts";
import type { Page } from "../../../store/paging.ts";
import type { ActivityRead, BatchRead } from "../../../store/reads/batches.ts";
import type { DeployRead, VersionRead } from "../../../store/reads/deploys.ts";
import type { FeedCounts, FeedItem } from "../../../store/reads/feed.ts";
import type { AttemptRead, MessageRead } from "../../../store/reads/messages.ts";
import type { RunRead } from "../../../store/reads/runs.ts";
import type { StoredList, StoredMember } from "../../../store/lists.ts";
import type { StoredObject } from "../../../store/objects.ts";
import type { StoredSubscription } from "../../../store/subscriptions.ts";
import type { NotificationSource, Warning } from "../../../store/schema/notifications.ts";
import type { RunState, TraceEntry } from "../../../store/schema/runs.ts";
import type { StoredSchedule } from "../../../store/schedules.ts";
import type { StoredTenant } from "../../../store/tenants.ts";
import type { StoredUser } from "../../../store/users.ts";
import type { RefusedDeploy } from "./deploy.ts";
import type { NotificationNode } from "./notification.ts";

/** One way of a branch as readers of the API see it. */
export interface ArmNode {
  name: string;
  when: string;
  steps: readonly Step[];
}

/** What the resolvers of each object type are given. */
export interface Objects {
  PageInfo: Page<unknown>;
  Issue: Issue;
  Warning: Warning;
  User: StoredUser;
  List: StoredList;
  ListMember: StoredMember;
  ObjectRecipient: StoredObject;
  ObjectSubscription: StoredSubscription;
  Tenant: StoredTenant;
  Notification: NotificationNode;
  NotificationSource: { source: NotificationSource | null };
  Schedule: StoredSchedule;
  Run: RunRead;
  RunStep: TraceEntry;
  RunFailure: NonNullable<RunState["failure"]>;
  Batch: BatchRead;
  BatchActivity: ActivityRead;
  Message: MessageRead;
  DeliveryAttempt: AttemptRead;
  FeedItem: FeedItem;
  FeedActor: { id: string };
  FeedCounts: FeedCounts;
  FeedChange: FeedEvent;
  Viewer: Viewer;
  ViewerPreferences: PreferenceGrid;
  WorkflowPreferences: WorkflowPreferences;
  CategoryPreferences: CategoryPreferences;
  PreferenceSwitch: PreferenceSwitch;
  CommercialSwitch: CommercialSwitch;
  Workflow: CompiledWorkflow;
  WorkflowStep: Step;
  WorkflowArm: ArmNode;
  WorkflowExample: { name: string; data: Json };
  UserPreferences: UserPreferences;
  PreferenceVerdict: PreferenceVerdict;
  AppliedPreferenceSet: AppliedSet;
  RecipientsRequiredError: Refused;
  InvalidDataError: Refused;
  InvalidInputError: Refused;
  DuplicateNotificationError: Refused;
  WorkflowInactiveError: Refused;
  UnknownWorkflowError: Refused;
  UnknownActorError: Refused;
  UnknownListError: Refused;
  NotFoundError: Refused;
  RunNotFailedError: Refused;
  DeployPlan: DeployPlan;
  WorkflowPlan: WorkflowPlan;
  StructureChange: StructureChange;
  ContentChange: ContentChange;
  DataSchemaChange: SchemaChange;
  WaitingRuns: WaitingRuns;
  StoredMisfits: StoredData;
  Deploy: DeployRead;
  DeployChange: DeployRead["changes"][number];
  WorkflowVersion: VersionRead;
  OpenRuns: { workflow: string; runs: number };
  InvalidWorkflowError: Refused;
  ArtifactRefusedError: Refused;
  BreakingChangeError: RefusedDeploy;
  OpenRunsError: RefusedDeploy;
  UnknownVersionError: Refused;
  WorksFromFilesError: Refused;
}
