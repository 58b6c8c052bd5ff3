import type { z } from "zod";
import type { Json } from "../../base/canonical-json.ts";
import type { Duration } from "../../base/duration.ts";
import type { Content } from "../content.ts";
import type { Conditional, Retrying } from "./when.ts";

/** The methods of an HTTP call. */
export const fetchMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** An HTTP call. Secrets belong into functions: fixed headers are stored with the version. */
export interface FetchSettings<Scope, Response extends z.ZodType = z.ZodType> extends Conditional<Scope>, Retrying {
  url: Content<Scope>;
  /** Default: `GET`, with a body `POST`. */
  method?: (typeof fetchMethods)[number];
  headers?: Content<Scope, Record<string, string>>;
  /** Sent as JSON. */
  body?: Content<Scope, Json>;
  /** What the answer must look like; what it makes of the answer is what later steps read. */
  response: Response;
  /** An answer on which content is tried when the project is compiled. Default: made up from `response`. */
  example?: z.input<Response>;
  /** For one try, at most `60s`. Default: `15s`. */
  timeout?: Duration;
}
