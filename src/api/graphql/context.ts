// What every resolver is given.
import type { Engine } from "../../engine/engine.ts";
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
import { readVersionNumbers, readWorkflowStates, type WorkflowState } from "../../store/reads/workflows.ts";
import type { Page, PageArguments } from "../../store/paging.ts";
import { findUsers, type StoredUser } from "../../store/users.ts";
import { createLoader } from "./loader.ts";
import type { Identity } from "./scopes.ts";

type Load<Key, Value> = (key: Key) => Promise<Value | undefined>;

/** Reads that are gathered: one query for everything of a kind that a response asks for. */
export interface Loaders {
  user: Load<string, StoredUser>;
  notification: Load<string, NotificationRead>;
  progress: Load<string, Progress>;
  messageCount: Load<string, number>;
  memberCount: Load<string, number>;
  run: Load<string, RunRead>;
  message: Load<string, MessageRead>;
  attempts: Load<string, AttemptRead[]>;
  version: Load<string, number>;
  workflowState: Load<string, WorkflowState>;
  /** One page of the runs of a notification. Pages with the same arguments are read together. */
  runs: (notification: string, page: PageArguments) => Promise<Page<RunRead> | undefined>;
}

/** What every resolver is given. */
export interface Context {
  engine: Engine;
  identity: Identity;
  load: Loaders;
}

function createLoaders({ database, registry }: Engine["context"]): Loaders {
  const { db } = database;
  const runPages = new Map<string, Load<string, Page<RunRead>>>();
  const deployed = () => [...registry().values()].map(({ key, hash }) => ({ key, hash }));
  return {
    user: createLoader((ids) => findUsers(db, ids)),
    notification: createLoader((ids) => readNotifications(db, ids)),
    progress: createLoader((ids) => readProgress(db, ids)),
    messageCount: createLoader((ids) => countMessages(db, ids)),
    memberCount: createLoader((names) => countMembers(db, names)),
    run: createLoader((ids) => readRuns(db, ids)),
    message: createLoader((ids) => readMessages(db, ids)),
    attempts: createLoader((ids) => readAttempts(db, ids)),
    version: createLoader((ids) => readVersionNumbers(db, ids)),
    workflowState: createLoader(() => readWorkflowStates(db, deployed())),
    runs(notification, { first, after, last, before }) {
      const key = JSON.stringify([first, after, last, before]);
      let load = runPages.get(key);
      if (!load) {
        load = createLoader((ids) => pageRunsOf(db, ids, { first, after, last, before }));
        runPages.set(key, load);
      }
      return load(notification);
    },
  };
}

/** The context of one request. */
export const createContext = (engine: Engine, identity: Identity): Context => ({
  engine,
  identity,
  load: createLoaders(engine.context),
});
