// Content to message: what the slots of a step say for one recipient. Pure but for what the author's
// own functions do.
import { messageOf } from "../base/message-of.ts";
import { Liquid, type Template } from "liquidjs";
import type { JsonObject } from "../base/canonical-json.ts";
import { jsonProblem } from "../base/stored-json.ts";
import type { MessageByType } from "../channels/messages.ts";
import type { ReactElementLike } from "../definition/content.ts";
import type { ChannelKind } from "../definition/steps/channel.ts";
import type { ContentSource } from "./content-table.ts";
import { htmlOfText, textOfHtml } from "./email-parts.ts";
import { isReactElement, renderReact } from "./react.ts";

/** The sources of one step's slots. */
export type SlotSources = Readonly<Record<string, ContentSource>>;

/** Content that did not give what its slot needs. */
export class ContentFailed extends Error {
  constructor(slot: string, problem: string, options?: ErrorOptions) {
    super(`${slot}: ${problem}`, options);
    this.name = "ContentFailed";
  }
}

/** A Liquid engine that parses each template once. */
function templateEngine(options: ConstructorParameters<typeof Liquid>[0]) {
  const liquid = new Liquid({ ownPropertyOnly: true, ...options });
  const templates = new Map<string, Template[]>();
  return (template: string, scope: object): unknown => {
    const parsed = templates.get(template) ?? liquid.parse(template);
    templates.set(template, parsed);
    return liquid.renderSync(parsed, scope);
  };
}

const plain = templateEngine({});

// A name with a tag in it must not become markup; `| raw` says that a value is markup.
const escaping = templateEngine({ outputEscape: "escape" });

/** What a slot says for one scope; `null` when it has no source. */
export function fill(slot: string, source: ContentSource | undefined, scope: object): unknown {
  if (!source) return null;
  if (source.kind === "value") return source.value;
  try {
    return source.kind === "code"
      ? (source.render as (scope: object) => unknown)(scope)
      : (slot === "html" ? escaping : plain)(source.template, scope);
  } catch (thrown) {
    throw new ContentFailed(slot, messageOf(thrown), { cause: thrown });
  }
}

/** The kind of a value, for a problem. */
export const kindOf = (value: unknown) =>
  value instanceof Promise
    ? "a promise (content must be ready when its function returns)"
    : value === null
      ? "null"
      : typeof value;

/** Refuses what could not be stored, which would take the whole chunk with them; texts are repaired when stored. */
export function storable<Value>(slot: string, value: Value): Value {
  const problem = jsonProblem(value);
  if (problem && problem.code !== "invalid_text")
    throw new ContentFailed([slot, ...problem.path].join("."), problem.message);
  return value;
}

/** Reads the slots of one step, each with the type that its message needs. */
function reader(sources: SlotSources, scope: object) {
  const optional = (slot: string): string | null => {
    const value = fill(slot, sources[slot], scope);
    if (value === null || value === undefined) return null;
    if (typeof value === "string") return value;
    throw new ContentFailed(slot, `expected text, got ${kindOf(value)}`);
  };
  const required = (slot: string): string => {
    const text = optional(slot);
    if (text === null) throw new ContentFailed(slot, "expected text, got nothing");
    return text;
  };
  const object = (slot: string): JsonObject | null => {
    const value = fill(slot, sources[slot], scope);
    if (value === null || value === undefined) return null;
    if (typeof value === "object" && !Array.isArray(value) && !(value instanceof Promise))
      return storable(slot, value as JsonObject);
    throw new ContentFailed(slot, `expected an object, got ${kindOf(value)}`);
  };
  const markup = (slot: string, element: ReactElementLike): string => {
    const source = sources[slot];
    try {
      return renderReact(element, source?.kind === "code" ? source.toMarkup : undefined);
    } catch (thrown) {
      throw new ContentFailed(slot, messageOf(thrown), { cause: thrown });
    }
  };
  return { optional, required, object, markup, any: (slot: string) => fill(slot, sources[slot], scope) };
}

type Read = ReturnType<typeof reader>;

function emailOf(read: Read): MessageByType["email"] {
  const body = read.any("body");
  const element = isReactElement(body) ? read.markup("body", body) : null;
  if (element === null && body !== null && body !== undefined && typeof body !== "string") {
    throw new ContentFailed("body", `expected text or a React element, got ${kindOf(body)}`);
  }
  const given = read.optional("html") ?? element;
  const plain = typeof body === "string" ? body : null;
  const text = read.optional("text") ?? plain ?? textOfHtml(given ?? "");
  // A line break in a subject would begin another header.
  const subject = read.required("subject").replaceAll(/\s*[\r\n]+\s*/g, " ");
  return {
    subject,
    html: given ?? htmlOfText(text),
    text,
    preheader: read.optional("preheader"),
    from: read.optional("from"),
    replyTo: read.optional("replyTo"),
    cc: [],
    bcc: [],
    headers: {},
  };
}

function defaultBody(scope: object): MessageByType["webhook"]["body"] {
  const { workflow, recipient, data } = scope as {
    workflow: { key: string };
    recipient: { id: string };
    data: JsonObject;
  };
  return { workflow: workflow.key, recipient: recipient.id, data };
}

const renderers: { [K in ChannelKind]: (read: Read, scope: object) => MessageByType[K] } = {
  inApp: (read) => ({
    title: read.optional("title"),
    body: read.required("body"),
    actionUrl: read.optional("actionUrl"),
    data: read.object("data"),
  }),
  email: emailOf,
  sms: (read) => ({ body: read.required("body") }),
  push: (read) => ({
    title: read.optional("title"),
    body: read.required("body"),
    actionUrl: read.optional("actionUrl"),
    data: read.object("data"),
  }),
  chat: (read) => ({ body: read.required("body") }),
  webhook: (read, scope) => ({
    url: read.optional("url"),
    method: (read.optional("method") ?? "POST") as MessageByType["webhook"]["method"],
    headers: (read.object("headers") ?? {}) as Record<string, string>,
    body: storable("body", read.any("body") ?? defaultBody(scope)) as MessageByType["webhook"]["body"],
  }),
};

/** The message of a step for one scope. Throws `ContentFailed` naming the slot. */
export const renderMessage = <K extends ChannelKind>(kind: K, sources: SlotSources, scope: object): MessageByType[K] =>
  renderers[kind](reader(sources, scope), scope);
