// The data of every workflow of a registry, as input.
import { graphqlName } from "../../../base/names.ts";
import type { Problem } from "../../../registry/problem.ts";
import type { Registry } from "../../../registry/registry.ts";
import { type Decode, decoderOf } from "./decode.ts";
import { capitalised } from "./names.ts";
import type { Walk } from "./position.ts";
import type { Shape } from "./shape.ts";
import { slotOf } from "./walk.ts";

/** The data of one workflow as input. */
export interface WorkflowInput {
  /** Key of the workflow. */
  workflow: string;
  /** Name of the field: the key in camel case. */
  field: string;
  shape: Shape;
  decode: Decode;
  description: string;
}

/** The inputs of a registry, and what was found on the way. */
export interface WorkflowInputs {
  inputs: WorkflowInput[];
  problems: Problem[];
  notes: Problem[];
}

/** The inputs of all workflows, by key. `reserved` are names that the schema has already. */
export function workflowInputs(registry: Registry, reserved: Iterable<string>): WorkflowInputs {
  const names = new Map([...reserved].map((name) => [name, "a type of the API"]));
  const walk: Walk = { names, shared: new Map(), named: new Map(), problems: [], notes: [] };
  const workflows = [...registry.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const inputs = workflows.map(({ key, schema, structure, definition }): WorkflowInput => {
    const field = graphqlName(key);
    const at = {
      walk,
      workflow: key,
      site: definition.site,
      types: new Map(),
      path: ["data"],
      name: `${capitalised(field)}Data`,
    };
    const { shape } = slotOf(at, schema);
    const about = structure.description ?? `The workflow "${structure.name}".`;
    const [example] = Object.entries(definition.settings.examples ?? {});
    const sample = example ? `\n\nExample, ${example[0]}: \`${JSON.stringify(example[1])}\`` : "";
    return { workflow: key, field, shape, decode: decoderOf(shape), description: about + sample };
  });
  return { inputs, problems: walk.problems, notes: walk.notes };
}
