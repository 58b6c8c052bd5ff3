const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const HIDING = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all";

/**
 * HTML that begins with the preheader, for mail services that have no field for it: hidden in the
 * mail itself, shown beside the subject in the list of mails.
 */
export function withPreheader(html: string, preheader: string | null): string {
  if (!preheader || !html) return html;
  const text = preheader.replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
  const hidden = `<div style="${HIDING}">${text}</div>`;
  const body = /<body\b[^>]*>/i.exec(html);
  const start = body ? body.index + body[0].length : 0;
  return html.slice(0, start) + hidden + html.slice(start);
}
