// The author's chain. Each call appends one inert step and returns a new workflow whose type knows
// that step's ref and result; importing a workflow file does nothing else.
import type { z } from "zod";
import type { Duration } from "../base/duration.ts";
import { Branch } from "./branch.ts";
import { callSite, type CallSite } from "./call-site.ts";
import { Cohorts } from "./cohorts.ts";
import type { Fits } from "./fragment.ts";
import type {
  BatchResult,
  ChannelResult,
  CohortResult,
  FetchResult,
  NotifyResult,
  PlainResult,
  StepResults,
  ThrottleResult,
  WaitResult,
} from "./scope.ts";
import type { SendWindow } from "./send-window.ts";
import type { BatchSettings } from "./steps/batch.ts";
import type { ChannelKind, ChannelSettings } from "./steps/channel.ts";
import type { CohortSettings } from "./steps/cohort.ts";
import type { DelaySettings } from "./steps/delay.ts";
import type { FetchSettings } from "./steps/fetch.ts";
import type { StepDefinition } from "./steps/index.ts";
import type { NotifySettings } from "./steps/notify.ts";
import type { ThrottleSettings } from "./steps/throttle.ts";
import type { UpdateUserSettings } from "./steps/update-user.ts";
import type { WaitForSettings } from "./steps/wait-for.ts";
import type { WorkflowDefinition, WorkflowHandle } from "./workflow-settings.ts";
import type { AfterFailure, MessageRefs, NewRef, Optional, ScopeOf, WorkflowTypes } from "./workflow-types.ts";

/** The mark of a workflow: a bundle brings a copy of this class, so the class itself tells nothing. */
const MARK = Symbol.for("knock.workflow");

/** Whether a value is what `workflow(…)` returns, made by this copy of the class or by another one. */
export const isWorkflow = (value: unknown): value is WorkflowHandle =>
  typeof value === "object" && value !== null && MARK in value;

/** A workflow: a key, a data schema and a chain of steps. Immutable; each method returns a longer one. */
export class Workflow<
  Types extends WorkflowTypes = WorkflowTypes,
  Steps = StepResults,
