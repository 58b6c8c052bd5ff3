// Where the walker is, what it knows and what it has to say.
import type { CallSite } from "../../../definition/call-site.ts";
import type { Problem } from "../../../registry/problem.ts";
import { capitalised } from "./names.ts";
import type { Shape } from "./shape.ts";
import type { Schema } from "./unwrap.ts";

/** What is known while all workflows of a project are walked. */
export interface Walk {
  /** Names of types that exist already, with what took them. */
  names: Map<string, string>;
  /** Types that were named with `.meta({ id })`, shared by all workflows. */
  shared: Map<Schema, Shape>;
  /** The same by name: each deployed workflow brings a copy of its own. */
  named: Map<string, { schema: Schema; shape: Shape }>;
  problems: Problem[];
  /** Places that GraphQL cannot type: not wrong, but good to know. */
  notes: Problem[];
}

/** Where in the data of which workflow the walker is. */
export interface Position {
  walk: Walk;
  workflow: string;
  site: CallSite | null;
  /** Types of this workflow by schema, so that a schema may contain itself. */
  types: Map<Schema, Shape>;
  path: readonly string[];
  /** Name of the type at this position. */
  name: string;
}

/** One step further down. */
export const below = (at: Position, member: string): Position => ({
  ...at,
  path: [...at.path, member],
  name: at.name + capitalised(member),
});

const say = (list: "problems" | "notes") => (at: Position, message: string, fix: string) =>
  void at.walk[list].push({
    workflow: at.workflow,
    step: null,
    message: `${at.path.join(".")} ${message}`,
    fix,
    site: at.site,
  });

/** Records something that has to be changed. */
export const refuse = say("problems");
/** Records something that is good to know. */
export const note = say("notes");

/** Takes a type name, once. */
export function claim(at: Position, name: string): void {
  const taken = at.walk.names.get(name);
  if (taken !== undefined) {
    refuse(
      at,
      `becomes the GraphQL type ${name}, which is ${taken}`,
      'give the schema another name: .meta({ id: "…" })',
    );
  }
  at.walk.names.set(name, `${at.path.join(".")} of workflow "${at.workflow}"`);
}
