// Who calls, and what they may do.
import type { Viewer } from "../../engine/viewer/viewer.ts";

/** The scopes of secret keys. `admin` includes the others but for `deploy`, which lets code run and is given by its name alone. */
export const scopes = ["notify", "read", "write", "deploy", "admin"] as const;

/** A scope of a secret key. */
export type Scope = (typeof scopes)[number];

/** What each scope allows, for the documentation and `knock keys create`. */
export const scopeMeanings: Record<Scope, string> = {
  notify: "Send, schedule and cancel notifications; signal events; run failed runs again.",
  read: "Read everything: users, notifications, runs, messages, feeds.",
  write: "Change users, lists and preferences; mark messages.",
  deploy: "Deploy workflows and bring versions back. Whoever has it can run code on the servers and workers.",
  admin: "Everything but deploying, and switch workflows on and off.",
};

/** Who calls: a secret key, a person, or nobody in development on this machine. */
export interface Identity {
  /** Id of the key; `null` without authentication. */
  key: string | null;
  /** Name of the key, for people. */
  name: string | null;
  /** Of a secret key. A person has none. */
  scopes: readonly string[];
  /** The person; `null` for servers. */
  viewer: Viewer | null;
}

/** The caller where nobody has to say who they are: may do everything that does not let code run. */
export const anyone: Identity = {
  key: null,
  name: null,
  scopes: scopes.filter((scope) => scope !== "deploy"),
  viewer: null,
};

/** What a field or a route asks for: a scope, a person (`viewer`), or either of a person and a scope: `write` (`engage`), `read` (`watch`). */
export type Access = Scope | "viewer" | "engage" | "watch";

/** The scope of servers for what people may reach, too. */
export const scopeFor = (access: Access): Scope | "viewer" =>
  access === "engage" ? "write" : access === "watch" ? "read" : access;

/** What the caller may. */
export function grantedTo({ scopes: held, viewer }: Identity): Record<Access, boolean> {
  const has = (scope: Scope) => held.includes(scope) || held.includes("admin");
  return {
    notify: has("notify"),
    read: has("read"),
    write: has("write"),
    deploy: held.includes("deploy"),
    admin: has("admin"),
    viewer: viewer !== null,
    engage: viewer !== null || has("write"),
    watch: viewer !== null || has("read"),
  };
}
