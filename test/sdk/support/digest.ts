import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";

/** Tells of several notifications in one message. */
export const digest = workflow("digest", { data: z.object({ text: z.string() }), examples: { one: { text: "x" } } })
  .batch("gather", { window: "1s", maxItems: 3 })
  .inApp("feed", { body: "There was something." });
