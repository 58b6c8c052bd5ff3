import type { Content } from "../content.ts";
import type { Conditional, Retrying } from "./when.ts";

/** A call of another workflow. What is absent is taken from the notification at hand. */
export type NotifySettings<Scope, Input> = Conditional<Scope> &
  Retrying & {
    /** Ids of users. Default, when no list is given either: the recipient of this run. */
    recipients?: Content<Scope, readonly string[]>;
    /** Names of lists. Default: none. */
    lists?: Content<Scope, readonly string[]>;
    /** Id of a user, `null` for nobody. Default: the actor of this notification. */
    actor?: Content<Scope, string | null>;
    /** Id of a tenant, `null` for none. Default: the tenant of this notification. */
    tenant?: Content<Scope, string | null>;
    /** `null` for none. Default: the key of this notification, so that cancelling it ends the other, too. */
    cancellationKey?: Content<Scope, string | null>;
  } & (Record<never, never> extends Input ? { data?: Content<Scope, Input> } : { data: Content<Scope, Input> });
