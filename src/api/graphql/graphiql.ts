// The page for trying the API, in development. It works without a network: everything is in it.
import { graphqlName } from "../../base/names.ts";
import type { CompiledWorkflow, Registry } from "../../registry/registry.ts";

/** A value as GraphQL writes it: JSON without quotes around names. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`).join(", ")} }`;
}

/** Workflows whose data looks the same in GraphQL as in JSON: others would need their tags and enums translated. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === "object" && value !== null) return Object.values(value).every(isPlain);
  return true;
}

function exampleOf({ key, definition, structure }: CompiledWorkflow): string | null {
  const [data] = Object.values(definition.settings.examples ?? {});
  if (!data || !isPlain(data)) return null;
  const input = `workflow: "${key}", data: ${literal(data)}`;
  return `# ${structure.name}. Press Ctrl+Enter, then ask for the runs of the notification below.
mutation Notify {
  notifyDynamic(input: {
    ${input}
    recipients: ["user_1"]
    identify: [{ id: "user_1", name: "Ada", email: "ada@example.com" }]
  }) {
    __typename
    ... on NotifySuccess { notification { id status } warnings { code message path } }
    ... on Error { code message hint }
  }
}
`;
}

const READ = `
query Notifications {
  notifications(first: 5) {
    edges { node {
      id workflow status counts { total completed messages }
      runs(first: 5) { edges { node {
        recipientId status
        steps { ref outcome reason at }
        messages { channel status content }
      } } }
    } }
  }
}
`;
void graphqlName;

/** What stands in the editor at first: a call of the first workflow that has an example, and how to look at what it did. */
export function firstQuery(registry: Registry): string {
  const examples = [...registry.values()].map(exampleOf);
  return `${examples.find((example) => example !== null) ?? ""}${READ}`;
}
