import type { ContentSource } from "./content-table.ts";
import type { Registry } from "./registry.ts";

const MENTION = /\blinks\b/;
const IN_TEMPLATE = /\{[{%][^}]*\blinks\b/;

// By the text of the function: one that gets links through another file is not found, and nothing depends on it.
const mentions = (source: ContentSource): boolean =>
  source.kind === "code"
    ? MENTION.test(source.render.toString())
    : source.kind === "liquid" && IN_TEMPLATE.test(source.template);

/** Where content reads links, as far as its text shows: `weekly-digest › mail`. */
export const readsLinks = (registry: Registry): string[] =>
  [...registry.values()].flatMap(({ key, content }) =>
    [...content.slots].flatMap(([ref, { sources }]) =>
      Object.values(sources).some(mentions) ? [`${key} › ${ref}`] : [],
    ),
  );
