// A difference between two schemas, with what is to be said of it and its proof.
import type { z } from "zod";

/** `refused`: was accepted. `loses`: what it says no longer counts. `stored`: a call that is stored otherwise than now. */
export type Proof = { refused: unknown } | { loses: unknown } | { stored: unknown } | { fine: unknown[] };

export interface Row {
  before: z.ZodType;
  after: z.ZodType;
  /** `path: words`, where `data.x` is the schema itself; those that break begin with `callers` or `runs`. */
  says: string[];
  proof: Proof;
}

export const row = (before: z.ZodType, after: z.ZodType, says: string | string[], proof: Proof): Row => ({
  before,
  after,
  says: [says].flat(),
  proof,
});
