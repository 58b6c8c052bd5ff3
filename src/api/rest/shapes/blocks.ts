// In-app messages as the blocks of which clients make their items.
import { z } from "zod";
import type { InAppMessage } from "../../../channels/messages.ts";
import { shape } from "./shape.ts";

const contentBlock = z.strictObject({
  name: z.string(),
  type: z.enum(["text", "markdown"]),
  content: z.string(),
  /** HTML, but for links, which clients follow as they are. */
  rendered: z.string(),
});

/** A part of an item. */
export const blockShape = shape("ContentBlock", contentBlock);

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character]!);

/** Paragraphs of text as HTML. Clients insert it as it is, and what people are told is text: nothing in it is markup. */
const paragraphs = (text: string): string =>
  text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll("\n", "<br>")}</p>`)
    .join("");

const RUNS_CODE = new Set(["javascript:", "data:", "vbscript:", "blob:", "filesystem:", "file:"]);

/** Whether a link may be followed: one that runs code would run it in the page that shows the item. */
function isSafeLink(link: string): boolean {
  try {
    return !RUNS_CODE.has(new URL(link, "https://localhost").protocol);
  } catch {
    return false;
  }
}

const block = (name: string, content: string, rendered: string): z.output<typeof blockShape> => ({
  name,
  type: "text",
  content,
  rendered,
});

/**
 * The blocks of a message: `body`, `title` and `action_url`, where it has them. The published item shows the body and
 * nothing else, so its HTML begins with the title.
 */
export function blocksOf({ title, body, actionUrl }: InAppMessage): z.output<typeof blockShape>[] {
  const heading = title ? `<p><strong>${escapeHtml(title)}</strong></p>` : "";
  return [
    block("body", body, `${heading}${paragraphs(body)}`),
    ...(title ? [block("title", title, heading)] : []),
    ...(actionUrl && isSafeLink(actionUrl) ? [block("action_url", actionUrl, actionUrl)] : []),
  ];
}
