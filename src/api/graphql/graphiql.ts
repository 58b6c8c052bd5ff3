// The page for trying the API, in development. It works without a network: everything is in it.
import type { Registry } from "../../registry/registry.ts";
import { literalOf } from "./zod-input/literal.ts";
import { workflowInputs } from "./zod-input/workflow-inputs.ts";

const READ = `query Notifications {
  notifications(first: 5) {
    edges {
      node {
        id
        workflow
        status
        counts { total completed messages }
        runs(first: 5) {
          edges {
            node {
              recipientId
              status
              steps { ref outcome reason at }
              messages { channel status content }
            }
          }
        }
      }
    }
  }
}
`;

function notifyOf(field: string, data: string): string {
  return `# Ctrl+Enter runs the operation at the cursor. Run this one, then the query below.
mutation Notify {
  notify(
    input: {
      workflow: { ${field}: ${data} }
      recipients: ["user_1"]
      identify: [{ id: "user_1", name: "Ada", email: "ada@example.com" }]
    }
  ) {
    __typename
    ... on NotifySuccess { notification { id status } warnings { code message path } }
    ... on Error { code message hint }
  }
}

`;
}

/** What stands in the editor at first: a call of the first workflow that has an example, and how to see what it did. */
export function firstQuery(registry: Registry): string {
  const waits = (key: string) => registry.get(key)!.structure.steps.some(({ kind }) => kind === "delay");
  const { inputs } = workflowInputs(registry, []);
  // Whoever tries something wants to see all of it now.
  const quickFirst = inputs.toSorted((a, b) => Number(waits(a.workflow)) - Number(waits(b.workflow)));
  for (const { workflow, field, shape } of quickFirst) {
    const [example] = Object.values(registry.get(workflow)?.definition.settings.examples ?? {});
    if (example) return notifyOf(field, literalOf(shape, example)) + READ;
  }
  return READ;
}

/** The page. Its package is large and optional, so it is loaded when somebody looks. */
export async function graphiqlPage(registry: Registry): Promise<string> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  return renderGraphiQL({
    title: "knock",
    defaultQuery: firstQuery(registry),
    defaultTabs: [{ query: firstQuery(registry) }],
  });
}
