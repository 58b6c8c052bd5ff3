// Workflows as artifacts: what they hold, what makes them differ, and what cannot be bundled.
import { cpSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { hashOfCode } from "../../src/deploy/artifacts/code.ts";
import { bundleWorkflows } from "../../src/deploy/bundle/bundle.ts";
import { temporary, type Files, type Project } from "../cli/support/project.ts";

const sources = (project: Project, ...keys: string[]) =>
  keys.map((key) => ({ key, file: join(project.root, "workflows", `${key}.ts`), exportName: "default" }));
const bundle = (project: Project, ...keys: string[]) => bundleWorkflows(sources(project, ...keys), project);

/** The one artifact of a project whose workflow `w` stands in `workflows/w.ts`. */
async function artifactOf(files: Files) {
  const { artifacts, byWorkflow } = await bundle(temporary(files), "w");
  return artifacts.find(({ hash }) => hash === byWorkflow.get("w"))!;
}
const hashOf = async (text: string, others: Files = {}) =>
  (await artifactOf({ "workflows/w.ts": text, ...others })).hash;

/** Why a project cannot be bundled, one line each, with paths from its folder. */
async function refusal(files: Files, ...keys: string[]): Promise<string[]> {
  const project = temporary(files);
  const error: unknown = await bundle(project, ...(keys.length > 0 ? keys : ["w"])).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!KnockError.is(error, "CANNOT_BUNDLE")) throw new Error("expected a refusal", { cause: error });
  return error.details.problems.map((problem) => problem.replaceAll(`${project.root}/`, ""));
}

const head = `import { workflow, liquid } from "knock";\nimport { z } from "zod";\n`;
const said = (body: string) => `${head}export default workflow("w", { data: z.object({ title: z.string() }) })
  .inApp("feed", { body: ${body} });\n`;

test("a bundle holds the workflow and what of knock it uses; zod is there once for all", async () => {
  const project = temporary({ "workflows/w.ts": said('"one"'), "workflows/v.ts": said('"two"').replace('"w"', '"v"') });
  const { artifacts, byWorkflow } = await bundle(project, "w", "v");
  expect([...byWorkflow.keys()]).toEqual(["w", "v"]);
  expect(artifacts).toHaveLength(3);
  const [w, v, zod] = artifacts;
  expect(zod!.imports).toEqual([]);
  for (const artifact of [w!, v!]) {
    expect(artifact.imports).toEqual([zod!.hash]);
    expect(artifact.code.length).toBeLessThan(6_000);
    const imported = [...artifact.code.matchAll(/\bfrom\s*"([^"]+)"/g)].map((match) => match[1]!);
    expect(imported.filter((name) => name !== `knock://artifact/${zod!.hash}` && !isBuiltin(name))).toEqual([]);
  }
  for (const { hash, code } of artifacts) expect(hashOfCode(code)).toBe(hash);
});

test("no workflow gives nothing", async () => {
  expect(await bundleWorkflows([], { root: "/nowhere" })).toEqual({ artifacts: [], byWorkflow: new Map() });
});

test("an artifact does not depend on which others are bundled with it", async () => {
  const files = {
    "workflows/shared.ts": "export const used = (text: string) => text.trim();\nexport const other = () => 'x';\n",
    "workflows/w.ts": `import { used } from "./shared.ts";\n${said("({ data }) => used(data.title)")}`,
    "workflows/v.ts": `import { other } from "./shared.ts";\n${said("() => other()").replace('"w"', '"v"')}`,
  };
  const alone = await bundle(temporary(files), "w");
  const together = await bundle(temporary(files), "v", "w");
  expect(together.byWorkflow.get("w")).toBe(alone.byWorkflow.get("w"));
});

test("workflows that are exported under a name, several from one file", async () => {
  const text = `${head}const data = z.object({});
export const first = workflow("a", { data }).inApp("feed", { body: "A" });
export const second = workflow("b", { data }).inApp("feed", { body: "B" });\n`;
  const project = temporary({ "workflows/both.ts": text });
  const file = join(project.root, "workflows/both.ts");
  const of = (key: string, exportName: string) => ({ key, file, exportName });
  const { artifacts, byWorkflow } = await bundleWorkflows([of("a", "first"), of("b", "second")], project);
  expect(byWorkflow.get("a")).not.toBe(byWorkflow.get("b"));
  expect(artifacts).toHaveLength(3);
});

test("the same sources give the same hashes in another folder, with packages of their own", async () => {
  const files = { "workflows/w.ts": said('liquid("{{ data.title }}")') };
  const [here, there] = [temporary(files), temporary(files)];
  const zod = join(there.root, "node_modules/zod");
  const real = join(import.meta.dirname, "../../node_modules/zod");
  rmSync(zod);
  cpSync(real, zod, { recursive: true, filter: (path) => !/zod\/src\b|\.(cjs|cts|d\.ts)$/.test(path) });
  const hashes = async (project: Project) => (await bundle(project, "w")).artifacts.map(({ hash }) => hash);
  expect(await hashes(there)).toEqual(await hashes(here));
});

test("formatting, comments, types and the names of local variables change nothing", async () => {
  const plain = await hashOf(
    `${head}const excerpt = (text: string) => text.slice(0, 10);\n${said("({ data }) => excerpt(data.title)").slice(head.length)}`,
  );
  const other = `// A comment.
import { workflow, type Chain } from 'knock'
import { z } from 'zod';
/*! A licence. */
interface Unused { a: string }
const shorten = (given: string): string => given.slice(0, 10)
export default workflow('w', {
    data: (z.object({ title: z.string(), })),
}).inApp('feed', {
    body: ({ data: input }) => shorten(input.title),
}) satisfies object;`;
  expect(await hashOf(other)).toBe(plain);
  expect(await hashOf(said('"a"'))).not.toBe(await hashOf(said('"b"')));
});

