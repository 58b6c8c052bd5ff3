import type { Scalar } from "../conditions.ts";
import type { Ref } from "../refs.ts";
import type { Selector } from "../selector.ts";
import type { Window } from "../window.ts";
import type { Conditional } from "./when.ts";

/** Events of this kind are knock's own: no event of anybody else can have such a name. */
export const MESSAGE_EVENTS = "message.";

/** What can become of a message. */
export const messageMoments = [
  "sent",
  "delivered",
  "bounced",
  "undelivered",
  "seen",
  "read",
  "interacted",
  "clicked",
  "archived",
] as const;

/** One of the things that can become of a message. */
export type MessageMoment = (typeof messageMoments)[number];

/** An event by its name, as `signalEvent` gives it. */
export interface AwaitedEvent<Scope> {
  event: string;
  /** What the match of the event must be equal to. Default: `{}`. */
  match?: Selector<Scope, Record<string, Ref<unknown> | Scalar>>;
}

/** What becomes of the message of a step before. */
export interface AwaitedMessage<Refs extends string> {
  /** Ref of a channel step before this one. */
  message: Refs;
  status: MessageMoment;
}

/** What a wait is for, and how it ends. */
export type WaitForSettings<Scope, Refs extends string = string> = Conditional<Scope> & {
  /** How long at most; no longer than 30 days. */
  timeout: Window<Scope>;
  /** What the run does when it happened. Default: `continue`. */
  onMatch?: "continue" | "halt";
  /** What the run does when the time is over; not together with a way for that. Default: `continue`. */
  onTimeout?: "continue" | "halt";
} & (AwaitedEvent<Scope> | AwaitedMessage<Refs>);
