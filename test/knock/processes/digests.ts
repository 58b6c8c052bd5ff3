// One batch of each kind and a throttle, with windows so short that a storm crosses many of their ends.
import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";

const data = z.object({ n: z.number() });

/** All that the message says, so that totals can be counted from messages alone. */
const said = ({ steps: { batch } }: { steps: { batch: { count: number; activities: { data: { n: number } }[] } } }) =>
  JSON.stringify({ count: batch.count, numbers: batch.activities.map((activity) => activity.data.n) });

export const fixed = workflow("fixed", { data })
  .batch("batch", { window: "300ms", take: 1_000 })
  .inApp("feed", { body: said });

export const sliding = workflow("sliding", { data })
  .batch("batch", { window: "100ms", sliding: { limit: "700ms" }, take: 1_000 })
  .inApp("feed", { body: said });

export const impatient = workflow("impatient", { data })
  .batch("batch", { window: "1s", sliding: { limit: "250ms" }, take: 1_000 })
  .inApp("feed", { body: said });

export const seven = workflow("seven", { data })
  .batch("batch", { window: "2s", maxItems: 7, take: 1_000 })
  .inApp("feed", { body: said });

export const leading = workflow("leading", { data })
  .batch("batch", { window: "200ms", flushLeading: true, take: 1_000 })
  .inApp("feed", { body: said });

export const gated = workflow("gated", { data })
  .throttle("gate", { window: "1d", limit: 20 })
  .inApp("feed", { body: ({ data: { n } }) => JSON.stringify({ count: 1, numbers: [n] }) });
