import { KnockError } from "../base/errors.ts";

/** What a broken connection says, by the code of the system or of postgres.js. */
const CONNECTION_PROBLEMS: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was reset",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name could not be resolved",
  ENOENT: "the socket does not exist",
  CONNECT_TIMEOUT: "no answer in time",
  CONNECTION_CLOSED: "the connection was closed",
  CONNECTION_ENDED: "the connection was ended",
  CONNECTION_DESTROYED: "the connection was ended",
};

/**
 * SQLSTATEs that say "no session for you": shutdown, start-up, database dropped, idle for too long, too many clients,
 * bad login, no such database.
 */
const REFUSALS = /^(08...|57P0[1-5]|53300|28000|28P01|3D000)$/;

/** With these PostgreSQL ends the session, whatever the reason: 55000, for one, when a database takes no connections. */
const ENDS_SESSION = /^(FATAL|PANIC)$/;

function problemOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof AggregateError) {
    return error.errors.map(problemOf).find((problem) => problem !== null) ?? null;
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code in CONNECTION_PROBLEMS) return CONNECTION_PROBLEMS[code]!;
  const severity = "severity" in error && typeof error.severity === "string" ? error.severity : "";
  return REFUSALS.test(code) || ENDS_SESSION.test(severity) ? error.message : problemOf(error.cause);
}

/** Host and port as the error itself knows them. Errors of the driver list every host they were told. */
function addressIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { address, hostname, port } = error as {
    address?: string | string[];
    /** Of a name that could not be looked up. */
    hostname?: string;
    port?: number | number[];
  };
  const [host] = [address ?? hostname].flat();
  return host === undefined ? addressIn(error.cause) : [host, ...[port ?? []].flat()].slice(0, 2).join(":");
}

/** The server answers, and has no such database. */
const isMissing = (problem: string): boolean => /^database ".*" does not exist$/.test(problem);

/**
 * Whether an error means that PostgreSQL could not be talked to, as opposed to a statement that failed.
 * @param address host and port as told to people; never the whole URL, which holds the password
 * @returns the `DATABASE_UNREACHABLE` error to throw instead, or `null`
 */
export function databaseUnreachable(error: unknown, address?: string): KnockError<"DATABASE_UNREACHABLE"> | null {
  if (KnockError.is(error, "DATABASE_UNREACHABLE")) return error;
  const problem = problemOf(error);
  if (problem === null) return null;
  const known = address ?? addressIn(error) ?? "the configured address";
  const fix = isMissing(problem) ? "Create it with createdb, or correct DATABASE_URL." : undefined;
  return new KnockError("DATABASE_UNREACHABLE", { address: known, problem, ...(fix && { fix }) }, { cause: error });
}
