// The server's composition root: a running system behind an HTTP server.
import type { Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Knock } from "../knock.ts";
import { anyKeyExists } from "../store/api-keys.ts";
import { createAuthenticate } from "../api/auth/authenticate.ts";
import { createApp } from "./app.ts";
import { closeGracefully, isLoopback, listen, urlOf } from "./listen.ts";
import type { Metrics } from "./metrics.ts";
import { metricsHandler, readinessOf } from "./operations.ts";
import { startPage } from "./start-page.ts";

export interface ServeOptions {
  knock: Knock;
  /** Address to bind. Any but this machine's own needs keys. */
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** GraphiQL and the start page. */
  dev: boolean;
  /** Where messages go, for the start page. */
  delivery: string;
  version: string;
  /** What `/metrics` answers. Default: nothing is there. */
  metrics?: Metrics;
  clock: Clock;
  logger: Logger;
}

/** A server that answers. */
export interface RunningServer {
  /** Where it answers, as a person would write it. */
  url: string;
  port: number;
  /** Callers have to show a key. */
  authenticated: boolean;
  /** Finishes open requests and stops listening. */
  close(): Promise<void>;
}

const GRACE_MS = { development: 500, production: 10_000 };

/**
 * Puts a server in front of a started system. Without any key it answers this machine only; as soon as
 * there is one, every caller has to show one (in development: callers from elsewhere only).
 *
 * @throws KnockError UNSAFE_BIND for an outside address without keys, PORT_IN_USE, INVALID_CONFIG.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { knock, host, port, dev, clock, logger, version, delivery } = options;
  const { engine, database } = knock;
  const keys = await anyKeyExists(database.db);
  if (!isLoopback(host) && !keys) throw new KnockError("UNSAFE_BIND", { host });
  const authenticated = keys && !(dev && isLoopback(host));
  const { createGraphql } = await import("../api/graphql/yoga.ts");
  const { createRest } = await import("../api/rest/router.ts");
  const { createSockets } = await import("../api/socket/sockets.ts");
  const { createPages } = await import("../api/pages/pages.ts");
  const authenticate = createAuthenticate({
    db: database.db,
    clock,
    required: authenticated,
    deploys: knock.following !== null,
    publicKeys: engine.context.userTokenKeys,
  });
  const closing = new AbortController();
  const graphql = createGraphql({ engine, authenticate, dev, deploys: knock.following, closing: closing.signal });
  const page = () => {
    const workflows = [...engine.context.registry().values()].map(({ key, structure: { name, description } }) => ({
      key,
      name,
      description,
    }));
    return startPage({ version, workflows, delivery, graphiql: dev });
  };
  const readiness = readinessOf(database, () => knock.following);
  const sockets = createSockets({ engine, authenticate });
  const server = createApp({
    graphql,
    upgrade: sockets.upgrade,
    rest: createRest({ engine, authenticate }),
    pages: createPages(engine.context),
    metrics: options.metrics
      ? metricsHandler({ metrics: options.metrics, database, clock, authenticate: authenticated ? authenticate : null })
      : null,
    ready: readiness.check,
    startPage: dev ? page : null,
    loopbackOnly: !authenticated,
    origins: engine.context.origins,
    clock,
    logger,
  });
  const bound = await listen(server, host, port);
  return {
    url: urlOf(host, bound),
    port: bound,
    authenticated,
    async close() {
      readiness.end();
      // Whoever looks on goes elsewhere at once, rather than when the grace is over.
      closing.abort();
      await sockets.close();
      await closeGracefully(server, clock, dev ? GRACE_MS.development : GRACE_MS.production);
    },
  };
}
