// What Prometheus asks for. Each system has a registry of its own: nothing here is global, nothing names a person.
import prometheus from "prom-client";
import type { Clock } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import type { Listeners } from "../engine/events.ts";
import type { Database } from "../store/database.ts";
import { overdueBy } from "../store/health.ts";
import { queueDepths } from "../store/jobs.ts";

/** What a scrape reads. */
export interface MetricsSource {
  database: Pick<Database, "db">;
  clock: Clock;
}

/** Counts what happens in a process, and tells it in the form of Prometheus. */
export interface Metrics {
  /** To be given to `createKnock`. */
  listeners: Listeners;
  /** The media type of `text`. */
  contentType: string;
  /** All numbers. What is read from the database is at most 5 seconds old; while it is away, those numbers are missing. */
  text(source: MetricsSource): Promise<string>;
}

const FRESH = durationMs("5s");
const DELIVERY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function counters(registers: prometheus.Registry[]) {
  const { Counter, Gauge, Histogram } = prometheus;
  return {
    accepted: new Counter({
      name: "knock_notifications_accepted_total",
      help: "Calls that this process accepted.",
      labelNames: ["workflow"] as const,
      registers,
    }),
    runs: new Counter({
      name: "knock_runs_total",
      help: "Runs that ended in this process, by how.",
      labelNames: ["workflow", "outcome"] as const,
      registers,
    }),
    deliveries: new Counter({
      name: "knock_deliveries_total",
      help: "Attempts to hand a message to a provider, by what became of the message.",
      labelNames: ["channel", "provider", "outcome"] as const,
      registers,
    }),
    deploys: new Counter({
      name: "knock_deploys_total",
      help: "Deploys that this process took over while it ran, or refused.",
      labelNames: ["outcome"] as const,
      registers,
    }),
    refused: new Gauge({
      name: "knock_deploy_refused",
      help: "1 while this process refuses the last deploy and goes on with the one before.",
      registers,
    }),
    seconds: new Histogram({
      name: "knock_delivery_seconds",
      help: "How long providers took to answer.",
      labelNames: ["channel", "provider"] as const,
      buckets: DELIVERY_SECONDS,
      registers,
    }),
  };
}

function gauges(registers: prometheus.Registry[]) {
  const { Gauge } = prometheus;
  return {
    up: new Gauge({ name: "knock_database_up", help: "1 when the database answers.", registers }),
    jobs: new Gauge({
      name: "knock_queue_jobs",
      help: "Jobs of all processes, by kind and state; dead ones failed for good and are tried again later.",
      labelNames: ["kind", "state"] as const,
      registers,
    }),
    oldest: new Gauge({
      name: "knock_queue_oldest_seconds",
      help: "Age of the oldest job that waits, by kind.",
      labelNames: ["kind"] as const,
      registers,
    }),
    lag: new Gauge({
      name: "knock_timekeeper_lag_seconds",
      help: "How late the earliest run, retry or schedule is that is due; 0 when nothing is.",
      registers,
    }),
  };
}

async function read({ database: { db }, clock }: MetricsSource) {
  try {
    return { depths: await queueDepths(db), lag: (await overdueBy(db, clock.now())) / 1_000 };
  } catch {
    return null;
  }
}

/**
 * Makes the metrics of one system.
 *
 * @example
 * const metrics = createMetrics();
 * const knock = await createKnock({ config, listeners: metrics.listeners });
 * const text = await metrics.text({ database: knock.database, clock: knock.engine.context.clock });
 */
export function createMetrics(): Metrics {
  const registry = new prometheus.Registry();
  const { accepted, runs, deliveries, deploys, refused, seconds } = counters([registry]);
  const { up, jobs, oldest, lag } = gauges([registry]);
  let readAt = Number.NEGATIVE_INFINITY;

  async function refresh(source: MetricsSource): Promise<void> {
    const now = source.clock.now().getTime();
    if (now - readAt < FRESH) return;
    readAt = now;
    const found = await read(source);
    for (const gauge of [jobs, oldest, lag]) gauge.reset();
    up.set(found ? 1 : 0);
    if (!found) return lag.remove();
    lag.set(found.lag);
    for (const { kind, state, jobs: count, oldestSeconds } of found.depths) {
      jobs.set({ kind, state }, count);
      if (state === "waiting") oldest.set({ kind }, oldestSeconds);
    }
  }

  return {
    contentType: registry.contentType,
    listeners: {
      onAccepted: ({ workflow }) => accepted.inc({ workflow }),
      onRunsEnded: ({ workflow, outcome, runs: ended }) => runs.inc({ workflow, outcome }, ended),
      onDeploy({ outcome }) {
        deploys.inc({ outcome });
        refused.set(outcome === "refused" ? 1 : 0);
      },
      onDelivery({ channel, provider, outcome, milliseconds }) {
        deliveries.inc({ channel, provider, outcome });
        seconds.observe({ channel, provider }, milliseconds / 1_000);
      },
    },
    async text(source) {
      await refresh(source);
      return registry.metrics();
    },
  };
}
