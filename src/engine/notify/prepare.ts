// A call becomes something that can be stored, or is refused with every reason. Touches no database.
import { hashJson, type JsonObject } from "../../base/canonical-json.ts";
import { KnockError, type Issue } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { messageOf } from "../../base/message-of.ts";
import { nearest } from "../../base/nearest.ts";
import { objectIdProblem, objectRecipientId } from "../../base/object-id.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import { isStorable, listNameProblem, tenantIdProblem, userIdProblem } from "../../base/text.ts";
import type { CompiledWorkflow } from "../../registry/registry.ts";
import type { NotificationSource, Warning } from "../../store/schema/notifications.ts";
import { recipientInputOf } from "../../store/objects.ts";
import { inlineIssues } from "../directory/user-input.ts";
import type { EngineContext } from "../engine.ts";
import type { NotifyCall, ObjectInput, Refused, UserInput } from "../notify-call.ts";
import { currentTraceParent } from "../tracing.ts";

const KEY_LENGTH = 255;
const DATA_LENGTH = 10 * 1024 * 1024;

/** A call that can be stored, as far as can be known without the database. */
export interface Prepared {
  ok: true;
  id: string;
  workflow: string;
  /** Hash of the structure whose schema parsed the data. */
  structure: string;
  data: JsonObject;
  recipients: string[];
  lists: string[];
  actorId: string | null;
  tenantId: string | null;
  /** The subscribers of objects among the recipients are reached, too. */
  subscribers: boolean;
  /** Users to create or merge first, in the order in which the call named them. */
  users: UserInput[];
  idempotencyKey: string | null;
  cancellationKey: string | null;
  /** Hash of the call's input; empty without an idempotency key. */
  inputHash: string;
  /** Id of the request that the call came with; `null` without one. */
  requestId: string | null;
  warnings: Warning[];
  source: NotificationSource | null;
  /** Trace context of the call; `null` without a tracer. */
  traceParent: string | null;
}

/** Where a call comes from that no caller made. */
export interface Origin {
  /** The notification's id: the same origin makes the same notification. */
  id: string;
  source: NotificationSource;
}

const refused = (error: KnockError): Refused => ({ ok: false, error });

const issue = (path: Issue["path"], message: string, code = "invalid_value"): Issue => ({ path, message, code });

type Inline = UserInput | ObjectInput;

const idOf = (recipient: string | Inline) => {
  if (typeof recipient === "string") return recipient;
  return "collection" in recipient ? objectRecipientId(recipient) : recipient.id;
};

const inlineOf = (recipients: readonly (string | Inline | null)[]): UserInput[] =>
  recipients.flatMap((given) => {
    if (typeof given === "string" || given === null) return [];
    return "collection" in given ? recipientInputOf(given) : given;
  });

function personIssues(person: unknown, path: Issue["path"]): Issue[] {
  if (typeof person === "string") {
    const problem = userIdProblem(person) ?? objectIdProblem(person);
    return problem ? [issue(path, `A user id ${problem}.`, "invalid_id")] : [];
  }
  return inlineIssues(person, path);
}

function keyIssue(name: string, key: unknown): Issue[] {
  if (key === null || key === undefined) return [];
  if (typeof key !== "string") return [issue([name], `${name} must be text.`, "invalid_type")];
  if (key.length === 0 || key.length > KEY_LENGTH) {
    const code = key.length === 0 ? "too_small" : "too_big";
    return [issue([name], `${name} must have 1 to ${KEY_LENGTH} characters.`, code)];
  }
  return isStorable(key) ? [] : [issue([name], `${name} holds a character that cannot be stored.`, "invalid_text")];
}

function listsOf(value: unknown, name: string): { entries: readonly unknown[]; issues: Issue[] } {
  if (value === undefined || value === null) return { entries: [], issues: [] };
  if (Array.isArray(value)) return { entries: value, issues: [] };
  return { entries: [], issues: [issue([name], `${name} must be an array.`, "invalid_type")] };
}

function listIssue(name: unknown, index: number): Issue[] {
  const problem = typeof name === "string" ? listNameProblem(name) : "must be text";
  return problem ? [issue(["lists", index], `A list name ${problem}.`, "invalid_id")] : [];
}

function tenantIssue(tenant: unknown): Issue[] {
  if (tenant === null || tenant === undefined) return [];
  const problem = typeof tenant === "string" ? tenantIdProblem(tenant) : "must be text";
  return problem ? [issue(["tenant"], `A tenant id ${problem}.`, "invalid_id")] : [];
}

