// What of a config the engine works with all the time, checked.
import { durationMs, parseDuration } from "../base/duration.ts";
import { KnockError } from "../base/errors.ts";
import { isZone } from "../base/zone.ts";
import { preferenceSetSchema } from "../definition/preference-set.ts";
import type { Config } from "../registry/config.ts";
import { resolveEnv, type Environment } from "../channels/env.ts";
import type { EngineContext, LinkSettings } from "./engine.ts";

/** Settings that a process keeps from its start to its end. */
export type Settings = Pick<
  EngineContext,
  | "preferences"
  | "onInvalidData"
  | "idempotencyRetention"
  | "retention"
  | "timezone"
  | "allowPrivateAddresses"
  | "userTokenKeys"
  | "origins"
  | "links"
  | "channelIds"
>;

const SHORTEST_RETENTION = durationMs("7d");
const SHORTEST_AGE = durationMs("1d");

function retentionOf(config: Config): number {
  const milliseconds = durationMs(config.idempotency?.retention ?? "7d");
  if (milliseconds >= SHORTEST_RETENTION) return milliseconds;
  throw new KnockError("INVALID_CONFIG", {
    problem: "idempotency.retention is shorter than 7 days",
    fix: 'Set it to "7d" or longer.',
  });
}

function timezoneOf({ timezone = "Etc/UTC" }: Config): string {
  if (isZone(timezone)) return timezone;
  throw new KnockError("INVALID_CONFIG", {
    problem: `timezone "${timezone}" is no IANA time zone`,
    fix: 'Write one such as "Europe/Zurich".',
  });
}

/** The ages at which things are deleted. */
function agesOf({ retention = {} }: Config): { runs: number | null; messages: number | null } {
  const ageOf = (what: "runs" | "messages"): number | null => {
    const given = retention[what];
    if (given === undefined) return null;
    const milliseconds = parseDuration(given);
    if (milliseconds !== null && milliseconds >= SHORTEST_AGE) return milliseconds;
    throw new KnockError("INVALID_CONFIG", {
      problem: `retention.${what} is ${milliseconds === null ? "no duration" : "shorter than a day"}`,
      fix: 'Set it to "1d" or longer, or leave it out to keep everything.',
    });
  };
  const runs = ageOf("runs");
  return { runs, messages: ageOf("messages") ?? runs };
}

function preferencesOf({ preferences }: Config) {
  if (preferences === undefined) return null;
  const parsed = preferenceSetSchema.safeParse(preferences);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new KnockError("INVALID_CONFIG", { problem: `preferences.${issue?.path.join(".")}: ${issue?.message}` });
}

const SHORTEST_SECRET = 32;

function linksOf({ links }: Config, environment: Environment): LinkSettings | null {
  if (!links) return null;
  const url = resolveEnv(links.url, environment).replace(/\/+$/, "");
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw new KnockError("INVALID_CONFIG", {
      problem: "links.url is no URL",
      fix: 'Write one such as "https://notify.example.com".',
    });
  }
  const secrets = links.secrets.map((secret) => resolveEnv(secret, environment));
  if (secrets.length === 0 || secrets.some((secret) => secret.length < SHORTEST_SECRET)) {
    throw new KnockError("INVALID_CONFIG", {
      problem: `links.secrets holds ${secrets.length === 0 ? "no secret" : `one of less than ${SHORTEST_SECRET} characters`}`,
      fix: "Make one with: openssl rand -base64 32",
    });
  }
  return { url, secrets };
}

/** As browsers send it: also `capacitor://localhost`, of an app. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]+$/;

function originsOf({ endUsers }: Config): EngineContext["origins"] {
  const { origins = "*" } = endUsers ?? {};
  const wrong = origins === "*" ? undefined : origins.find((origin) => !ORIGIN.test(origin));
  if (wrong === undefined) return origins;
  throw new KnockError("INVALID_CONFIG", {
    problem: `endUsers.origins holds "${wrong}", which is no origin`,
    fix: 'Write scheme and host alone, such as "https://app.example.com".',
  });
}

/** What of the config the engine works with all the time. Throws `INVALID_CONFIG`. */
export const settingsOf = (config: Config, environment: Environment): Settings => ({
  preferences: preferencesOf(config),
  onInvalidData: config.onInvalidData ?? "reject",
  idempotencyRetention: retentionOf(config),
  retention: agesOf(config),
  timezone: timezoneOf(config),
  allowPrivateAddresses: config.fetch?.allowPrivateAddresses ?? false,
  userTokenKeys: (config.endUsers?.publicKeys ?? []).map((key) => resolveEnv(key, environment)),
  origins: originsOf(config),
  links: linksOf(config, environment),
  channelIds: config.channelIds ?? {},
});
