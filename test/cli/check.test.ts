import { expect, test } from "vitest";
import { knock } from "./support/command.ts";
import { type Files, feedWorkflow, soundProject, temporary } from "./support/project.ts";

interface Problem {
  file: string | null;
  line: number | null;
  column: number | null;
  workflow: string | null;
  step: string | null;
  message: string;
  fix: string;
}

async function check(
  files: Files,
): Promise<{ code: number | null; ok: boolean; workflows: string[]; problems: Problem[] }> {
  const { root } = temporary({ ...soundProject, ...files });
  const { code, stdout, stderr } = await knock(["check", "--json"], { cwd: root });
  expect(stderr).toBe("");
  return { code, ...(JSON.parse(stdout) as { ok: boolean; workflows: string[]; problems: Problem[] }) };
}

/** A workflow file that begins with these lines; they start in line 4. */
const withLines = (lines: string): string => `import { workflow } from "knock";
import { z } from "zod";

${lines}
export default workflow("broken", { data: z.object({}) }).inApp("feed", { body: "x" });
`;

const mistakes: [name: string, text: string, expected: Partial<Problem>][] = [
  [
    "a syntax error",
    withLines("const a = {;"),
    { line: 4, column: 12, message: expect.stringContaining("syntax error: unexpected token") },
  ],
  [
    "a name declared twice",
    withLines("const a: number = 1;\nconst a = 2;"),
    { line: 5, column: 7, message: expect.stringContaining("already been declared") },
  ],
  [
    "an enum",
    withLines("enum Color { Red }"),
    { line: 4, column: 1, message: expect.stringContaining("enum"), fix: expect.stringContaining("as const") },
  ],
  [
    "a namespace",
    withLines("namespace A { export const b = 1; }"),
    { line: 4, fix: expect.stringContaining("file of its own") },
  ],
  [
    "a parameter property",
    withLines("class A {\n  constructor(private b: string) {}\n}"),
    { line: 5, fix: expect.stringContaining("assign it in the constructor") },
  ],
  [
    "a missing export",
    withLines('import { welcom } from "../texts.ts";'),
    { line: 4, column: 10, fix: 'did you mean "welcome"?' },
  ],
  [
    "a type imported as a value",
    withLines('import { Text } from "../texts.ts";'),
    { line: 4, fix: '"Text" is a type: write import type { Text }' },
  ],
  [
    "a missing extension",
    withLines('import { welcome } from "../texts";'),
    { line: 4, column: 25, fix: 'write the extension: "../texts.ts"' },
  ],
  [
    "a missing file",
    withLines('import { welcome } from "../text.ts";'),
    { line: 4, fix: 'did you mean "../texts.ts"?' },
  ],
  [
    "a missing package",
    withLines('import { format } from "date-fnz";'),
    { line: 4, column: 24, fix: "npm install date-fnz" },
  ],
  [
    "JSON without its attribute",
    withLines('import settings from "../package.json";'),
    { line: 4, fix: 'add with { type: "json" }' },
  ],
  [
    "a throw while loading",
    withLines("const texts: any = null;\ntexts.body;"),
    { line: 5, column: 7, message: expect.stringContaining("Cannot read properties of null") },
  ],
  [
    "a wrong call of ours",
    withLines('import { env } from "knock";\nenv("not a name");'),
    { line: 5, message: expect.stringContaining("not the name of an environment variable") },
  ],
];

const fileOf = (name: string): string => name.replaceAll(" ", "-");

// One command for all of them: each is found though the others are there.
const all = (() => {
  let checked: ReturnType<typeof check> | null = null;
  const texts = 'export const welcome = "Hi";\nexport interface Text { body: string }\n';
  const files = mistakes.map(([name, text]) => [`workflows/${fileOf(name)}.ts`, text]);
  const exports = mistakes.map(
    ([name], index) => `export { default as mistake${index} } from "./${fileOf(name)}.ts";\n`,
  );
  const index = `${soundProject["workflows/index.ts"]}${exports.join("")}`;
  return () => (checked ??= check({ ...Object.fromEntries(files), "workflows/index.ts": index, "texts.ts": texts }));
})();

test.each(mistakes)("%s is named with its place, its cause and what to change", async (name, _text, expected) => {
  const { problems } = await all();
  const file = `workflows/${fileOf(name)}.ts`;
  expect(problems.filter((problem) => problem.file === file)).toEqual([expect.objectContaining({ file, ...expected })]);
});

test("nothing else is wrong in a project full of mistakes", async () => {
  const { code, ok, problems } = await all();
  expect({ code, ok, count: problems.length }).toEqual({ code: 1, ok: false, count: mistakes.length });
});

