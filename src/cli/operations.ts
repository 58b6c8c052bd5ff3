// What commands ask of a running system. They reach it in one of two ways: through its server, or
// through the database itself.
import { KnockError } from "../base/errors.ts";
import type { ImpactQuestion, PreferenceImpact } from "../engine/directory/preference-impact.ts";
import type { ExplainQuestion } from "../engine/explain/question.ts";
import type { NotifyCall, UserInput } from "../engine/notify-call.ts";
import type { ScheduleInput } from "../engine/schedules/create.ts";
import type { SignalledEvent } from "../engine/signal.ts";
import type { SimulateOptions } from "../engine/simulate/contract.ts";
import type { MemberInput } from "../store/lists.ts";
import type { ScheduleStatus } from "../store/schema/schedules.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import type { ToldExplanations } from "./explained.ts";
import { localOperations } from "./operations-local.ts";
import { remoteOperations } from "./operations-remote.ts";
import type { Answer } from "./refusal.ts";
import type { ToldSimulation } from "./simulated.ts";
import { openTarget, requireProject, targetOf } from "./open-project.ts";
import type { SoundProject } from "./load-project.ts";

/** A notification that was accepted. */
export interface AcceptedNotification {
  id: string;
  status: string;
  warnings: { code: string; message: string }[];
}

/** A schedule that was made: when it has its first moment. */
export interface MadeSchedule {
  id: string;
  recipientId: string | null;
  /** ISO 8601. */
  nextAt: string | null;
}

/** A schedule as it is listed. Times are ISO 8601. */
export interface ListedSchedule extends MadeSchedule {
  workflow: string;
  status: ScheduleStatus;
  lists: string[];
  recurrence: string | null;
  timezone: string | null;
  lastAt: string | null;
  /** Notifications that it has made. */
  count: number;
  /** Why the last moment made no notification. */
  problem: string | null;
}

/** Which schedules to list, and from where. */
export interface ScheduleQuestion {
  recipient?: string | undefined;
  workflow?: string | undefined;
  status?: ScheduleStatus | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

/** The verbs. */
export interface Operations {
  /** Where it goes, for people. */
  readonly place: string;
  upsertUsers(users: UserInput[]): Promise<Answer<null>>;
  addListMembers(list: string, members: MemberInput[]): Promise<Answer<null>>;
  notify(call: NotifyCall): Promise<Answer<AcceptedNotification>>;
  cancel(
    cancellationKey: string,
    recipients: string[] | null,
  ): Promise<Answer<{ notifications: number; runs: number }>>;
  createSchedules(
    input: ScheduleInput,
  ): Promise<Answer<{ schedules: MadeSchedule[]; warnings: AcceptedNotification["warnings"] }>>;
  listSchedules(question: ScheduleQuestion): Promise<Answer<{ schedules: ListedSchedule[]; next: string | null }>>;
  deleteSchedules(ids: string[]): Promise<Answer<string[]>>;
  signal(event: SignalledEvent): Promise<Answer<number>>;
  simulate(call: NotifyCall, options: SimulateOptions): Promise<Answer<ToldSimulation>>;
  explain(question: ExplainQuestion): Promise<Answer<ToldExplanations>>;
  preferenceImpact(question: ImpactQuestion): Promise<Answer<PreferenceImpact>>;
  /** One answer for each id, in order. */
  rerun(runIds: string[]): Promise<Answer<Answer<string>[]>>;
}

/** The options with which a command chooses its way. */
export interface WayOptions extends GlobalOptions {
  url?: string;
  apiKey?: string;
}

/**
 * Does something to a running system: through the server at `--url`, else through the project's
 * database, else, when a process has the embedded database open, through that process's server.
 */
export async function withOperations<Result>(
  cli: Cli,
  options: WayOptions,
  work: (operations: Operations, project: SoundProject | null) => Promise<Result>,
): Promise<Result> {
  const { url, apiKey } = options;
  if (url) return work(remoteOperations(url, apiKey), null);
  const project = await requireProject(cli, options);
  let database;
  try {
    database = await openTarget(targetOf(cli, project), cli);
  } catch (error) {
    const holder = KnockError.is(error, "DATABASE_LOCKED") ? error.details.url : null;
    if (holder === null) throw error;
    return work(remoteOperations(holder, apiKey), project);
  }
  const local = await localOperations(cli, project, database);
  try {
    return await work(local.operations, project);
  } finally {
    await local.close();
    await database.close();
  }
}
