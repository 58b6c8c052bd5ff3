import type { JsonObject } from "../../base/canonical-json.ts";
import type { Content } from "../content.ts";
import type { Conditional, Retrying } from "./when.ts";

type PropertyChanges<Properties> = [keyof Properties] extends [never] ? JsonObject : Partial<Properties>;

/** What changes of the recipient. What is absent stays as it is, `null` empties. */
export interface UpdateUserSettings<Scope, Properties> extends Conditional<Scope>, Retrying {
  name?: Content<Scope, string | null>;
  email?: Content<Scope, string | null>;
  phoneNumber?: Content<Scope, string | null>;
  avatar?: Content<Scope, string | null>;
  /** BCP 47, such as `de-CH`. */
  locale?: Content<Scope, string | null>;
  /** IANA time zone, such as `Europe/Zurich`. */
  timezone?: Content<Scope, string | null>;
  /** Merged deeply into the stored ones. */
  properties?: Content<Scope, PropertyChanges<Properties>>;
}
