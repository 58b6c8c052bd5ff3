import { systemClock } from "../../src/base/clock.ts";
import { durationMs, type Duration } from "../../src/base/duration.ts";
import type { ErrorCode, KnockError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/logger.ts";
import type { Channel } from "../../src/channels/channel.ts";
import type { HttpClient } from "../../src/channels/network.ts";
import { type ChannelType, channelTypes } from "../../src/channels/messages.ts";
import type { Provider } from "../../src/channels/provider.ts";
import { type Capture, capture } from "../../src/channels/providers/capture.ts";
import type { WorkflowHandle } from "../../src/definition/workflow.ts";
import { type InlineJobs, inlineJobs } from "../../src/engine/jobs/inline.ts";
import type { Jobs } from "../../src/engine/jobs/port.ts";
import type { Listeners } from "../../src/engine/events.ts";
import type { NotifyOutcome } from "../../src/engine/notify-call.ts";
import { nextDue, sweep } from "../../src/engine/timekeeper.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import type { Config } from "../../src/registry/config.ts";
import type { Database } from "../../src/store/database.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.ts";

export const START = new Date("2026-01-05T09:00:00.000Z");

/** A system on a given database whose jobs and time move only when told. */
export interface Driven {
  knock: Knock;
  clock: VirtualClock;
  jobs: InlineJobs;
  /** Everything that is due now. */
  settle(): Promise<void>;
  /** Visits each due moment on the way. */
  advance(duration: Duration): Promise<void>;
}

/** What lets everything happen in a system that does nothing by itself: what is due now, or in the next milliseconds. */
export function movedByHand({ knock, clock, jobs }: Pick<Driven, "knock" | "clock" | "jobs">) {
  const { internals } = knock.engine;
  async function settle(): Promise<void> {
    do await jobs.drain();
    while ((await sweep(internals)) > 0);
    await jobs.drain();
  }
  async function advance(milliseconds: number): Promise<void> {
    const end = clock.now().getTime() + milliseconds;
    for (;;) {
      await settle();
      const next = await nextDue(internals);
      if (next === null || next.getTime() > end) break;
      await clock.advance(Math.max(0, next.getTime() - clock.now().getTime()));
    }
    await clock.advance(end - clock.now().getTime());
    await settle();
  }
  return { settle, advance };
}

interface DrivenOptions extends Partial<Omit<Config, "database">> {
  database: Database;
  handles?: readonly WorkflowHandle[];
  /** Replaces the capture provider of a type; `null` leaves the type without a channel. */
  providers?: Partial<Record<ChannelType, Provider | null>>;
  /** Types whose messages are stored and never sent. */
  sandboxed?: readonly ChannelType[];
  clock?: VirtualClock;
  jobs?: Jobs;
  listeners?: Listeners;
  /** Answers the calls of fetch steps. */
  fetchClient?: HttpClient;
}

/** One channel per type, with the type as its key. */
export function channelsOf({
  providers = {},
  sandboxed = [],
}: Pick<DrivenOptions, "providers" | "sandboxed"> = {}): Map<string, Channel> {
  const channels = new Map<string, Channel>();
  for (const type of channelTypes) {
    const provider = providers[type] === undefined ? capture(type) : providers[type];
    if (provider) channels.set(type, { key: type, type, provider, sandbox: sandboxed.includes(type) });
  }
  return channels;
}

export const moduleOf = (handles: readonly WorkflowHandle[]): Config["workflows"] =>
  Object.fromEntries(handles.map((handle, index) => [`workflow${index}`, handle]));

/** Starts a system that is driven by hand. */
export async function drive(options: DrivenOptions): Promise<Driven> {
  const {
    database,
    handles = [],
    providers,
    sandboxed,
    listeners = {},
    clock = virtualClock(START),
    jobs: ownJobs,
    fetchClient,
    ...config
  } = options;
  const jobs = inlineJobs();
  const knock = await createKnock({
    config: { workflows: moduleOf(handles), channels: {}, ...config },
    db: database,
    clock,
    logger: silentLogger,
    listeners,
    channels: channelsOf({ ...(providers && { providers }), ...(sandboxed && { sandboxed }) }),
    jobs: () => ownJobs ?? jobs,
    ...(fetchClient && { fetchClient }),
  });
  await knock.start({ work: false });
  await jobs.work(knock.engine.handlers);
  const { settle, advance } = movedByHand({ knock, clock, jobs });
  return { knock, clock, jobs, settle, advance: (duration) => advance(durationMs(duration)) };
}

/** The capture provider of a type. */
export const captured = <Type extends ChannelType>({ knock }: Pick<Driven, "knock">, type: Type): Capture<Type> =>
  knock.engine.internals.channels.get(type)!.provider as unknown as Capture<Type>;

/** The notification of an outcome that must be a success. */
export function accepted(outcome: NotifyOutcome): Extract<NotifyOutcome, { ok: true }> {
  if (!outcome.ok) throw outcome.error;
  return outcome;
}

/** The error of an outcome that must be a refusal. */
export function refused<Code extends ErrorCode>(outcome: NotifyOutcome, code: Code): KnockError<Code> {
  if (outcome.ok) throw new Error(`accepted, where ${code} was expected`);
  if (outcome.error.code !== code) throw outcome.error;
  return outcome.error as KnockError<Code>;
}

/** Asks again and again until the answer is right, at most so many times; then says what it last was. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  right: (answer: Answer) => boolean,
  { tries = 400, every = 50 }: { tries?: number; every?: number } = {},
): Promise<Answer> {
  let last: unknown;
  for (let index = 0; index < tries; index++) {
    try {
      const answer = await ask();
      if (right(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    // Not unref'ed, unlike the clock's own timers: this is what the test waits for.
    await new Promise<void>((resolve) => systemClock.after(every, resolve));
  }
  throw new Error(`not so after ${tries} tries; last: ${last instanceof Error ? last.stack : JSON.stringify(last)}`);
}
