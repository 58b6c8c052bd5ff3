// One notify call as the engine takes it, and what it answers. Both are data.
import type { KnockError } from "../base/errors.ts";
import type { Warning } from "../store/schema/notifications.ts";
import type { ObjectInput } from "../store/objects.ts";
import type { UserInput } from "../store/users.ts";

export type { ObjectInput, UserInput };

/** What a caller asks for. Which workflow is already known to exist for typed callers, not for others. */
export interface NotifyCall {
  /** Key of the workflow. */
  workflow: string;
  /** As the caller gave it; parsed by the workflow's schema. */
  data?: unknown;
  /** Ids of people (`ada`) and of objects (`#projects/7`), or what is to be created or merged first. */
  recipients?: readonly (string | UserInput | ObjectInput)[];
  lists?: readonly string[];
  actor?: string | UserInput | ObjectInput | null;
  tenant?: string | null;
  /** Users and objects to create or merge first. */
  identify?: readonly (UserInput | ObjectInput)[];
  /** Whether the subscribers of objects among the recipients are reached, too. Default: true. */
  subscribers?: boolean;
  idempotencyKey?: string | null;
  cancellationKey?: string | null;
  /** The request that the call came with, where one is told apart from another by more than the call. */
  request?: CallRequest | null;
}

/** A request that made a call. */
export interface CallRequest {
  /** Remembered with the idempotency key. */
  id: string;
  /** Hash of all that it asked for: another one is other input. */
  hash: string;
}

/** Where a notification stands. */
export type NotificationStatus = "accepted" | "processing" | "waiting" | "completed" | "cancelled";

/** A call that was accepted: the notification is stored and cannot be lost. */
export interface Accepted {
  ok: true;
  notification: { id: string; workflow: string; status: NotificationStatus; createdAt: Date };
  warnings: Warning[];
}

/** A call that was refused: nothing was stored. */
export interface Refused {
  ok: false;
  error: KnockError;
}

export type NotifyOutcome = Accepted | Refused;
