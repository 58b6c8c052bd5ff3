// Every expected failure, in one table: its code, what happened, what to do next. Callers compare
// codes, never text.

/** One thing that is wrong in an input, with the path of the offending value. */
export interface Issue {
  /** Where, from the root of the input: `["data", "invitee", "email"]`. */
  path: (string | number)[];
  /** What is wrong, without the value itself: values may be personal data. */
  message: string;
  /** A stable code such as `invalid_type`. */
  code: string;
}

interface Row<Details> {
  message: (details: Details) => string;
  hint: (details: Details) => string;
}

const row = <Details = unknown>(
  message: (details: Details) => string,
  hint: (details: Details) => string,
): Row<Details> => ({ message, hint });

const meant = (near: string | null | undefined, otherwise: string) => (near ? `Did you mean "${near}"?` : otherwise);

const table = {
  RECIPIENTS_REQUIRED: row(
    () => "Neither a recipient nor a list was given.",
    () => "Name at least one user id in `recipients` or one list in `lists`.",
  ),
  INVALID_DATA: row<{ workflow: string; issues: Issue[] }>(
    ({ workflow, issues }) =>
      `The data does not fit the schema of workflow "${workflow}": ${issues.length} ${issues.length === 1 ? "problem" : "problems"}.`,
    ({ issues }) =>
      `Correct ${[...new Set(issues.map((issue) => issue.path.join(".")))].slice(0, 5).join(", ")} and call again.`,
  ),
  INVALID_INPUT: row<{ issues: Issue[]; subject?: string; fix?: string }>(
    ({ issues: [first, ...others], subject }) => {
      const place = first && first.path.length > 0 ? `${first.path.join(".")}: ` : "";
      const more = others.length > 0 ? ` (and ${others.length} more)` : "";
      return `${subject ?? "The input"} is not valid: ${place}${first?.message ?? "unknown problem"}${more}`;
    },
    ({ issues, fix }) =>
      fix ??
      `Correct ${
        issues
          .map((issue) => issue.path.join("."))
          .slice(0, 5)
          .join(", ") || "the input"
      } and call again.`,
  ),
  DUPLICATE_NOTIFICATION: row<{
    notificationId: string;
    firstAt: Date;
    sameInput: boolean;
    /** Id of the first call's request, where it is known. */
    requestId?: string;
  }>(
    ({ notificationId, firstAt }) =>
      `A call with this idempotency key succeeded at ${firstAt.toISOString()} and made notification ${notificationId}.`,
    ({ sameInput }) =>
      sameInput
        ? "Nothing is left to do: the first call has the same input."
        : "The first call had other input. Use a new key for a new notification.",
  ),
  WORKFLOW_INACTIVE: row<{ workflow: string }>(
    ({ workflow }) => `Workflow "${workflow}" is switched off.`,
    ({ workflow }) =>
      `Switch it on with setWorkflowStatus(workflow: "${workflow}", status: ACTIVE), or leave the call out.`,
  ),
  UNKNOWN_WORKFLOW: row<{ workflow: string; nearest: string | null }>(
    ({ workflow }) => `There is no workflow "${workflow}".`,
    ({ nearest }) => meant(nearest, "See the query `workflows` for the keys that exist."),
  ),
  UNKNOWN_ACTOR: row<{ actor: string }>(
    ({ actor }) => `There is no user "${actor}" to be the actor.`,
    () => "Create the user first (upsertUser), or pass it in `identify`.",
  ),
  UNKNOWN_LIST: row<{ list: string; nearest?: string | null }>(
    ({ list }) => `There is no list "${list}".`,
    ({ nearest }) => meant(nearest, "Create it with upsertList."),
  ),
  NOT_FOUND: row<{ what: string; id: string }>(
    ({ what, id }) => `There is no ${what} "${id}".`,
    () => "Check the id.",
  ),
  RUN_NOT_FAILED: row<{ id: string; status: string }>(
    ({ id, status }) => `Run "${id}" has not failed: it is ${status}.`,
    () => "Only failed runs can be run again; notify anew to repeat one that is finished.",
  ),
  INVALID_WORKFLOW: row<{ problems: string[] }>(
    ({ problems }) =>
      `${problems.length} ${problems.length === 1 ? "problem" : "problems"} in the workflows:\n${problems.join("\n")}`,
    () => "Run `knock check` for each problem with its file and line.",
  ),
  CANNOT_BUNDLE: row<{ problems: string[] }>(
    ({ problems }) =>
      `${problems.length} ${problems.length === 1 ? "workflow" : "workflows"} cannot be bundled:\n${problems.join("\n")}`,
    () => "A bundle holds JavaScript alone: leave out native modules and files that are read when the code runs.",
  ),
  ARTIFACT_REFUSED: row<{ workflow: string; problem: string; fix?: string }>(
    ({ workflow, problem }) => `The artifact of workflow "${workflow}" is refused: ${problem}.`,
    ({ fix }) => fix ?? "Nothing was deployed. Deploy again from a clean checkout with `knock sync`.",
  ),
  BREAKING_CHANGE: row<{ changes: string[] }>(
    ({ changes }) =>
      `${changes.length} ${changes.length === 1 ? "change breaks" : "changes break"} callers or runs under way:\n${changes.join("\n")}`,
    () => "Look at `knock sync --plan`, then deploy all the same with --allow-breaking.",
  ),
  OPEN_RUNS: row<{ workflows: { workflow: string; runs: number }[] }>(
    ({ workflows }) =>
      `Workflows that are no longer part of the project have open runs: ${workflows.map(({ workflow, runs }) => `"${workflow}" (${runs})`).join(", ")}.`,
    () => "Let them finish or end them: --archive-open=finish or --archive-open=cancel.",
  ),
  UNKNOWN_VERSION: row<{ workflow: string; version: number | null }>(
    ({ workflow, version }) =>
      version === null
        ? `Workflow "${workflow}" has no earlier version.`
        : `Workflow "${workflow}" has no version ${version} that can be brought back.`,
    ({ workflow }) => `See \`knock versions ${workflow}\`: those that were deployed can.`,
  ),
  WORKS_FROM_FILES: row<Record<never, never>>(
    () => "This server takes its workflows from its own files, so nothing can be deployed to it.",
    () => 'Change the files there; `knock dev` follows them. Deploys go to `knock start` with content "deployed".',
  ),
  UNKNOWN_ENVIRONMENT: row<{ environment: string; nearest: string | null; known?: string[] }>(
    ({ environment }) => `The config names no environment "${environment}".`,
    ({ nearest, known = [] }) =>
      meant(
        nearest,
        `${known.length > 0 ? `There are ${known.join(", ")}. ` : ""}Add it to \`environments\` in knock.config.ts.`,
      ),
  ),
  INVALID_CONFIG: row<{ problem: string; fix?: string }>(
    ({ problem }) => `The configuration is not usable: ${problem}.`,
    ({ fix }) => fix ?? "Correct knock.config.ts.",
  ),
  UNAUTHENTICATED: row<{ problem?: string; userToken?: boolean; publicKey?: boolean }>(
    ({ problem }) => problem ?? "The request carries no key.",
    ({ userToken, publicKey }) =>
      userToken
        ? "Send a token that your backend has just signed, as `x-knock-user-token`; see docs/end-users.md."
        : publicKey
          ? "Send `Authorization: Bearer pk_…`, and the token as `x-knock-user-token`; create a key with `knock keys create --public`."
          : "Send `Authorization: Bearer sk_…`; create a key with `knock keys create`.",
  ),
  FORBIDDEN: row<{ needed: string; keyless?: boolean; viewer?: boolean; tenant?: boolean }>(
    ({ needed, keyless, viewer, tenant }) =>
      viewer
        ? tenant
          ? "The user token does not grant this tenant."
          : "A user token reaches only what belongs to its user."
        : needed === "viewer"
          ? `This is for people: it needs ${keyless ? "" : "a public key and "}a user token.`
          : keyless
            ? `This needs a valid key with the scope "${needed}".`
            : `The key lacks the scope "${needed}".`,
    ({ needed, keyless, viewer, tenant }) =>
      tenant
        ? "Sign a token whose grants name the tenant, or none."
        : viewer || needed === "viewer"
          ? keyless
            ? "Send one as `x-knock-user-token`; `knock tokens sign --user ada` makes one."
            : "Servers use a secret key, and name the user."
          : `Create a key that has it: knock keys create --scope ${needed}.`,
  ),
  UNSAFE_BIND: row<{ host: string }>(
    ({ host }) => `The server would be reachable at ${host} without any key.`,
    () => "Create one first (knock keys create), or bind to 127.0.0.1.",
  ),
  PORT_IN_USE: row<{ port: number; free: number | null; knock: boolean }>(
    ({ port, knock }) => `Port ${port} is in use${knock ? " by another knock" : ""}.`,
    ({ port, free, knock }) =>
      `${knock ? `Talk to it at http://localhost:${port}, or choose` : "Choose"} another port: --port ${free ?? port + 100}${free ? " is free" : ""}.`,
  ),
  DIRECTORY_UNUSABLE: row<{ directory: string; problem: string }>(
    ({ directory, problem }) => `The embedded database cannot be kept in ${directory}: ${problem}.`,
    () => "Set KNOCK_DATA_DIR to a directory that this process may write to, or DATABASE_URL to a PostgreSQL.",
  ),
  DATABASE_LOCKED: row<{ directory: string; pid: number; url: string | null }>(
    ({ directory, pid }) => `The embedded database in ${directory} is in use by process ${pid}.`,
    ({ url }) =>
      url ? `Talk to that process at ${url}, or stop it.` : "Stop that process, or set DATABASE_URL to a PostgreSQL.",
  ),
  DATABASE_UNREACHABLE: row<{ address: string; problem: string; fix?: string }>(
    ({ address, problem }) => `PostgreSQL at ${address} cannot be reached: ${problem}.`,
    ({ fix }) => fix ?? "Check that it runs and that DATABASE_URL is right.",
  ),
  MIGRATION_REQUIRED: row<{ problem: string; fix?: string }>(
    ({ problem }) => `The database does not fit this version of knock: ${problem}.`,
    ({ fix }) => fix ?? "Run `knock migrate`.",
  ),
  SERVER_UNREACHABLE: row<{ url: string; problem: string }>(
    ({ url, problem }) => `No knock server answers at ${url}: ${problem}.`,
    () => "Start one with `knock dev` or `knock start`, or correct the url.",
  ),
  INTERNAL: row<{ incident: string }>(
    ({ incident }) => `Something went wrong on our side (incident ${incident}).`,
    ({ incident }) => `Look for ${incident} in the server's log.`,
  ),
} as const;

/** The codes of all expected failures. */
export type ErrorCode = keyof typeof table;

/** What an error of the given code carries besides its text. */
export type ErrorDetails<Code extends ErrorCode> = (typeof table)[Code] extends Row<infer Details> ? Details : never;

/** An expected failure: a stable code, what happened, what to do next. */
export class KnockError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  /** What to do next. */
  readonly hint: string;
  readonly details: ErrorDetails<Code>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions) {
    const { message, hint } = table[code] as Row<ErrorDetails<Code>>;
    super(message(details), options);
    this.name = "KnockError";
    this.code = code;
    this.hint = hint(details);
    this.details = details;
  }

  /** Whether a caught value is an expected failure, of one code when given. */
  static is<Code extends ErrorCode = ErrorCode>(value: unknown, code?: Code): value is KnockError<Code> {
    return value instanceof KnockError && (code === undefined || value.code === code);
  }
}

/** The codes with sample wording, for the documentation and the tests. */
export const errorCodes = Object.keys(table) as ErrorCode[];
