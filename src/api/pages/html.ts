// Markup by template: what is put in is text, unless it was made here too.

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as markup, for elements and quoted attributes. */
export const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character]!);

/** Markup. */
export interface Html {
  readonly markup: string;
}

type Piece = Html | string | number | false | null | readonly Piece[];

const markupOf = (piece: Piece): string => {
  if (piece === null || piece === false) return "";
  if (typeof piece === "string" || typeof piece === "number") return escape(String(piece));
  return "markup" in piece ? piece.markup : piece.map(markupOf).join("");
};

/**
 * Markup with texts in it, each escaped; `null` and `false` leave nothing, lists are put together.
 *
 * @example html`<h1>${workflow.name}</h1>${notice && html`<p>${notice}</p>`}`
 */
export const html = (parts: TemplateStringsArray, ...pieces: Piece[]): Html => ({
  markup: parts.map((part, index) => part + (index < pieces.length ? markupOf(pieces[index]!) : "")).join(""),
});
