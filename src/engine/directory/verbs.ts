// The directory as the library offers it: who there is, who is in which list, who wants what.
import { deleteUser, upsertUser, upsertUsers } from "./users.ts";
import { addListMembers, deleteList, removeListMembers, upsertList } from "./lists.ts";
import { deleteObject, findObject, listObjects, upsertObject, upsertObjects } from "./objects.ts";
import { listSubscribers, listSubscriptions, subscribe, unsubscribe } from "./subscriptions.ts";
import { explainPreferences, setPreferences, userPreferences } from "./preferences.ts";
import type { EngineContext } from "../engine.ts";

/**
 * The verbs about users, lists, objects and preferences, on one system. Each answers `{ ok: true, … }` or
 * `{ ok: false, error }`, and takes `{ tx }` last to be part of a transaction.
 */
export function directoryVerbs(context: EngineContext) {
  const on =
    <Rest extends unknown[], Answer>(verb: (context: EngineContext, ...rest: Rest) => Answer) =>
    (...rest: Rest): Answer =>
      verb(context, ...rest);
  return {
    users: { upsert: on(upsertUser), upsertMany: on(upsertUsers), delete: on(deleteUser) },
    lists: {
      upsert: on(upsertList),
      delete: on(deleteList),
      addMembers: on(addListMembers),
      removeMembers: on(removeListMembers),
    },
    objects: {
      upsert: on(upsertObject),
      upsertMany: on(upsertObjects),
      delete: on(deleteObject),
      find: on(findObject),
      list: on(listObjects),
      subscribe: on(subscribe),
      unsubscribe: on(unsubscribe),
      subscribers: on(listSubscribers),
      subscriptions: on(listSubscriptions),
    },
    preferences: { set: on(setPreferences), get: on(userPreferences), explain: on(explainPreferences) },
  };
}

/** See `directoryVerbs`. */
export type DirectoryVerbs = ReturnType<typeof directoryVerbs>;
