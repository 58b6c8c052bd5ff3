// What a process tells those who operate it: whether it lives, whether it can work, and its numbers.
import { type Authenticate, createAuthenticate, credentialsOf } from "../api/auth/authenticate.ts";
import { grantedTo } from "../api/auth/identity.ts";
import type { Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Following } from "../deploy/follow.ts";
import { anyKeyExists } from "../store/api-keys.ts";
import type { Database } from "../store/database.ts";
import { requireMigrated } from "../store/migrate.ts";
import { createApp, type FetchHandler, refusal } from "./app.ts";
import { closeGracefully, isLoopback, listen, urlOf } from "./listen.ts";
import type { Metrics } from "./metrics.ts";

/** What a process follows, where it does. */
export type FollowingNow = () => Pick<Following, "refused"> | null;

/**
 * Whether a process can do its work: until it ends, while its database answers and fits. A deploy that it refused does
 * not keep it from that, and taking all processes away would not help: it is only told.
 */
export function readinessOf(
  database: Database,
  following: FollowingNow,
): { check(): Promise<string | null>; end(): void } {
  let ending = false;
  return {
    async check() {
      if (ending) throw new Error("this process is ending");
      await database.ping();
      await requireMigrated(database);
      const refused = following()?.refused;
      return refused ? `a deploy is refused here, and what ran before goes on: ${refused.message}` : null;
    },
    end: () => void (ending = true),
  };
}

/** Why a request may not read the metrics; `null` when it may. */
async function refusalOf({ headers }: Request, authenticate: Authenticate): Promise<Response | null> {
  try {
    const identity = await authenticate(credentialsOf(headers));
    if (grantedTo(identity).read) return null;
    const viewer = identity.viewer !== null;
    const { code, message, hint } = new KnockError("FORBIDDEN", { needed: "read", viewer });
    return refusal(403, code, message, hint);
  } catch (error) {
    if (!KnockError.is(error, "UNAUTHENTICATED")) throw error;
    return refusal(401, error.code, error.message, error.hint);
  }
}

/** Answers `/metrics`; where callers show a key, it needs the scope `read`. */
export function metricsHandler(options: {
  metrics: Metrics;
  database: Database;
  clock: Clock;
  /** `null` where callers need no key. */
  authenticate: Authenticate | null;
}): FetchHandler {
  const { metrics, database, clock, authenticate } = options;
  return async (request) => {
    const refused = authenticate ? await refusalOf(request, authenticate) : null;
    if (refused) return refused;
    const headers = { "content-type": metrics.contentType, "cache-control": "no-store" };
    return new Response(await metrics.text({ database, clock }), { headers });
  };
}

/** The port of a process that takes no calls. */
export interface OperationsServer {
  url: string;
  port: number;
  /** From now on `/readyz` says no. */
  ending(): void;
  close(): Promise<void>;
}

const GRACE_MS = 1_000;

/**
 * Answers `/healthz`, `/readyz` and `/metrics`, for a worker. Without any key it answers this machine only, and cannot
 * be bound to another address; with keys, `/metrics` needs one.
 *
 * @throws KnockError UNSAFE_BIND, PORT_IN_USE, INVALID_CONFIG.
 */
export async function serveOperations(options: {
  database: Database;
  host: string;
  port: number;
  metrics: Metrics;
  /** Default: nothing. */
  following?: FollowingNow;
  clock: Clock;
  logger: Logger;
}): Promise<OperationsServer> {
  const { database, host, port, metrics, clock, logger } = options;
  const authenticated = await anyKeyExists(database.db);
  if (!isLoopback(host) && !authenticated) throw new KnockError("UNSAFE_BIND", { host });
  const readiness = readinessOf(database, options.following ?? (() => null));
  const authenticate = authenticated
    ? createAuthenticate({ db: database.db, clock, required: true, deploys: false, publicKeys: [] })
    : null;
  const server = createApp({
    graphql: null,
    metrics: metricsHandler({ metrics, database, clock, authenticate }),
    ready: readiness.check,
    startPage: null,
    loopbackOnly: !authenticated,
    clock,
    logger,
  });
  const bound = await listen(server, host, port);
  return {
    url: urlOf(host, bound),
    port: bound,
    ending: readiness.end,
    close: () => closeGracefully(server, clock, GRACE_MS),
  };
}
