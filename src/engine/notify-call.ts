// One notify call as the engine takes it, and what it answers. Both are data.
import type { KnockError } from "../base/errors.ts";
import type { Warning } from "../store/schema/notifications.ts";
import type { UserInput } from "../store/users.ts";

export type { UserInput };

/** What a caller asks for. Which workflow is already known to exist for typed callers, not for others. */
export interface NotifyCall {
  /** Key of the workflow. */
  workflow: string;
  /** As the caller gave it; parsed by the workflow's schema. */
  data?: unknown;
  recipients?: readonly (string | UserInput)[];
  lists?: readonly string[];
  actor?: string | UserInput | null;
  tenant?: string | null;
  /** Users to create or merge first. */
  identify?: readonly UserInput[];
  idempotencyKey?: string | null;
  cancellationKey?: string | null;
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