test("every mistake of every file in one go, though one of them keeps the config from loading", async () => {
  const { code, problems } = await check({
    "workflows/index.ts": `
export { default as greeting } from "./greeting.ts";
export { default as report } from "./report.ts";
export { default as broken } from "./broken.ts";
`,
    "workflows/broken.ts": withLines("const a = {;"),
    "workflows/greeting.ts": `
import { liquid, workflow } from "knock";
import { z } from "zod";

export default workflow("greeting", { data: z.object({ a: z.string(), b: z.string() }) })
  .inApp("feed", { body: "x", when: ({ data }) => data.a && data.b })
  .email("mail", { subject: liquid("{{ data.c }}"), body: "x" });
`,
    "workflows/forgotten.ts": feedWorkflow("forgotten"),
  });
  expect(code).toBe(1);
  expect(problems.map(({ file, line, step, fix }) => [file, line, step, fix])).toEqual([
    ["workflows/broken.ts", 4, null, "correct the syntax"],
    [
      "workflows/forgotten.ts",
      5,
      null,
      'add to workflows/index.ts: export { default as forgotten } from "./forgotten.ts";',
    ],
    ["workflows/greeting.ts", 6, "feed", "use all(…) instead"],
    ["workflows/greeting.ts", 7, "mail", expect.any(String)],
  ]);
});

test("a workflow that the index does not export is missing, not silently absent", async () => {
  const { problems } = await check({ "workflows/deep/second-thought.ts": feedWorkflow("second-thought") });
  expect(problems).toMatchObject([
    {
      workflow: "second-thought",
      fix: 'add to workflows/index.ts: export { default as secondThought } from "./deep/second-thought.ts";',
    },
  ]);
});

test("a mistake in a file that several import is told once", async () => {
  const uses = (key: string) => `import "../texts.ts";\n${feedWorkflow(key)}`;
  const { problems } = await check({
    "workflows/greeting.ts": uses("greeting"),
    "workflows/report.ts": uses("report"),
    "texts.ts": "export const a = ;",
  });
  expect(problems).toMatchObject([{ file: "texts.ts", line: 1, column: 18 }]);
});

test("templates in TSX: used, and named with their line when they are broken", async () => {
  const template = (body: string) => `export const Mail = () => (\n  ${body}\n);\n`;
  const report = `
import { workflow } from "knock";
import { z } from "zod";
import { Mail } from "../templates/mail.tsx";

export default workflow("report", { data: z.object({}), examples: { one: {} } }).email("mail", { subject: "Report", body: () => <Mail /> });
`;
  const index =
    'export { default as greeting } from "./greeting.ts";\nexport { default as report } from "./report-mail.tsx";\n';
  const { "workflows/report.ts": _report, ...others } = soundProject;
  const project = { ...others, "workflows/report-mail.tsx": report, "workflows/index.ts": index };
  const good = temporary({ ...project, "templates/mail.tsx": template("<p>Numbers</p>") });
  expect((await knock(["check"], { cwd: good.root })).stdout).toMatch(/2 workflows in order/);
  good.write("templates/mail.tsx", template("<p>Numbers</b>"));
  const { code, stdout } = await knock(["check", "--json"], { cwd: good.root });
  expect(code).toBe(1);
  expect((JSON.parse(stdout) as { problems: Problem[] }).problems).toMatchObject([
    { file: "templates/mail.tsx", line: 2 },
  ]);
});

test("a config that is none, and a folder without one", async () => {
  const shapes: [string, string][] = [
    ["export const config = 1;", "no default export"],
    ["export default { channels: {} };", "names no workflows"],
    ["export default { workflows: {} };", "has no channels"],
    ['export default { workflows: {}, channels: { mail: "smtp" } };', 'channel "mail" is no provider'],
  ];
  for (const [text, message] of shapes) {
    const { code, problems } = await check({ "knock.config.ts": text });
    expect({ code, problems }).toMatchObject({
      code: 1,
      problems: [{ file: "knock.config.ts", message: expect.stringContaining(message) }],
    });
  }
  const empty = temporary({ "package.json": "{}" });
  const missing = await knock(["check"], { cwd: empty.root });
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain("there is no knock.config.ts in this folder");
  const named = await knock(["check", "--config", "other.ts"], { cwd: empty.root });
  expect(named.stderr).toContain("there is no file other.ts");
});

test("for people: the line itself, a caret, and the change", async () => {
  const { root } = temporary({ ...soundProject, "workflows/broken.ts": withLines("enum Color { Red }") });
  const { code, stdout } = await knock(["check"], { cwd: root });
  expect(code).toBe(1);
  expect(stdout).toContain(
    [
      "  ✗ workflows/broken.ts:4:1",
      "    TypeScript enum cannot run: files run as they are written, with the types removed",
      "    4 │ enum Color { Red }",
      "      │ ^",
      '    fix  use a union of literals ("red" | "blue") or an object with `as const`',
    ].join("\n"),
  );
});

test("content that reads links, where the config has none, is told and not refused", async () => {
  const linked = feedWorkflow("greeting").replace("body:", "title: ({ links }) => links.preferences, body:");
  const { root } = temporary({ ...soundProject, "workflows/greeting.ts": linked });
  const place = { cwd: root };
  const warning = 'greeting › feed reads links, which are empty but in knock dev: knock.config.ts has no "links"';
  const { code, stdout } = await knock(["check"], place);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`! ${warning}`)]);
  const asJson = await knock(["check", "--json"], place);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: true, warnings: [warning] });
});
