// The inert form of every step kind: what the chain appends and the compiler reads.
import type { Duration } from "../../base/duration.ts";
import type { CallSite } from "../call-site.ts";
import type { Ref } from "../refs.ts";
import type { Selector } from "../selector.ts";
import type { ChannelKind, ChannelSettings, When } from "./channel.ts";

interface StepBase {
  ref: string;
  site: CallSite | null;
}

/** A step that makes a message. */
export type ChannelStepDefinition = {
  [K in ChannelKind]: StepBase & { kind: K; settings: ChannelSettings<never>[K] };
}[ChannelKind];

/** How long a delay lasts. */
export type DelaySettings<Scope> = {
  when?: When<Scope>;
} & ({ for: Duration } | { until: Selector<Scope, Ref<string | null | undefined>> });

/** A pause. */
export interface DelayStepDefinition extends StepBase {
  kind: "delay";
  settings: DelaySettings<never>;
}

/** One way through a branch. */
export interface ArmDefinition {
  name: string;
  when: When<never>;
  steps: readonly StepDefinition[];
}

/** A choice between ways, the first match wins. */
export interface BranchStepDefinition extends StepBase {
  kind: "branch";
  arms: readonly ArmDefinition[];
  otherwise: readonly StepDefinition[] | null;
}

/** Any step. */
export type StepDefinition = ChannelStepDefinition | DelayStepDefinition | BranchStepDefinition;

/** The kinds of step. */
export type StepKind = StepDefinition["kind"];
