// The two parts of an e-mail, each made from the other when the author gave one.
import { convert } from "html-to-text";

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/g;

/** The text part of an HTML part. */
export const textOfHtml = (html: string): string =>
  convert(html, { wordwrap: 78, selectors: [{ selector: "img", format: "skip" }] });

function paragraph(text: string): string {
  const linked = escapeHtml(text).replaceAll(LINK, (url) => `<a href="${url}">${url}</a>`);
  return `<p style="margin:0 0 16px">${linked.replaceAll("\n", "<br>")}</p>`;
}

/** A plain HTML part for a text: paragraphs, line breaks and links, readable in every mail program. */
export function htmlOfText(text: string): string {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map(paragraph)
    .join("\n");
  return `<div style="font:16px/1.5 -apple-system,'Segoe UI',sans-serif;max-width:600px">\n${paragraphs}\n</div>`;
}
