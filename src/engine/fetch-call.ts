// One HTTP call of a fetch step: what is sent, and what its answer means for the run.
import type { z } from "zod";
import type { Json } from "../base/canonical-json.ts";
import type { Clock } from "../base/clock.ts";
import { withinTime } from "../base/deadline.ts";
import { messageOf } from "../base/message-of.ts";
import { jsonProblem } from "../base/stored-json.ts";
import { connectionHeaders, isPrivateAddressError, isUnfinished, type HttpClient } from "../channels/network.ts";
import { told } from "../channels/send.ts";
import type { FetchStep } from "../registry/structure.ts";
import type { Reply } from "../store/schema/runs.ts";

/** Bytes of an answer. Each run keeps a copy. */
export const LONGEST_ANSWER = 256 * 1024;

/** A call that is to be made. */
export interface FetchCall {
  method: FetchStep["method"];
  /** Milliseconds for the whole answer. */
  timeout: number;
  url: unknown;
  headers: unknown;
  body: unknown;
  idempotencyKey: string;
  /** What the answer must look like; `null` when the deployed workflow no longer says. */
  response: z.ZodType | null;
}

/** What calls are made with. */
export interface Caller {
  client: HttpClient;
  clock: Clock;
}

const LONGEST_PROBLEM = 500;

const fails =
  (final: boolean) =>
  (problem: string): Reply => ({
    ok: false,
    problem: problem.replaceAll(/\p{Cc}+/gu, " ").slice(0, LONGEST_PROBLEM),
    final,
  });

/** Another try may do better. */
const again = fails(false);

/** No other try can do better. */
const never = fails(true);

function urlOf(value: unknown): URL | null {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url && (url.protocol === "http:" || url.protocol === "https:") ? url : null;
}

/** The request's headers; `null` when one has no valid form. */
function headersOf({ headers: own, idempotencyKey }: FetchCall, body: string | null): Headers | null {
  try {
    const headers = new Headers({
      accept: "application/json",
      "user-agent": "knock",
      "idempotency-key": idempotencyKey,
      ...(body !== null && { "content-type": "application/json; charset=utf-8" }),
    });
    for (const [name, value] of Object.entries((own ?? {}) as Record<string, unknown>)) {
      if (typeof value !== "string") return null;
      headers.set(name, value);
    }
    for (const name of connectionHeaders) headers.delete(name);
    if (body !== null) headers.set("content-length", String(Buffer.byteLength(body)));
    return headers;
  } catch {
    return null;
  }
}

const isTemporary = (status: number) => status >= 500 || status === 408 || status === 429;

function issuesOf({ issues }: z.ZodError): string {
  const shown = issues
    .slice(0, 5)
    .map(({ path, message }) => [path.map(String).join("."), message].filter(Boolean).join(": "));
  return [...shown, ...(issues.length > shown.length ? [`and ${issues.length - shown.length} more`] : [])].join("; ");
}

/** What a schema made of an answer, as JSON will have it. Throws what the values' own code throws. */
const asJson = (data: unknown): Json => JSON.parse(JSON.stringify(data) ?? "null") as Json;

async function parsed({ response: schema }: FetchCall, status: number, text: string): Promise<Reply> {
  let data: unknown;
  try {
    data = text.trim() === "" ? null : JSON.parse(text);
  } catch {
    return never(`the answer (${status}) is not JSON`);
  }
  const result = schema ? await schema.safeParseAsync(data) : { success: true as const, data };
  if (!result.success) return never(`the answer does not fit the response schema: ${issuesOf(result.error)}`);
  const problem = jsonProblem(result.data ?? null);
  if (problem && problem.code !== "invalid_text") return never(`the answer cannot be stored: ${problem.message}`);
  try {
    // Here, and not when it is stored: that would fail again and again, with a call each time.
    return { ok: true, value: { status, data: asJson(result.data ?? null) } };
  } catch (error) {
    return never(`the answer cannot be stored: ${messageOf(error)}`);
  }
}

async function replyOf(call: FetchCall, response: Response): Promise<Reply> {
  const { status } = response;
  if (isTemporary(status)) return again(`the answer was ${status}`);
  if (status >= 300 && status < 400) return never(`the answer was a redirect (${status}), and none is followed`);
  if (!response.ok) return never(`the answer was ${status}`);
  const body = Buffer.from(await response.arrayBuffer());
  if (isUnfinished(response) && body.length < LONGEST_ANSWER) return again("the connection was cut within the answer");
  if (body.length >= LONGEST_ANSWER) return never(`the answer is longer than ${LONGEST_ANSWER / 1024} kB`);
  return parsed(call, status, body.toString("utf8"));
}

async function exchange(call: FetchCall, client: HttpClient, signal: AbortSignal): Promise<Reply> {
  const url = urlOf(call.url);
  if (!url) return never("url is not an http or https URL");
  const body =
    call.body === undefined || call.body === null || call.method === "GET" ? null : JSON.stringify(call.body);
  const headers = headersOf(call, body);
  if (!headers) return never("a header has a name or a value that HTTP does not allow");
  try {
    const response = await client.request(url, { method: call.method, headers, body: body ?? "", signal });
    return await replyOf(call, response);
  } catch (error) {
    if (!isPrivateAddressError(error)) return again(told(error));
    return never(`${(error as Error).message}; set fetch.allowPrivateAddresses in the config to allow it`);
  }
}

/** Makes a call once, within its timeout. What went wrong is part of the reply; only the code of a body may throw. */
export const makeCall = (call: FetchCall, { client, clock }: Caller): Promise<Reply> =>
  withinTime({ clock, milliseconds: call.timeout, late: again }, (signal) => exchange(call, client, signal));
