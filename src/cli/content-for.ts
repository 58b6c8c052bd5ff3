import type { Config } from "../registry/config.ts";
import type { Database } from "../store/database.ts";
import { latestDeploy } from "../store/deploys.ts";

/** Where commands that only hand something in take the workflows from: what is deployed, as soon as something is. */
export const contentFor = async ({ content }: Config, { db }: Database): Promise<"deployed" | "local"> =>
  content ?? ((await latestDeploy(db)) === null ? "local" : "deployed");
