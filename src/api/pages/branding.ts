// How pages of a tenant look: what of its settings can be shown.
import type { JsonObject } from "../../base/canonical-json.ts";

/** The looks of a page. */
export interface Branding {
  /** Who sends the notifications; `null` when nobody in particular. */
  name: string | null;
  /** Address of an image, over TLS. */
  logoUrl: string | null;
  /** Colours of what can be pressed, on light and on dark ground, each with the colour of what stands on it. */
  light: Accent;
  dark: Accent;
}

/** A colour and one that can be read on it. */
export interface Accent {
  color: string;
  text: string;
}

const LIGHT = "#3b5bdb";
const DARK = "#91a7ff";

/** A colour is taken as `#rgb` or `#rrggbb` alone: it becomes a part of the style. */
function colorOf(value: unknown): string | null {
  if (typeof value !== "string" || !/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(value.trim())) return null;
  const digits = value.trim().slice(1).toLowerCase();
  return `#${digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits}`;
}

const channelsOf = (color: string): number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** Relative luminance, 0 to 1, as WCAG defines it. */
function luminanceOf(color: string): number {
  const [red, green, blue] = channelsOf(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Where black and white are read equally well. */
const MIDDLE = 0.179;

const accentOf = (color: string): Accent => ({ color, text: luminanceOf(color) > MIDDLE ? "#000000" : "#ffffff" });

/** Moves a colour towards another one until it can be seen on its ground. */
function visible(color: string, { towards, fits }: { towards: number; fits: (luminance: number) => boolean }): string {
  let seen = color;
  while (!fits(luminanceOf(seen))) {
    const mixed = channelsOf(seen).map((channel) => Math.round(channel + (towards - channel) * 0.2));
    seen = `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  }
  return seen;
}

const onLight = (color: string) => accentOf(visible(color, { towards: 0, fits: (luminance) => luminance < 0.3 }));
const onDark = (color: string) => accentOf(visible(color, { towards: 255, fits: (luminance) => luminance > 0.15 }));

function logoOf(value: unknown): string | null {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url?.protocol === "https:" ? url.href : null;
}

const objectOf = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** The looks of a tenant's pages, from `settings.branding`; what is no colour and no address is left out. */
export function brandingOf(tenant: { name: string | null; settings: JsonObject } | null): Branding {
  const branding = objectOf(tenant?.settings.branding);
  const primary = colorOf(branding.primary_color);
  const dark = colorOf(branding.dark_primary_color) ?? primary;
  return {
    name: tenant?.name ?? null,
    logoUrl: logoOf(branding.logo_url),
    light: onLight(primary ?? LIGHT),
    dark: onDark(dark ?? DARK),
  };
}
