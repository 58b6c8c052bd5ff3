// The author's chain. Each call appends one inert step and returns a new workflow whose type knows
// that step's ref and result; importing a workflow file does nothing else.
import type { z } from "zod";
import type { Duration } from "../base/duration.ts";
import { callSite, type CallSite } from "./call-site.ts";
import type { ChannelResult, PlainResult, Scope, StepResults } from "./scope.ts";
import type { ChannelKind, ChannelSettings, When } from "./steps/channel.ts";
import type { ArmDefinition, ChannelStepDefinition, DelaySettings, StepDefinition } from "./steps/index.ts";

/** What the steps of one workflow have in common, as types. */
export interface WorkflowTypes {
  key: string;
  /** The data as a caller gives it. */
  input: object;
  /** The data as the steps see it: parsed, defaults applied. */
  data: object;
  /** The properties of users. */
  properties: object;
}

type ScopeOf<T extends WorkflowTypes, Steps> = Scope<T["data"], T["properties"], Steps>;

type NewRef<Ref extends string, Steps> = Ref extends keyof Steps
  ? `A step "${Ref}" exists already: give this one another ref.`
  : Ref;

/** Steps that ran only on some ways: their results may be missing afterwards. */
type Optional<Before, After> = Before & { [Ref in Exclude<keyof After, keyof Before>]?: After[Ref] };

/** What a workflow is, before any step. */
export interface WorkflowSettings<Schema extends z.ZodObject, Properties> {
  /** For people. Default: the key in words. */
  name?: string;
  /** What it is for; shown in the GraphQL schema. */
  description?: string;
  /** Groups of workflows that people switch on and off together in their preferences. */
  category?: string | readonly string[];
  /** The data that a call must bring. */
  data: Schema;
  /** Named sample data: checked, rendered by `knock check`, and shown in the documentation of the API. */
  examples?: Record<string, z.input<Schema>>;
  /** Evaluated for each recipient before any step; when it does not hold, that run halts. */
  when?: When<Scope<z.output<Schema>, Properties, unknown>>;
  /** People cannot opt out (security notices, receipts). Default: `false`. */
  required?: boolean;
  /** Marketing: also needs the commercial subscription of the recipient. Default: `false`. */
  commercial?: boolean;
  /** What a call with invalid data does. Default: the config's `onInvalidData`. */
  onInvalidData?: "reject" | "warn";
}

/** The inert form of a workflow. */
export interface WorkflowDefinition {
  key: string;
  settings: WorkflowSettings<z.ZodObject, never>;
  /** The schema of user properties that the chain was bound to; `null` for the unbound `workflow`. */
  users: z.ZodObject | null;
  site: CallSite | null;
  steps: readonly StepDefinition[];
}

/** A branch while it is being written: ordered arms, the first whose condition holds is taken. */
export class Branch<Types extends WorkflowTypes, Before extends StepResults, After> {
  declare readonly $after: After;
  readonly arms: readonly ArmDefinition[];
  readonly rest: readonly StepDefinition[] | null;
  readonly #empty: Workflow<Types, Before>;

  constructor(
    empty: Workflow<Types, Before>,
    arms: readonly ArmDefinition[] = [],
    rest: readonly StepDefinition[] | null = null,
  ) {
    this.#empty = empty;
    this.arms = arms;
    this.rest = rest;
  }

  /** An arm, taken when its condition holds and none before it did. */
  when<Inner extends StepResults>(
    name: string,
    when: When<ScopeOf<Types, Before>>,
    steps: (chain: Workflow<Types, Before>) => Workflow<Types, Inner>,
  ): Branch<Types, Before, Optional<After, Inner>> {
    const arm: ArmDefinition = {
      name,
      when: when as unknown as When<never>,
      steps: steps(this.#empty).definition.steps,
    };
    return new Branch(this.#empty, [...this.arms, arm], this.rest);
  }

  /** What happens when no arm was taken. Default: nothing. */
  otherwise<Inner extends StepResults>(
    steps: (chain: Workflow<Types, Before>) => Workflow<Types, Inner>,
  ): Branch<Types, Before, Optional<After, Inner>> {
    return new Branch(this.#empty, this.arms, steps(this.#empty).definition.steps);
  }
}

/** A workflow as those see it who do not add steps: what it is called, what it takes, what it is. */
export interface WorkflowHandle<Types extends WorkflowTypes = WorkflowTypes> {
  readonly key: Types["key"];
  /** For the type system alone. */
  readonly $types: Types;
  readonly definition: WorkflowDefinition;
}

/** A workflow: a key, a data schema and a chain of steps. Immutable; each method returns a longer one. */
export class Workflow<
  Types extends WorkflowTypes = WorkflowTypes,
  Steps extends StepResults = StepResults,
> implements WorkflowHandle<Types> {
  /** For the type system alone. */
  declare readonly $types: Types;
  readonly definition: WorkflowDefinition;

  constructor(definition: WorkflowDefinition) {
    this.definition = definition;
  }

  /** The workflow's key. */
  get key(): Types["key"] {
    return this.definition.key;
  }

  #with<Ref extends string, Result>(step: StepDefinition): Workflow<Types, Steps & Record<Ref, Result>> {
    return new Workflow({ ...this.definition, steps: Object.freeze([...this.definition.steps, step]) });
  }

  #channel<K extends ChannelKind, Ref extends string>(kind: K, ref: unknown, settings: unknown, site: CallSite | null) {
    return this.#with<Ref, ChannelResult>({ kind, ref, settings, site } as ChannelStepDefinition);
  }

  /** A message in the recipient's feed. */
  inApp<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["inApp"]) {
    return this.#channel<"inApp", Ref>("inApp", ref, settings, callSite(this.inApp));
  }

