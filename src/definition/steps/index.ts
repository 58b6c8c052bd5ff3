// The inert form of every step kind: what the chain appends and the compiler reads.
import type { CallSite } from "../call-site.ts";
import type { SendWindow } from "../send-window.ts";
import type { WorkflowHandle } from "../workflow-settings.ts";
import type { BatchSettings } from "./batch.ts";
import type { ChannelKind, ChannelSettings } from "./channel.ts";
import type { CohortSettings } from "./cohort.ts";
import type { DelaySettings } from "./delay.ts";
import type { FetchSettings } from "./fetch.ts";
import type { NotifySettings } from "./notify.ts";
import type { ThrottleSettings } from "./throttle.ts";
import type { UpdateUserSettings } from "./update-user.ts";
import type { WaitForSettings } from "./wait-for.ts";
import type { When } from "./when.ts";

interface StepOf<Kind extends string, Settings> {
  kind: Kind;
  ref: string;
  settings: Settings;
  site: CallSite | null;
}

/** A step that makes a message. */
export type ChannelStepDefinition = {
  [K in ChannelKind]: StepOf<K, ChannelSettings<never>[K]> & {
    /** What `.sendWindow()` said before this step. */
    sendWindow: SendWindow | null;
  };
}[ChannelKind];

/** A pause. */
export type DelayStepDefinition = StepOf<"delay", DelaySettings<never>>;

/** A collection of runs. */
export type BatchStepDefinition = StepOf<"batch", BatchSettings<never>>;

/** A limit of runs. */
export type ThrottleStepDefinition = StepOf<"throttle", ThrottleSettings<never>>;

/** An HTTP call. */
export type FetchStepDefinition = StepOf<"fetch", FetchSettings<never>>;

/** A change of the recipient. */
export type UpdateUserStepDefinition = StepOf<"updateUser", UpdateUserSettings<never, never>>;

/** A call of another workflow. */
export interface NotifyStepDefinition extends StepOf<"notify", NotifySettings<never, object>> {
  workflow: WorkflowHandle;
}

/** A wait for something to happen. */
export interface WaitForStepDefinition extends StepOf<"waitFor", WaitForSettings<never>> {
  /** The way after the timeout; `null` for none. */
  timedOut: readonly StepDefinition[] | null;
}

/** One way through a branch. */
export interface ArmDefinition {
  name: string;
  when: When<never>;
  steps: readonly StepDefinition[];
}

/** A choice between ways, the first match wins. */
export interface BranchStepDefinition extends StepOf<"branch", Record<never, never>> {
  arms: readonly ArmDefinition[];
  otherwise: readonly StepDefinition[] | null;
}

/** One way of a weighted choice. */
export interface CohortDefinition {
  name: string;
  weight: number;
  steps: readonly StepDefinition[];
}

/** A weighted choice between ways. */
export interface CohortStepDefinition extends StepOf<"cohort", CohortSettings<never>> {
  cohorts: readonly CohortDefinition[];
}

/** Any step. */
export type StepDefinition =
  | ChannelStepDefinition
  | DelayStepDefinition
  | BatchStepDefinition
  | ThrottleStepDefinition
  | BranchStepDefinition
  | CohortStepDefinition
  | FetchStepDefinition
  | WaitForStepDefinition
  | UpdateUserStepDefinition
  | NotifyStepDefinition;

/** The kinds of step. */
export type StepKind = StepDefinition["kind"];