> implements WorkflowHandle<Types> {
  /** For the type system alone. */
  declare readonly $types: Types;
  readonly [MARK] = true;
  readonly definition: WorkflowDefinition;

  constructor(definition: WorkflowDefinition) {
    this.definition = definition;
  }

  /** The workflow's key. */
  get key(): Types["key"] {
    return this.definition.key;
  }

  #with<Ref extends string, Result>(step: object): Workflow<Types, Steps & Record<Ref, Result>> {
    const steps = Object.freeze([...this.definition.steps, step as StepDefinition]);
    return new Workflow({ ...this.definition, steps });
  }

  /** The same workflow before its first step, on which the ways inside a step are written. */
  #empty<T extends WorkflowTypes = Types, S = Steps>(): Workflow<T, S> {
    return new Workflow<T, S>({ ...this.definition, steps: [] });
  }

  #channel<Ref extends string>(kind: ChannelKind, ref: unknown, settings: unknown, site: CallSite | null) {
    return this.#with<Ref, ChannelResult>({ kind, ref, settings, site, sendWindow: this.definition.sendWindow });
  }

  /**
   * A message in the recipient's feed.
   *
   * @example .inApp("feed", { body: ({ data }) => `${data.title} is due.` })
   */
  inApp<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["inApp"]) {
    return this.#channel<Ref>("inApp", ref, settings, callSite(this.inApp));
  }

  /**
   * An e-mail to the recipient's address.
   *
   * @example .email("mail", { subject: "Welcome", body: ({ recipient }) => `Hello ${recipient.name}` })
   */
  email<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["email"]) {
    return this.#channel<Ref>("email", ref, settings, callSite(this.email));
  }

  /**
   * A text message to the recipient's phone number.
   *
   * @example .sms("text", { body: ({ data }) => `Your code is ${data.code}` })
   */
  sms<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["sms"]) {
    return this.#channel<Ref>("sms", ref, settings, callSite(this.sms));
  }

  /**
   * A push notification to the recipient's devices.
   *
   * @example .push("bell", { body: "Your order is here." })
   */
  push<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["push"]) {
    return this.#channel<Ref>("push", ref, settings, callSite(this.push));
  }

  /**
   * A message to the recipient in a chat program.
   *
   * @example .chat("room", { body: ({ data }) => `**${data.title}** is done` })
   */
  chat<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["chat"]) {
    return this.#channel<Ref>("chat", ref, settings, callSite(this.chat));
  }

  /**
   * An HTTP request to another system, as a message: with a status, and tried again for half an hour.
   *
   * @example .webhook("hook", { body: ({ data }) => ({ order: data.orderId }) })
   */
  webhook<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ChannelSettings<ScopeOf<Types, Steps>>["webhook"]) {
    return this.#channel<Ref>("webhook", ref, settings, callSite(this.webhook));
  }

  /**
   * When the messages of all channel steps after this may go out, in the recipient's time zone; `null` for always
   * again. A message that is made outside waits, the run goes on.
   *
   * @example .sendWindow(openOn("09:00", "17:00")).email("mail", { subject: "…", body: "…" })
   */
  sendWindow(window: SendWindow | null): Workflow<Types, Steps> {
    return new Workflow({ ...this.definition, sendWindow: window });
  }

  /**
   * A pause of at most 365 days: for a duration, until what the data holds, or until the next moment of a calendar
   * rule. A value that is missing, invalid or past skips the delay and says so.
   *
   * @example .delay("grace", "1h")
   * @example .delay("due", { until: ({ data }) => data.dueAt, before: "2h" })
   */
  delay<Ref extends string>(ref: NewRef<Ref, Steps>, wait: Duration | DelaySettings<ScopeOf<Types, Steps>>) {
    const settings = typeof wait === "string" ? { for: wait } : wait;
    return this.#with<Ref, PlainResult>({ kind: "delay", ref, settings, site: callSite(this.delay) });
  }

  /**
   * Collects: the first run opens a window, later ones of the same recipient and key end there and become activities
   * of the first, which goes on when the window closes.
   *
   * @example .batch("comments", { key: ({ data }) => data.pageId, window: "5m" })
   */
  batch<Ref extends string>(ref: NewRef<Ref, Steps>, settings: BatchSettings<ScopeOf<Types, Steps>>) {
    type Result = BatchResult<Types["data"], Types["properties"]>;
    return this.#with<Ref, Result>({ kind: "batch", ref, settings, site: callSite(this.batch) });
  }

  /**
   * Lets so many runs of the same recipient and key pass in a window; the others end here, or leave out the next step.
   *
   * @example .throttle("quiet", { window: "1h", limit: 3 })
   */
  throttle<Ref extends string>(ref: NewRef<Ref, Steps>, settings: ThrottleSettings<ScopeOf<Types, Steps>>) {
    return this.#with<Ref, ThrottleResult>({ kind: "throttle", ref, settings, site: callSite(this.throttle) });
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
    const { arms: ways, rest: otherwise } = arms(new Branch(this.#empty()));
    const step = { kind: "branch", ref, arms: ways, otherwise, settings: {}, site: callSite(this.branch) };
    return new Workflow(this.#with(step).definition);
  }

  /**
   * A weighted choice that is always the same for the same recipient, or for the same values of `by`.
   *
   * @example .cohort("trial", (c) => c.cohort("short", 50, (w) => w.sms("text", { body: "Hi" })).cohort("none", 50))
   */
  cohort<Ref extends string, After, Names extends string>(
    ref: NewRef<Ref, Steps>,
    cohorts: (cohorts: Cohorts<Types, Steps, Steps, never>) => Cohorts<Types, Steps, After, Names>,
    settings: CohortSettings<ScopeOf<Types, Steps>> = {},
  ): Workflow<Types, Steps & After & Record<Ref, CohortResult<Names>>> {
    const { ways } = cohorts(new Cohorts(this.#empty()));
    const step = { kind: "cohort", ref, cohorts: ways, settings, site: callSite(this.cohort) };
    return new Workflow(this.#with(step).definition);
  }

  /**
   * An HTTP call whose answer, parsed by `response`, later steps read as `data`; it is `null` when the step was
   * skipped. Answers of 5xx and timeouts are tried again; an answer that does not fit fails the step.
   *
   * @example .fetch("user", { url: ({ data }) => `https://api.example.com/users/${data.id}`, response: z.object({ plan: z.string() }) })
   */
  fetch<Ref extends string, Response extends z.ZodType>(
    ref: NewRef<Ref, Steps>,
    settings: FetchSettings<ScopeOf<Types, Steps>, Response>,
  ) {
    return this.#with<Ref, FetchResult<z.output<Response>>>({
      kind: "fetch",
      ref,
      settings,
      site: callSite(this.fetch),
    });
  }

  /**
   * Waits until an event comes in, or until something becomes of an earlier message, or until the time is over.
   *
   * @example .waitFor("paid", { event: "invoice-paid", match: ({ data }) => ({ invoice: data.invoiceId }), timeout: "3d", onMatch: "halt" })
   * @example .waitFor("look", { message: "feed", status: "read", timeout: "1h", timedOut: (w) => w.sms("text", { body: "…" }) })
   */
  waitFor<Ref extends string, Inner = Steps>(
    ref: NewRef<Ref, Steps>,
    settings: WaitForSettings<ScopeOf<Types, Steps>, MessageRefs<Steps>> & {
      /** The way after the timeout; then the run goes on behind this step. */
      timedOut?: (chain: Workflow<Types, Steps>) => Workflow<Types, Inner>;
    },
  ): Workflow<Types, Optional<Steps, Inner> & Record<Ref, WaitResult>> {
    const { timedOut, ...rest } = settings;
    const way = timedOut ? timedOut(this.#empty()).definition.steps : null;
    const step = { kind: "waitFor", ref, settings: rest, timedOut: way, site: callSite(this.waitFor) };
    return new Workflow(this.#with(step).definition);
  }

  /**
   * Changes the recipient; what is absent stays, properties are merged.
   *
   * @example .updateUser("mark", { properties: { welcomed: true } })
   */
  updateUser<Ref extends string>(
    ref: NewRef<Ref, Steps>,
    settings: UpdateUserSettings<ScopeOf<Types, Steps>, Types["properties"]>,
  ) {
    return this.#with<Ref, PlainResult>({ kind: "updateUser", ref, settings, site: callSite(this.updateUser) });
  }

  /**
   * Calls another workflow, for the recipient unless it says otherwise. Calls of calls end after some levels.
   *
   * @example .notify("tell", teamDigest, { lists: ["team"], data: ({ data }) => ({ title: data.title }) })
   */
  notify<Ref extends string, Target extends WorkflowTypes>(
    ref: NewRef<Ref, Steps>,
    workflow: WorkflowHandle<Target>,
    settings: NotifySettings<ScopeOf<Types, Steps>, Target["input"]>,
  ) {
    return this.#with<Ref, NotifyResult>({ kind: "notify", ref, workflow, settings, site: callSite(this.notify) });
  }

  /**
   * Adds steps that several workflows share: a function from a chain, typed by what it needs, to a longer one.
   *
   * @example .use(escalate) // with: const escalate = (chain: Chain<{ data: { title: string } }>) => chain.sms(…)
   */
  use<Need extends WorkflowTypes = Types, Before = Steps, After = Steps>(
    fragment: ((chain: Workflow<Need, Before>) => Workflow<Need, After>) &
      Fits<Types, Steps, { need: Need; before: Before; after: After }>,
  ): Workflow<Types, Steps & Omit<After, keyof Before>> {
    const { definition } = fragment(new Workflow<Need, Before>(this.definition));
    return new Workflow(definition);
  }

  /**
   * What a run does after one of its steps has failed for good; it still ends as `failed`. Comes last. Results of the
   * steps before may be missing; `failure` says which step it was and why.
   *
   * @example .onFailure((w) => w.inApp("sorry", { body: ({ failure }) => `We could not reach you: ${failure.reason}` }))
   */
  onFailure<Inner>(
    steps: (chain: Workflow<AfterFailure<Types>, Partial<Steps>>) => Workflow<AfterFailure<Types>, Inner>,
  ): WorkflowHandle<Types> {
    const { definition } = steps(this.#empty<AfterFailure<Types>, Partial<Steps>>());
    return new Workflow<Types, Steps>({ ...this.definition, onFailure: definition.steps });
  }
}
