import { printSchema } from "graphql";
import type { Registry } from "../../registry/registry.ts";
import { buildSchema } from "./build-schema.ts";

/** The schema of a registry as text: sorted, so that it changes only when the API does. */
export const printSdl = (registry: Registry): string => `${printSchema(buildSchema(registry))}\n`;
