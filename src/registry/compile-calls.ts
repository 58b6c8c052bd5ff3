// Steps that call: another system, the directory of users, another workflow.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import { isZone } from "../base/zone.ts";
import { fetchMethods } from "../definition/steps/fetch.ts";
import type { FetchStepDefinition, NotifyStepDefinition, UpdateUserStepDefinition } from "../definition/steps/index.ts";
import { compileRetry } from "./compile-channel.ts";
import { compileContent } from "./compile-content.ts";
import { compileWhen, report, type CompileContext } from "./compile-context.ts";
import { checkChoice } from "./compile-settings.ts";
import { compileDuration } from "./compile-window.ts";
import { outputJsonSchema, unstatable } from "./json-schema.ts";
import type { FetchStep, NotifyStep, UpdateUserStep } from "./structure.ts";

const LONGEST_CALL = 60_000;

const isSchema = (value: unknown): boolean => typeof value === "object" && value !== null && "_zod" in value;

function compileResponse(context: CompileContext, step: FetchStepDefinition): JsonObject {
  const { response } = step.settings;
  if (!isSchema(response)) {
    const message = response === undefined ? "the answer has no schema" : "`response` is no zod schema";
    report(context, step, message, "give it response: z.object({ … })");
    return {};
  }
  context.schemas.set(step.ref, response);
  const found = unstatable(response);
  if (!found) return outputJsonSchema(response);
  const where = ["response", ...found.path].join(".");
  const fix = "use z.iso.datetime() for dates, strings for big numbers, no transforms";
  report(context, step, `${where} cannot be stored as JSON: ${found.problem}`, fix);
  return {};
}

/** The author's sample of an answer, as later steps would read it; `undefined` without one. */
export function exampleAnswer(context: CompileContext, step: FetchStepDefinition): Json | undefined {
  const { example, response } = step.settings;
  if (example === undefined || !isSchema(response)) return undefined;
  const parsed = response.safeParse(example);
  for (const { path, message } of parsed.error?.issues ?? [])
    report(
      context,
      step,
      `example does not fit the response: ${["data", ...path].join(".")}: ${message}`,
      "correct it",
    );
  return parsed.success ? (parsed.data as Json) : undefined;
}

function checkUrl(context: CompileContext, step: FetchStepDefinition): void {
  const { url } = step.settings as { url?: unknown };
  if (typeof url !== "string" || url.includes("{{")) return;
  const parsed = URL.parse(url);
  if (parsed && (parsed.protocol === "https:" || parsed.protocol === "http:")) return;
  report(context, step, `url: "${url}" is not a URL`, "begin it with https://");
}

/** An HTTP call as structure. */
export function compileFetch(context: CompileContext, step: FetchStepDefinition): FetchStep {
  const { settings } = step;
  const hasBody = settings.body !== undefined;
  const method = settings.method ?? (hasBody ? "POST" : "GET");
  checkChoice(context, step, { method }, fetchMethods);
  if (method === "GET" && hasBody) report(context, step, "a GET has no body", "leave out method, or body");
  checkUrl(context, step);
  return {
    kind: "fetch",
    ref: step.ref,
    when: compileWhen(context, step, settings.when),
    method,
    timeout: compileDuration(context, step, settings.timeout ?? "15s", { name: "timeout", longest: LONGEST_CALL }),
    retry: compileRetry(context, step, settings.retry),
    slots: compileContent(context, step),
    response: compileResponse(context, step),
  };
}

/** A change of the recipient as structure. */
export function compileUpdateUser(context: CompileContext, step: UpdateUserStepDefinition): UpdateUserStep {
  const { when, retry } = step.settings;
  const slots = compileContent(context, step);
  if (Object.keys(slots).length === 0) report(context, step, "the step changes nothing", "add properties: { … }");
  const { timezone } = step.settings as { timezone?: unknown };
  const fixedZone = typeof timezone === "string" && !timezone.includes("{{");
  if (fixedZone && !isZone(timezone))
    report(context, step, `timezone "${timezone}" is no IANA time zone`, "write a name such as Europe/Zurich");
  return {
    kind: "updateUser",
    ref: step.ref,
    when: compileWhen(context, step, when),
    retry: compileRetry(context, step, retry),
    slots,
  };
}

/** A call of another workflow as structure; whether there is such a workflow shows when all are compiled. */
export function compileNotify(context: CompileContext, step: NotifyStepDefinition): NotifyStep {
  const workflow: unknown = (step.workflow as Partial<NotifyStepDefinition["workflow"]> | undefined)?.definition?.key;
  if (typeof workflow === "string") context.notified.push({ place: step, key: workflow });
  else report(context, step, "what is to be notified is not a workflow", "give it what workflow(…) returned");
  return {
    kind: "notify",
    ref: step.ref,
    when: compileWhen(context, step, step.settings.when),
    workflow: String(workflow),
    retry: compileRetry(context, step, step.settings.retry),
    slots: compileContent(context, step),
  };
}
