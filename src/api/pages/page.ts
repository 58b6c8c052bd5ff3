// A page for people, and what browsers may do with it.
import { createHash } from "node:crypto";
import type { Branding } from "./branding.ts";
import { type Html, html } from "./html.ts";
import { styleOf } from "./style.ts";

/** What a page shows. */
export interface Page {
  title: string;
  body: Html;
  branding: Branding;
  /** Default: 200. */
  status?: number;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** No script, nothing from elsewhere but the logo, no frame around it, nowhere kept, and its address told to nobody. */
function headersOf(style: string, { logoUrl }: Branding): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `img-src ${logoUrl === null ? "'none'" : new URL(logoUrl).origin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy.join("; "),
    // With `no-referrer` browsers would hide where a form comes from even from its own server.
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
  };
}

const brandOf = ({ name, logoUrl }: Branding): Html | null =>
  logoUrl === null
    ? name === null
      ? null
      : html`<p class="brand">${name}</p>`
    : html`<p class="brand"><img src="${logoUrl}" alt="${name ?? ""}" height="40" /></p>`;

/** A whole page as an answer. */
export function pageOf({ title, body, branding, status = 200 }: Page): Response {
  const style = styleOf(branding);
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}${branding.name && ` · ${branding.name}`}</title>
        ${{ markup: `<style>${style}</style>` }}
      </head>
      <body>
        <main>${brandOf(branding)} ${body}</main>
      </body>
    </html> `;
  return new Response(markup, { status, headers: headersOf(style, branding) });
}
