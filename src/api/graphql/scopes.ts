// What a key may do.

/** The scopes of keys. `admin` includes the others. */
export const scopes = ["notify", "read", "write", "admin"] as const;

/** A scope of a key. */
export type Scope = (typeof scopes)[number];

/** What each scope allows, for the documentation and `knock keys create`. */
export const scopeMeanings: Record<Scope, string> = {
  notify: "Send, schedule and cancel notifications; signal events; run failed runs again.",
  read: "Read everything: users, notifications, runs, messages, feeds.",
  write: "Change users, lists and preferences; mark messages.",
  admin: "Everything, and switch workflows on and off.",
};

/** Who calls: a key, or nobody in development on this machine. */
export interface Identity {
  /** Id of the key; `null` without authentication. */
  key: string | null;
  scopes: readonly string[];
}

/** The caller where nobody has to say who they are. */
export const anyone: Identity = { key: null, scopes };

/** Which scopes the caller has. */
export function grantedTo({ scopes: held }: Identity): Record<Scope, boolean> {
  const has = (scope: Scope) => held.includes(scope) || held.includes("admin");
  return { notify: has("notify"), read: has("read"), write: has("write"), admin: has("admin") };
}