/** Everything wrong with the call but for its data. */
function callIssues(call: NotifyCall): Issue[] {
  const recipients = listsOf(call.recipients, "recipients");
  const lists = listsOf(call.lists, "lists");
  const identify = listsOf(call.identify, "identify");
  return [
    ...[recipients, lists, identify].flatMap(({ issues }) => issues),
    ...recipients.entries.flatMap((person, index) => personIssues(person, ["recipients", index])),
    ...lists.entries.flatMap(listIssue),
    ...identify.entries.flatMap((user, index) => inlineIssues(user, ["identify", index])),
    ...(call.actor === null || call.actor === undefined ? [] : personIssues(call.actor, ["actor"])),
    ...tenantIssue(call.tenant),
    ...keyIssue("idempotencyKey", call.idempotencyKey),
    ...keyIssue("cancellationKey", call.cancellationKey),
  ];
}

type ParsedData = { ok: true; data: JsonObject; warnings: Warning[] } | Refused;

async function parseData(
  workflow: CompiledWorkflow,
  given: unknown,
  onInvalidData: "reject" | "warn",
): Promise<ParsedData> {
  const raw = given ?? {};
  const refusedFor = (issues: Issue[]) => refused(new KnockError("INVALID_DATA", { workflow: workflow.key, issues }));
  const problem = jsonProblem(raw);
  if (problem) return refusedFor([{ ...problem, path: ["data", ...problem.path] }]);
  const parsed = await workflow.schema.safeParseAsync(raw).catch(messageOf);
  // Code of the schema itself threw, as it was not made for such data.
  if (typeof parsed === "string")
    return refusedFor([issue(["data"], `The schema fails on this data: ${parsed}`, "custom")]);
  const issues = (parsed.error?.issues ?? []).map(({ path, message, code }) =>
    issue(["data", ...path.map((part) => (typeof part === "symbol" ? String(part) : part))], message, code ?? "custom"),
  );
  const usable = typeof raw === "object" && !Array.isArray(raw);
  if (!parsed.success && (onInvalidData === "reject" || !usable)) return refusedFor(issues);
  const data = (parsed.success ? parsed.data : raw) as JsonObject;
  if (JSON.stringify(data).length > DATA_LENGTH)
    return refusedFor([issue(["data"], "The data is larger than 10 MB.", "too_big")]);
  return { ok: true, data, warnings: issues.map(({ path, message }) => ({ code: "INVALID_DATA", message, path })) };
}

/** Hash of what a call says, to tell a repetition from a reused key; empty when it cannot have been stored. */
export const inputHash = (call: NotifyCall): string =>
  jsonProblem(call) ? "" : hashJson({ ...call, idempotencyKey: null, request: call.request?.hash });

/** Checks a call against the registry: who, what, which keys. Calls without an origin get a new id. */
export async function prepare(
  call: NotifyCall,
  context: Pick<EngineContext, "registry" | "onInvalidData" | "clock">,
  origin: Origin | null = null,
): Promise<Prepared | Refused> {
  const registry = context.registry();
  const workflow = registry.get(call.workflow);
  if (!workflow) {
    const name = String(call.workflow).slice(0, 255);
    return refused(new KnockError("UNKNOWN_WORKFLOW", { workflow: name, nearest: nearest(name, registry.keys()) }));
  }
  const issues = callIssues(call);
  if (issues.length > 0) return refused(new KnockError("INVALID_INPUT", { issues, subject: "The call" }));
  const recipients = call.recipients ?? [];
  const lists = [...new Set(call.lists)];
  if (recipients.length === 0 && lists.length === 0) return refused(new KnockError("RECIPIENTS_REQUIRED", {}));
  const parsed = await parseData(workflow, call.data, workflow.structure.onInvalidData ?? context.onInvalidData);
  if (!parsed.ok) return parsed;
  const actor = call.actor ?? null;
  const { idempotencyKey = null, cancellationKey = null, tenant = null, identify = [] } = call;
  return {
    ok: true,
    id: origin?.id ?? newId(context.clock.now()),
    workflow: workflow.key,
    structure: workflow.hash,
    data: parsed.data,
    recipients: [...new Set(recipients.map(idOf))],
    lists,
    actorId: actor === null ? null : idOf(actor),
    tenantId: tenant,
    subscribers: call.subscribers ?? true,
    users: inlineOf([...identify, ...recipients, actor]),
    idempotencyKey,
    cancellationKey,
    inputHash: idempotencyKey === null ? "" : inputHash(call),
    requestId: call.request?.id ?? null,
    warnings: parsed.warnings,
    source: origin?.source ?? null,
    traceParent: currentTraceParent(),
  };
}