test("the place of a helper changes nothing", async () => {
  const helper = "export const excerpt = (text: string) => text.slice(0, 10);\n";
  const using = (path: string) => `import { excerpt } from "${path}";\n${said("({ data }) => excerpt(data.title)")}`;
  const beside = await hashOf(using("./excerpt.ts"), { "workflows/excerpt.ts": helper });
  expect(await hashOf(using("../lib/words.ts"), { "lib/words.ts": helper })).toBe(beside);
});

test("packages, JSON and CommonJS become part of the bundle, Node's own modules do not", async () => {
  const { code } = await artifactOf({
    "node_modules/words/package.json": '{ "name": "words", "main": "main.js" }',
    "node_modules/words/main.js":
      'const { format } = require("util");\nexports.greet = (name) => format("Hi %s", name);\n',
    "workflows/words.json": '{ "bye": "Good bye" }',
    "workflows/w.ts": `import { greet } from "words";\nimport { createHash } from "crypto";\nimport words from "./words.json" with { type: "json" };
${said('({ data }) => greet(data.title) + words.bye + createHash("md5").update(data.title).digest("hex")')}`,
  });
  expect(code).toContain('"Good bye"');
  expect(code).toContain('from"node:crypto"');
  expect(code).toContain('process.getBuiltinModule("node:util")');
});

test("source maps name files from the project's folder, and no machine", async () => {
  const { sourceMap } = await artifactOf({ "workflows/w.ts": said('"b"') });
  const { sources: files, sourcesContent } = JSON.parse(sourceMap!) as { sources: string[]; sourcesContent?: unknown };
  expect(files).toContain("workflows/w.ts");
  expect(files).toContain("node_modules/knock/definition/chain.ts");
  expect(files.filter((file) => file.startsWith("/") || file.includes(".."))).toEqual([]);
  expect(sourcesContent).toBeUndefined();
});

test("all problems of all workflows are told, each with its place", async () => {
  const problems = await refusal(
    {
      "workflows/a.ts": `import { missing } from "./gone.ts";\nimport { absent } from "nowhere";\n${said("missing(absent)")}`,
      "workflows/b.ts": `import { env, defineProvider } from "knock";\n${said("env(defineProvider)")}`,
      "workflows/c.ts": `import { smtp } from "knock/providers/smtp";\n${said("smtp")}`,
      "workflows/d.ts": "export default ;\n",
      "workflows/e.ts": "export const other = 1;\n",
      "workflows/fine.ts": said('"fine"'),
    },
    "a",
    "b",
    "c",
    "d",
    "e",
    "fine",
  );
  expect(problems).toEqual([
    expect.stringMatching(/^workflows\/a\.ts:1 {2}a: the imported file "\.\/gone\.ts" does not exist/),
    expect.stringMatching(/^workflows\/a\.ts:2 {2}a: the package "nowhere" is not installed \(npm install nowhere\)/),
    expect.stringMatching(/^workflows\/b\.ts:1 {2}b: "knock" has no "env" for workflows/),
    expect.stringMatching(/^workflows\/b\.ts:1 {2}b: "knock" has no "defineProvider" for workflows/),
    expect.stringMatching(
      /^workflows\/c\.ts:1 {2}c: workflows may import from "knock" alone, not from "knock\/providers\/smtp"/,
    ),
    expect.stringMatching(/^workflows\/d\.ts:1 {2}d: unexpected ";"/),
    expect.stringMatching(/^workflows\/e\.ts:1 {2}e: the file has no export "default"/),
  ]);
});

const native = (files: Files) =>
  refusal({ "workflows/w.ts": `import { pixels } from "pixels";\n${said("pixels")}`, ...files });

test("native modules are refused in clear words", async () => {
  const refused = [
    expect.stringMatching(
      /^node_modules\/pixels\/main\.js:1 {2}w: the package "pixels" is a native module, made for one kind of machine/,
    ),
  ];
  const manifest = { "node_modules/pixels/package.json": '{ "name": "pixels", "main": "main.js" }' };
  expect(
    await native({
      ...manifest,
      "node_modules/pixels/main.js": 'exports.pixels = require("./build/pixels.node");',
      "node_modules/pixels/build/pixels.node": "\0",
    }),
  ).toEqual(refused);
  expect(
    await native({ ...manifest, "node_modules/pixels/main.js": 'exports.pixels = require("bindings")("pixels");' }),
  ).toEqual(refused);
});

test("files that are read beside the code are refused, wherever in the project that happens", async () => {
  expect(
    await refusal({
      "workflows/texts.ts": `import { readFileSync } from "node:fs";\n\nexport const text = readFileSync(new URL("./text.txt", import.meta.url), "utf8");\n`,
      "workflows/w.ts": `import { text } from "./texts.ts";\n${said("text")}`,
    }),
  ).toEqual([
    expect.stringMatching(/^workflows\/texts\.ts:3 {2}w: the file reads import\.meta\.url, and a bundle has no place/),
  ]);
  expect(
    await refusal({
      "workflows/mail.css": "a {}",
      "workflows/mail.wasm": "x",
      "workflows/w.ts": `import "./mail.wasm";\n${said('"x"')}`,
    }),
  ).toEqual([
    expect.stringMatching(/^workflows\/w\.ts:1 {2}w: a file of the kind "\.wasm" cannot be part of a bundle/),
  ]);
});

test("what is not part of the bundle may do as it likes", async () => {
  await artifactOf({
    "workflows/place.ts": "export const place = () => import.meta.url;\nexport const name = () => 'x';\n",
    "workflows/w.ts": `import { name } from "./place.ts";\n${said("name()")}`,
  });
});
