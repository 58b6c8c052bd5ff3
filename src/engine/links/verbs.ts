import type { EngineContext } from "../engine.ts";
import { preferencesUrl } from "./links.ts";

/** The verbs about links that need no login, on one system. */
export function linkVerbs({ links, clock }: Pick<EngineContext, "links" | "clock">) {
  return {
    /**
     * The address of somebody's page of preferences, for messages that belong to a tenant when one is given. Whoever has
     * it can change what the person gets, for 90 days: give it to that person alone. `null` where the config has no
     * `links`.
     *
     * @example const url = knock.links.preferences("user_1");
     */
    preferences: (userId: string, { tenant = null }: { tenant?: string | null | undefined } = {}): string | null =>
      links && preferencesUrl(links, { userId, tenantId: tenant }, clock.now()),
  };
}

/** See `linkVerbs`. */
export type LinkVerbs = ReturnType<typeof linkVerbs>;
