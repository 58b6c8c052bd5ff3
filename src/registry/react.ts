// React is loaded the first time content returns an element, and not at all in projects without.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { ReactElementLike } from "../definition/content.ts";

/** Makes HTML of an element: it must come from the React that made the components, or their hooks do not work. */
export type ToMarkup = (element: ReactElementLike) => string;

let toMarkup: ToMarkup | null = null;

/** Whether the value is a React element, judged by its mark rather than by a class of one React copy. */
export const isReactElement = (value: unknown): value is ReactElementLike =>
  typeof value === "object" && value !== null && "$$typeof" in value && "props" in value;

/** The HTML of a React element. Default: with the `react-dom` of the project that the process runs in. */
export function renderReact(element: ReactElementLike, given?: ToMarkup): string {
  if (given) return given(element);
  // Synchronous on purpose: a passage renders hundreds of messages between two statements.
  toMarkup ??= (
    createRequire(pathToFileURL(`${process.cwd()}/`))("react-dom/server") as { renderToStaticMarkup: ToMarkup }
  ).renderToStaticMarkup;
  return toMarkup(element);
}
