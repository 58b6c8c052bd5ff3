// What every resolver is given.
import type { Engine } from "../../engine/engine.ts";
import type { DeployContext } from "../../deploy/deploy.ts";
import { pageActivitiesOf, readBatches, type ActivityRead, type BatchRead } from "../../store/reads/batches.ts";
import { readAttempts, readMessages, type AttemptRead, type MessageRead } from "../../store/reads/messages.ts";
import {
  countMessages,
  readNotifications,
  readProgress,
  type NotificationRead,
  type Progress,
} from "../../store/reads/notifications.ts";
import { countMembers } from "../../store/reads/lists.ts";
import { pageRunsOf, readRuns, type RunRead } from "../../store/reads/runs.ts";
import { type DeployRead, openRunsOf, readDeploys } from "../../store/reads/deploys.ts";
import { readSchedules } from "../../store/reads/schedules.ts";
import { readVersionNumbers, readWorkflowStates, type WorkflowState } from "../../store/reads/workflows.ts";
import type { Page, PageArguments } from "../../store/paging.ts";
import type { Executor } from "../../store/executor.ts";
import type { StoredSchedule } from "../../store/schedules.ts";
import { findUsers, type StoredUser } from "../../store/users.ts";
import { createLoader } from "./loader.ts";
import type { Streams } from "./streams.ts";
import type { Identity } from "../auth/identity.ts";

type Load<Key, Value> = (key: Key) => Promise<Value | undefined>;

type LoadPage<Node> = (parent: string, page: PageArguments) => Promise<Page<Node> | undefined>;

/** Reads that are gathered: one query for everything of a kind that a response asks for. */
export interface Loaders {
  user: Load<string, StoredUser>;
  /** As `user`, gathered over all requests: one event can be told to thousands who look on. */
  actor: Load<string, StoredUser>;
  notification: Load<string, NotificationRead>;
  progress: Load<string, Progress>;
  messageCount: Load<string, number>;
  memberCount: Load<string, number>;
  run: Load<string, RunRead>;
  batch: Load<string, BatchRead>;
  schedule: Load<string, StoredSchedule>;
  message: Load<string, MessageRead>;
  attempts: Load<string, AttemptRead[]>;
  deploy: Load<string, DeployRead>;
  /** By version. */
  openRuns: Load<string, number>;
  version: Load<string, number>;
  workflowState: Load<string, WorkflowState>;
  /** One page of the runs of a notification. Pages with the same arguments are read together. */
  runs: LoadPage<RunRead>;
  /** One page of the activities of a batch. */
  activities: LoadPage<ActivityRead>;
}

/** What every resolver is given. */
export interface Context {
  engine: Engine;
  identity: Identity;
  /** What deploys work on; `null` where the workflows come from the process's own files. */
  deployment: DeployContext | null;
  load: Loaders;
  /** Opens subscriptions. */
  streams: Streams;
}

/** Gathers the pages of one kind of list that are asked for with the same arguments. */
function createPageLoader<Node>(
  db: Executor,
  read: (db: Executor, parents: readonly string[], page: PageArguments) => Promise<Map<string, Page<Node>>>,
): LoadPage<Node> {
  const loads = new Map<string, Load<string, Page<Node>>>();
  return (parent, { first, after, last, before }) => {
    const key = JSON.stringify([first, after, last, before]);
    const load = loads.get(key) ?? createLoader((ids) => read(db, ids, { first, after, last, before }));
    loads.set(key, load);
    return load(parent);
  };
}

function createLoaders({ database, registry }: Engine["context"]): Omit<Loaders, "actor"> {
  const { db } = database;
  const deployed = () => [...registry().values()].map(({ key, hash }) => ({ key, hash }));
  return {
    user: createLoader((ids) => findUsers(db, ids)),
    notification: createLoader((ids) => readNotifications(db, ids)),
    progress: createLoader((ids) => readProgress(db, ids)),
    messageCount: createLoader((ids) => countMessages(db, ids)),
    memberCount: createLoader((names) => countMembers(db, names)),
    run: createLoader((ids) => readRuns(db, ids)),
    batch: createLoader((ids) => readBatches(db, ids)),
    schedule: createLoader((ids) => readSchedules(db, ids)),
    message: createLoader((ids) => readMessages(db, ids)),
    attempts: createLoader((ids) => readAttempts(db, ids)),
    deploy: createLoader((ids) => readDeploys(db, ids)),
    openRuns: createLoader((ids) => openRunsOf(db, ids)),
    version: createLoader((ids) => readVersionNumbers(db, ids)),
    workflowState: createLoader(() => readWorkflowStates(db, deployed())),
    runs: createPageLoader(db, pageRunsOf),
    activities: createPageLoader(db, pageActivitiesOf),
  };
}

/** What the requests of a server share: they are told apart by what is given with each. */
export function createContexts(shared: Pick<Context, "engine" | "deployment" | "streams">) {
  const { database } = shared.engine.context;
  const actor = createLoader((ids: readonly string[]) => findUsers(database.db, ids));
  return (identity: Identity): Context => ({
    ...shared,
    identity,
    load: { ...createLoaders(shared.engine.context), actor },
  });
}
