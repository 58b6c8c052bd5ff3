// The text of a new workflow and of its test.
import type { ChannelType } from "../../channels/messages.ts";
import type { DataField } from "./data-fields.ts";

/** A channel step of a new workflow. */
export interface NewStep {
  type: ChannelType;
  /** Key of the channel, and the step's name. */
  channel: string;
  /** There are several channels of the type: the step says which. */
  named: boolean;
}

/** What a new workflow is made of. */
export interface NewWorkflow {
  key: string;
  /** For people. */
  name: string;
  /** How the files call it: `orderShipped`. */
  identifier: string;
  data: readonly DataField[];
  steps: readonly NewStep[];
  /** Where `workflow` comes from: `knock`, or a file that binds it to the users of the project. */
  from: string;
  /** That file exports the schema of the users, too. */
  users: boolean;
}

const indented = (lines: readonly string[], by: string): string => lines.map((line) => `${by}${line}\n`).join("");

/** One sentence that shows how data gets into a text. */
function sentence({ name, data }: NewWorkflow): string {
  const shown = data.find(({ readable }) => readable);
  return shown ? `({ data }) => \`${name}: \${data.${shown.name}}\`` : JSON.stringify(`${name}.`);
}

function slotsOf(workflow: NewWorkflow, type: ChannelType): string[] {
  const body = `body: ${sentence(workflow)},`;
  const name = JSON.stringify(workflow.name);
  if (type === "email") return [`subject: ${name},`, body];
  if (type === "inApp" || type === "push") return [`title: ${name},`, body];
  if (type === "webhook") return ["body: ({ data }) => ({ ...data }),"];
  return [body];
}

function stepText(workflow: NewWorkflow, { type, channel, named }: NewStep): string {
  const slots = [...(named ? [`channel: ${JSON.stringify(channel)},`] : []), ...slotsOf(workflow, type)];
  return `\n  .${type}(${JSON.stringify(channel)}, {\n${indented(slots, "    ")}  })`;
}

const exampleOf = ({ data }: NewWorkflow): string =>
  data.length === 0 ? "{}" : `{ ${data.map(({ name, example }) => `${name}: ${example}`).join(", ")} }`;

/** `workflows/<key>.ts`. */
export function workflowText(workflow: NewWorkflow): string {
  const { key, name, data, steps, from } = workflow;
  const fields = data.map((field) => `${field.name}: ${field.schema},`);
  const object = data.length === 0 ? "z.object({})" : `z.object({\n${indented(fields, "    ")}  })`;
  const imports = [`import { workflow } from ${JSON.stringify(from)};`, 'import { z } from "zod";'];
  // As a formatter sorts them: packages first.
  if (from !== "knock") imports.reverse();
  return `${imports.join("\n")}

export default workflow(${JSON.stringify(key)}, {
  name: ${JSON.stringify(name)},
  data: ${object},
  examples: {
    "an example": ${exampleOf(workflow)},
  },
})${steps.map((step) => stepText(workflow, step)).join("")};
`;
}

/** What people need in order to be reached, in the test. */
function addressesOf(steps: readonly NewStep[]): string[] {
  const types = new Set(steps.map(({ type }) => type));
  const keyOf = ({ type, channel, named }: NewStep): string => (named ? channel : type);
  const devices = steps
    .filter(({ type }) => type === "push" || type === "chat")
    .map(
      (step) =>
        `${JSON.stringify(keyOf(step))}: ${step.type === "push" ? '{ tokens: ["token_1"] }' : '{ to: "#general" }'}`,
    );
  return [
    'id: "ada"',
    'name: "Ada"',
    ...(types.has("email") ? ['email: "ada@example.com"'] : []),
    ...(types.has("sms") ? ['phoneNumber: "+15555550100"'] : []),
    ...(devices.length > 0 ? [`channelData: { ${devices.join(", ")} }`] : []),
  ];
}

/** Steps that a test can tell apart: its system has one channel of each type. */
const firstOfEach = (steps: readonly NewStep[]): NewStep[] =>
  steps.filter((step, index) => steps.findIndex(({ type }) => type === step.type) === index);

/** `test/workflows/<key>.test.ts`. */
export function testText(workflow: NewWorkflow): string {
  const { key, identifier, steps, users, from } = workflow;
  const named = firstOfEach(steps).filter((step) => step.named);
  const channels = named.map(({ type, channel }) => `${type}: ${JSON.stringify(channel)}`);
  const options = [
    `workflows: [${identifier}]`,
    ...(users ? ["users"] : []),
    ...(channels.length > 0 ? [`channels: { ${channels.join(", ")} }`] : []),
  ];
  const expectations = firstOfEach(steps).map(
    ({ type }) => `expect(knock.sent(${JSON.stringify(type)})).toMatchObject([{ recipient: "ada" }]);`,
  );
  const fromUsers = `import { users } from ${JSON.stringify(from.replace(/^\.\//, "../../workflows/"))};\n`;
  return `import { expect, onTestFinished, test } from "vitest";
import { createTestKnock } from "knock/testing";
import ${identifier} from "../../workflows/${key}.ts";
${users ? fromUsers : ""}
test("${key} reaches its recipient", async () => {
  const knock = await createTestKnock({ ${options.join(", ")} });
  onTestFinished(() => knock[Symbol.asyncDispose]());
  await knock.recipient({ ${addressesOf(steps).join(", ")} });

  await knock.notify(${identifier}, { recipients: ["ada"], data: ${exampleOf(workflow)} });
${indented(expectations, "  ")}});
`;
}

/** The line of `workflows/index.ts`. */
export const indexLine = ({ key, identifier }: Pick<NewWorkflow, "key" | "identifier">): string =>
  `export { default as ${identifier} } from "./${key}.ts";\n`;
