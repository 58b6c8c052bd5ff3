// Notify calls over REST: recipients and tenants come with what is to be known of them, and a header makes a call that is
// sent twice happen once.
import { z } from "zod";
import { hashJson, type JsonObject } from "../../base/canonical-json.ts";
import { KnockError } from "../../base/errors.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import { inOneTransaction } from "../../engine/directory/directory.ts";
import { setManyPreferences } from "../../engine/directory/many-preferences.ts";
import { upsertTenant } from "../../engine/directory/tenants.ts";
import type { NotifyCall, NotifyOutcome } from "../../engine/notify-call.ts";
import type { Executor } from "../../store/executor.ts";
import type { TenantInput } from "../../store/tenants.ts";
import { invalidParam, succeeded } from "./errors.ts";
import { givenRecipient, recipientRequest, type GivenPreferences } from "./recipient-input.ts";
import { type RestContext, RestError } from "./route.ts";
import { meaning, shape } from "./shapes/shape.ts";

/** A tenant in a call: its id, or what is to be known of it as well. */
export const tenantRequest = shape("InlineTenantRequest", z.union([z.string(), z.looseObject({ id: z.string() })]));

/** What calls have in common. */
export const callFields = {
  recipients: meaning(
    "People and objects, by id or with what is to be stored of them. At least one is needed, unless lists are named.",
    z.array(recipientRequest).nullish(),
  ),
  actor: meaning("Who did it. An id alone has to be known.", recipientRequest.nullish()),
  tenant: meaning("The tenant that it belongs to, by id or with its properties.", tenantRequest.nullish()),
  data: meaning("What the workflow's schema asks for.", z.record(z.string(), z.unknown()).nullish()),
  cancellation_key: meaning("Names the runs, to end them with it later.", z.string().nullish()),
  settings: meaning(
    "Neither is possible here: `true` is refused.",
    z.strictObject({ skip_delay: z.boolean().nullish(), sandbox_mode: z.boolean().nullish() }).nullish(),
  ),
};

const callBody = z.object(callFields);

/** A call as clients write it. */
export type CallBody = z.output<typeof callBody>;

/** A call with what is to be stored before it. */
export interface GivenCall {
  call: NotifyCall;
  preferences: GivenPreferences[];
  tenant: TenantInput | null;
}

const KEY_LENGTH = 255;

function tenantFrom(given: CallBody["tenant"]): Pick<GivenCall, "tenant"> & { id: string | null } {
  if (given == null || typeof given === "string") return { id: given ?? null, tenant: null };
  const {
    id,
    name,
    settings,
    __typename: _typename,
    ...properties
  } = given as Record<string, unknown> & { id: string };
  if (settings != null) {
    throw invalidParam(
      ["tenant", "settings"],
      "Settings of a tenant are changed by PUT /v1/tenants/:id.",
      "unsupported",
    );
  }
  if (name != null && typeof name !== "string")
    throw invalidParam(["tenant", "name"], "A name is text.", "invalid_type");
  return { id, tenant: { id, ...(name !== undefined && { name }), properties: properties as JsonObject } };
}

/** A call of a client as the engine takes it. Refuses with 422 what it cannot do. */
export function callFrom(context: Pick<RestContext, "engine">, workflow: string, body: CallBody): GivenCall {
  for (const setting of ["skip_delay", "sandbox_mode"] as const) {
    if (!body.settings?.[setting]) continue;
    throw invalidParam(
      ["settings", setting],
      "This server has no such setting: use knock simulate, or a sandboxed channel.",
      "unsupported",
    );
  }
  const recipients = (body.recipients ?? []).map((one, index) => givenRecipient(context, one, ["recipients", index]));
  const actor = body.actor == null ? null : givenRecipient(context, body.actor, ["actor"]);
  const { id: tenantId, tenant } = tenantFrom(body.tenant);
  return {
    call: {
      workflow,
      recipients: recipients.map(({ recipient }) => recipient),
      actor: actor?.recipient ?? null,
      tenant: tenantId,
      data: body.data ?? {},
      cancellationKey: body.cancellation_key ?? null,
    },
    preferences: [...recipients, ...(actor ? [actor] : [])].flatMap(({ preferences }) => preferences),
    tenant,
  };
}

/** Undoes what a call brought with it. */
class NotAccepted extends Error {
  readonly outcome: NotifyOutcome;

  constructor(outcome: NotifyOutcome) {
    super("the call was refused");
    this.outcome = outcome;
  }
}

/** Stores a call and what comes with it: all of it or nothing. */
async function store({ engine }: RestContext, { call, preferences, tenant }: GivenCall): Promise<NotifyOutcome> {
  // Alone it shares a transaction with other calls of the moment.
  if (preferences.length === 0 && !tenant) return engine.notify(call);
  const work = async (tx: Executor): Promise<NotifyOutcome> => {
    const outcome = await engine.notify(call, { tx });
    if (!outcome.ok) throw new NotAccepted(outcome);
    if (tenant) succeeded(await upsertTenant(engine.context, tenant, { tx }));
    succeeded(await setManyPreferences(engine.context, preferences, { tx }));
    return outcome;
  };
  return inOneTransaction(engine.context, {}, work).catch((error: unknown) => {
    if (error instanceof NotAccepted) return error.outcome;
    throw error;
  });
}

/** The key in the header; `null` without one. Refuses with 422 one that is too long. */
function headerKey(headers: Headers): string | null {
  const key = headers.get("idempotency-key");
  if (key === null || key === "") return null;
  if (key.length > KEY_LENGTH)
    throw invalidParam(["idempotency-key"], `A key has at most ${KEY_LENGTH} characters.`, "too_big");
  return key;
}

/** What a call answered, now or the first time. */
export interface CallAnswer {
  notificationId: string;
  headers: Record<string, string>;
}

/** A call with the request that it came in, which the header's key is compared by. */
export interface CallRequest {
  headers: Headers;
  /** All that the request asks for, with its path. */
  asked: unknown;
}

/**
 * Makes a call. With a key in the header a repetition answers as the first call did and nothing happens; the same key
 * with anything else is refused with 422.
 */
export async function makeCall(
  context: RestContext,
  given: GivenCall,
  { headers, asked }: CallRequest,
): Promise<CallAnswer> {
  const key = given.call.idempotencyKey == null ? headerKey(headers) : null;
  // What cannot be stored is refused below; it may be nested too deeply to be hashed.
  const hash = key === null || jsonProblem(given) ? "" : hashJson(asked);
  const request = { id: context.requestId, hash };
  const call = key === null ? given.call : { ...given.call, idempotencyKey: key, request };
  const outcome = await store(context, { ...given, call });
  if (outcome.ok) return { notificationId: outcome.notification.id, headers: {} };
  const { error } = outcome;
  if (key === null || !KnockError.is(error, "DUPLICATE_NOTIFICATION")) throw error;
  const { sameInput, notificationId, requestId } = error.details;
  if (!sameInput) {
    const message = "An earlier call with this idempotency key asked for something else.";
    const errors = [{ field: "idempotency-key", type: "mismatch", message }];
    throw new RestError(422, { code: "idempotency_key_mismatch", message, errors });
  }
  return {
    notificationId,
    headers: { "idempotent-replayed": "true", ...(requestId !== undefined && { "original-x-request-id": requestId }) },
  };
}
