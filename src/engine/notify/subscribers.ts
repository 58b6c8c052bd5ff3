// Objects among the recipients of calls: who subscribes to them is reached through a list of the same name.
import { distinct } from "../../base/arrays.ts";
import { objectOf } from "../../base/object-id.ts";
import type { Executor } from "../../store/executor.ts";
import { subscribedObjects } from "../../store/subscriptions.ts";
import type { Prepared } from "./prepare.ts";

const objectsOf = ({ recipients, subscribers }: Prepared): string[] =>
  subscribers ? recipients.filter((id) => objectOf(id) !== null) : [];

/**
 * The calls with the subscribers of their objects as lists, after the lists that they name: those of the objects
 * first, then those of the objects that subscribe to these; no deeper. One statement for all calls, none without
 * objects.
 */
export async function withSubscribers(db: Executor, calls: readonly Prepared[]): Promise<readonly Prepared[]> {
  const objects = distinct(calls.flatMap(objectsOf));
  if (objects.length === 0) return calls;
  const children = await subscribedObjects(db, objects);
  return calls.map((call) => {
    const own = objectsOf(call);
    return { ...call, lists: distinct([...call.lists, ...own, ...own.flatMap((id) => children.get(id) ?? [])]) };
  });
}
