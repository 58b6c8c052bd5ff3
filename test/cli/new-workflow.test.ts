import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knock } from "./support/command.ts";
import { contentsOf, soundProject, temporary } from "./support/project.ts";

const COMMAND = ["new", "workflow"];

test("a workflow, its line in the index and its test; the project is in order with it", async () => {
  const { root: cwd } = temporary();
  const fields = "order_id,carrier:dhl|ups,tags:string[],total:number?,at:datetime,link:url";
  const made = await knock([...COMMAND, "order-shipped", "--channel", "inApp,mail", "--data", fields], { cwd });
  expect(made).toEqual({
    code: 0,
    stderr: "",
    stdout:
      "✓ workflows/order-shipped.ts\n✓ test/workflows/order-shipped.test.ts\n✓ workflows/index.ts one line more\n",
  });
  expect(readFileSync(join(cwd, "workflows/order-shipped.ts"), "utf8")).toBe(`import { workflow } from "knock";
import { z } from "zod";

export default workflow("order-shipped", {
  name: "Order shipped",
  data: z.object({
    order_id: z.string(),
    carrier: z.enum(["dhl", "ups"]),
    tags: z.array(z.string()),
    total: z.number().optional(),
    at: z.iso.datetime(),
    link: z.url(),
  }),
  examples: {
    "an example": { order_id: "order id 1", carrier: "dhl", tags: ["tags 1"], total: 1.5, at: "2026-01-05T09:00:00Z", link: "https://example.com/1" },
  },
})
  .inApp("feed", {
    title: "Order shipped",
    body: ({ data }) => \`Order shipped: \${data.order_id}\`,
  })
  .email("mail", {
    subject: "Order shipped",
    body: ({ data }) => \`Order shipped: \${data.order_id}\`,
  });
`);
  expect(readFileSync(join(cwd, "workflows/index.ts"), "utf8")).toBe(
    `${soundProject["workflows/index.ts"]}export { default as orderShipped } from "./order-shipped.ts";\n`,
  );
  expect((await knock(["check"], { cwd })).stdout).toMatch(/^✓ 3 workflows in order/);
});

test("without options, where nobody can be asked: the feed, and no data", async () => {
  const { root: cwd } = temporary();
  const { code, stdout } = await knock([...COMMAND, "delete", "--json"], { cwd });
  expect({ code, answer: JSON.parse(stdout) as unknown }).toEqual({
    code: 0,
    answer: {
      key: "delete",
      written: ["workflows/delete.ts", "test/workflows/delete.test.ts"],
      changed: ["workflows/index.ts"],
    },
  });
  expect(readFileSync(join(cwd, "workflows/delete.ts"), "utf8")).toMatch(/z\.object\(\{\}\)[^]*\.inApp\("feed", \{/);
  // The key is a word that cannot name an import.
  expect(readFileSync(join(cwd, "workflows/index.ts"), "utf8")).toContain("export { default as deleteWorkflow }");
});

test("a project whose workflows are bound to its users has the new one bound, too", async () => {
  const { root: cwd } = temporary({
    ...soundProject,
    "knock.config.ts": `
      import { consoleProvider, defineConfig, inApp } from "knock";
      import * as workflows from "./workflows/index.ts";
      import { users } from "./workflows/people.ts";
      export default defineConfig({
        workflows, users,
        channels: { feed: inApp(), news: consoleProvider("email"), mail: consoleProvider("email"), phone: consoleProvider("push") },
      });`,
    "workflows/people.ts": `
      import { workflowFor } from "knock";
      import { z } from "zod";
      export const users = z.object({ plan: z.string().optional() });
      export const workflow = workflowFor(users);`,
    "workflows/index.ts": 'export { default as greeting } from "./greeting.ts";',
    "workflows/greeting.ts": `
      import { z } from "zod";
      import { workflow } from "./people.ts";
      export default workflow("greeting", { data: z.object({}) }).inApp("feed", { body: "Hello" });`,
    "workflows/report.ts": "",
  });
  const made = await knock([...COMMAND, "weekly", "--channel", "news", "--channel", "push", "--data", "n:integer"], {
    cwd,
  });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(join(cwd, "workflows/index.ts"), "utf8")).toBe(
    'export { default as greeting } from "./greeting.ts";\nexport { default as weekly } from "./weekly.ts";\n',
  );
  const text = readFileSync(join(cwd, "workflows/weekly.ts"), "utf8");
  expect(text).toContain('import { workflow } from "./people.ts";');
  expect(text).toContain('.email("news", {\n    channel: "news",');
  const itsTest = readFileSync(join(cwd, "test/workflows/weekly.test.ts"), "utf8");
  expect(itsTest).toContain('import { users } from "../../workflows/people.ts";');
  expect(itsTest).toContain('createTestKnock({ workflows: [weekly], users, channels: { email: "news" } })');
  expect(itsTest).toContain('channelData: { "push": { tokens: ["token_1"] } }');
});

const refusals: [what: string, args: string[], message: string, hint: string][] = [
  ["a key that is taken", ["greeting"], 'There is a workflow "greeting" already.', "Choose another key."],
  ["what is no key", ["Order Shipped!"], '"Order Shipped!" cannot be a key.', "Did you mean order-shipped?"],
  ["a path", ["../../evil"], '"../../evil" cannot be a key.', "Did you mean evil?"],
  ["a key that is too long", ["a".repeat(256)], "cannot be a key.", "at most 255 characters"],
  ["a channel that is mistyped", ["x", "--channel", "emial"], 'no channel "emial"; did you mean email?', "--channel"],
  ["a type without a channel", ["x", "--channel", "sms"], "no channel of type sms", "--channel"],
  ["a type that is mistyped", ["x", "--data", "a:strng"], '"strng" is no type; did you mean string?', "--data"],
  ["a field that is no name", ["x", "--data", "a b"], '"a b" is not of the form name:type', "--data"],
  ["a field that is there twice", ["x", "--data", "a,a:number"], "a is there twice", "--data"],
  ["a choice that is no word", ["x", "--data", "a:b|c d"], '"c d" cannot be a choice', "--data"],
];

test.each(refusals)("refused: %s", async (_what, args, message, hint) => {
  const { root: cwd } = temporary();
  const before = contentsOf(cwd);
  const { code, stdout, stderr } = await knock([...COMMAND, ...args], { cwd });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
  expect(contentsOf(cwd)).toEqual(before);
  expect(readFileSync(join(cwd, "workflows/index.ts"), "utf8")).toBe(soundProject["workflows/index.ts"]);
});

test("a file that is there is not overwritten, and then nothing is written", async () => {
  const project = temporary();
  const { root: cwd } = project;
  project.write("test/workflows/extra.test.ts", "mine");
  const { code, stdout } = await knock([...COMMAND, "extra", "--json"], { cwd });
  expect({ code, answer: JSON.parse(stdout) as unknown }).toMatchObject({
    code: 1,
    answer: { error: { code: "INVALID_INPUT", message: expect.stringContaining("test/workflows/extra.test.ts") } },
  });
  expect(existsSync(join(cwd, "workflows/extra.ts"))).toBe(false);
  expect(readFileSync(join(cwd, "test/workflows/extra.test.ts"), "utf8")).toBe("mine");
});