  /** An e-mail to the recipient's address. */
  email<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["email"]) {
    return this.#channel<"email", Ref>("email", ref, settings, callSite(this.email));
  }

  /** A text message to the recipient's phone number. */
  sms<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["sms"]) {
    return this.#channel<"sms", Ref>("sms", ref, settings, callSite(this.sms));
  }

  /** A push notification to the recipient's devices. */
  push<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["push"]) {
    return this.#channel<"push", Ref>("push", ref, settings, callSite(this.push));
  }

  /** A message to the recipient in a chat program. */
  chat<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["chat"]) {
    return this.#channel<"chat", Ref>("chat", ref, settings, callSite(this.chat));
  }

  /** An HTTP request to another system. */
  webhook<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["webhook"]) {
    return this.#channel<"webhook", Ref>("webhook", ref, settings, callSite(this.webhook));
  }

  /**
   * A pause: for a duration of at most 365 days, or until a timestamp that the data holds. A
   * timestamp that is missing, invalid or past skips the delay and says so.
   *
   * @example .delay("grace", "1h")
   * @example .delay("due", { until: ({ data }) => data.dueAt })
   */
  delay<Ref extends string>(ref: NewRef<Ref, Steps>, wait: Duration | DelaySettings<ScopeOf<Types, Steps>>) {
    const settings = (typeof wait === "string" ? { for: wait } : wait) as DelaySettings<never>;
    return this.#with<Ref, PlainResult>({ kind: "delay", ref: ref as string, settings, site: callSite(this.delay) });
  }

  /**
   * A choice: the first arm whose condition holds is taken. Results of steps inside arms are
   * optional afterwards.
   *
   * @example .branch("route", (b) => b.when("urgent", ({ data }) => eq(data.urgent, true), (w) => w.sms("text", { body: "Now!" })))
   */
  branch<Ref extends string, After>(
    ref: NewRef<Ref, Steps>,
    arms: (branch: Branch<Types, Steps, Steps>) => Branch<Types, Steps, After>,
  ): Workflow<Types, Steps & After & Record<Ref, PlainResult>> {
    const empty = new Workflow<Types, Steps>({ ...this.definition, steps: [] });
    const { arms: ways, rest: otherwise } = arms(new Branch(empty));
    const site = callSite(this.branch);
    const step: StepDefinition = { kind: "branch", ref: ref as string, arms: ways, otherwise, site };
    return this.#with<Ref, PlainResult>(step) as unknown as Workflow<Types, Steps & After & Record<Ref, PlainResult>>;
  }
}

/** The chain for a project whose users have the properties of one schema. */
export interface WorkflowFunction<Properties extends object> {
  <const Key extends string, Schema extends z.ZodObject>(
    key: Key,
    settings: WorkflowSettings<Schema, Properties>,
  ): Workflow<
    { key: Key; input: z.input<Schema>; data: z.output<Schema>; properties: Properties },
    Record<never, never>
  >;
}

/**
 * A `workflow` function whose recipients are typed by the project's schema of user properties.
 *
 * @example export const workflow = workflowFor(z.object({ plan: z.enum(["free", "pro"]) }));
 */
export function workflowFor<Users extends z.ZodObject>(users: Users): WorkflowFunction<z.output<Users>> {
  const bound: WorkflowFunction<z.output<Users>> = (key, settings) =>
    new Workflow({ key, settings: settings as never, users, steps: [], site: callSite(bound) });
  return bound;
}

/**
 * Begins a workflow. Keys are lower case words joined by `-` or `_`, at most 255 characters.
 *
 * @example workflow("welcome", { data: z.object({}) }).inApp("feed", { body: "Welcome!" })
 */
export const workflow: WorkflowFunction<Record<never, never>> = (key, settings) =>
  new Workflow({ key, settings: settings as never, users: null, steps: [], site: callSite(workflow) });
