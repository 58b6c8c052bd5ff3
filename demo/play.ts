// Plays a story against a server, and collects what the server says about it.
import type { Notification, NotifyResult } from "knock/client";
import { readBack, storedNotifications } from "./read-back.ts";
import type { Call, Story } from "./stories.ts";
import type { System } from "./system.ts";

/** A call and its answer. */
export interface Answered {
  call: Call;
  result: NotifyResult;
}

/** Everything that was observed of a story. */
export interface Observed {
  /** What was prepared, as read back. */
  given: string[];
  answered: Answered[];
  /** How many notifications the server has more than before. */
  stored: number;
  /** The notification of the first call that was accepted, at rest. */
  first: Notification | null;
  /** The same after some time; `null` when the story ends at once. */
  later: Notification | null;
  /** E-mails that the provider was handed. */
  mails: string[];
}

/** Plays a story. */
export async function play(story: Story, system: System): Promise<Observed> {
  const { client } = system;
  const given = (await story.prepare?.(client)) ?? [];
  const before = await storedNotifications(system);
  const mailsBefore = system.handedOver().length;
  const answered: Answered[] = [];
  for (const call of story.calls) answered.push({ call, result: await call.send(client) });
  const accepted = answered.find(({ result }) => result.ok)?.result;
  const id = accepted?.ok ? accepted.notification.id : null;
  const first = id && (await readBack(system, id));
  let later: Notification | null = null;
  if (first && story.later) {
    await story.later.happen(system, first);
    later = await readBack(system, first.id);
  }
  const after = await storedNotifications(system);
  return {
    given,
    answered,
    stored: after.filter((one) => !before.includes(one)).length,
    first: first || null,
    later,
    mails: system.handedOver().slice(mailsBefore),
  };
}
