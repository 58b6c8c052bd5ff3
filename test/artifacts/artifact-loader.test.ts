// Artifacts as workflows again: the same as from their files, or refused in clear words.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { projectModules } from "../../src/cli/module-hooks.ts";
import { artifactUrl, hashOfCode } from "../../src/deploy/artifacts/code.ts";
import { artifactLoader } from "../../src/deploy/artifacts/loader.ts";
import { bundleWorkflows } from "../../src/deploy/bundle/bundle.ts";
import { openWorkflows } from "../../src/deploy/artifacts/open-workflows.ts";
import type { Artifact } from "../../src/deploy/release.ts";
import { createSigningPair, signWorkflow } from "../../src/deploy/artifacts/signature.ts";
import { registryOf } from "../../src/registry/compile.ts";
import * as workflows from "../../workflows/index.ts";
import { users } from "../../workflows/people.ts";
import { temporary } from "../cli/support/project.ts";

const channels = [
  { key: "feed", type: "inApp" },
  { key: "mail", type: "email" },
];
const repository = resolve(import.meta.dirname, "../..");

const finding = (artifacts: readonly Artifact[]) => async (hashes: readonly string[]) =>
  artifacts.filter(({ hash }) => hashes.includes(hash));

/** What is deployed of a project. */
async function deployed(root: string, files: Record<string, string>) {
  const sources = Object.entries(files).map(([key, file]) => ({ key, file: join(root, file), exportName: "default" }));
  const { artifacts, byWorkflow } = await bundleWorkflows(sources, { root });
  const released = [...byWorkflow].map(([key, artifact]) => ({ key, artifact, signature: null as string | null }));
  return { artifacts, released, loader: artifactLoader(finding(artifacts)) };
}

const head = `import { workflow, workflowFor } from "knock";\nimport { z } from "zod";\n`;
const said = (body: string, key = "w") =>
  `${head}export default workflow("${key}", { data: z.object({ title: z.string() }) }).inApp("feed", { body: ${body} });\n`;

test("the example workflows are the same as artifacts", async () => {
  const own = registryOf(workflows, { users, channels });
  const files = Object.fromEntries([...own.keys()].map((key) => [key, `workflows/${key}.ts`]));
  const { released, artifacts } = await deployed(repository, files);
  const asked: number[] = [];
  const loader = artifactLoader((hashes) => {
    asked.push(hashes.length);
    return finding(artifacts)(hashes);
  });
  const registry = await openWorkflows(released, { loader, channels, publicKeys: [] });
  expect(
    [...registry.values()].map(({ key, hash, fingerprint, structure }) => [key, hash, fingerprint, structure]),
  ).toEqual([...own.values()].map(({ key, hash, fingerprint, structure }) => [key, hash, fingerprint, structure]));
  // All are asked for at once, then what they import.
  expect(asked).toEqual([4, 1]);
  await openWorkflows(released, { loader, channels, publicKeys: [] });
  expect(asked).toHaveLength(2);
});

/** Renders the step `feed` of a bundled workflow in a process of its own: the test runner has its own stack traces. */
const rendering = (bundle: string) => `
import { readFileSync } from "node:fs";
import { artifactLoader } from ${JSON.stringify(join(repository, "src/deploy/artifacts/loader.ts"))};
const { artifacts, released } = JSON.parse(readFileSync(${JSON.stringify(bundle)}, "utf8"));
const loader = artifactLoader(async (hashes) => artifacts.filter(({ hash }) => hashes.includes(hash)));
const { definition } = await loader.load(released[0]);
try {
  definition.steps[0].settings.body({ data: { title: "x" } });
} catch (error) {
  console.log(error.stack);
}`;

test("an error in a template names the author's file and line", async () => {
  const helper = `interface A { a: string }

export const words = (text: string): string => {
  return (text as never as A).a.toUpperCase();
};
`;
  const body = `({ data }) => {
    const title: string = data.title;
    return words(title);
  }`;
  const { root, write } = temporary({
    "workflows/w.ts": `import { words } from "../lib/words.ts";\n${said(body)}`,
    "lib/words.ts": helper,
  });
  const { artifacts, released } = await deployed(root, { w: "workflows/w.ts" });
  write("bundle.json", JSON.stringify({ artifacts, released }));
  const script = rendering(join(root, "bundle.json"));
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  expect(stdout).toMatch(/toUpperCase/);
  expect(stdout).toMatch(/artifact\/lib\/words\.ts:4:\d+/);
  expect(stdout).toMatch(/artifact\/workflows\/w\.ts:6:\d+/);
});

test("the loader of project files and that of artifacts do not meet", async () => {
  const modules = projectModules();
  const project = temporary({ "workflows/w.ts": said('"one"'), "package.json": '{ "type": "module" }' });
  const file = join(project.root, "workflows/w.ts");
  const read = async () =>
    ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: { key: string } }).default;
  const load = async () => {
    const { released, loader } = await deployed(project.root, { w: "workflows/w.ts" });
    return (await openWorkflows(released, { loader, channels, publicKeys: [] })).get("w")!.structure.steps;
  };
  modules.renew();
  expect((await read()).key).toBe("w");
  expect(await load()).toMatchObject([{ slots: { body: { text: "one" } } }]);
  project.write("workflows/w.ts", said('"two"'));
  modules.renew();
  expect(await load()).toMatchObject([{ slots: { body: { text: "two" } } }]);
  expect([...modules.files.keys()]).toEqual([]);
});

/** Code of a test, as an artifact. */
const artifact = (code: string): Artifact => ({ hash: hashOfCode(code), code, sourceMap: null, imports: [] });

const refusalOf = (found: readonly Artifact[], hash: string) =>
  artifactLoader(finding(found))
    .load({ key: "w", artifact: hash })
    .then(
      () => null,
      (error: unknown) => {
        if (!KnockError.is(error, "ARTIFACT_REFUSED")) throw error;
        expect(error.details.workflow).toBe("w");
        return error.details.problem;
      },
    );

describe("refused", () => {
  test.each([
    ["it throws", "throw new Error('no such luck');", "it fails when it is loaded: no such luck"],
    ["it throws no error", "throw null;", "it fails when it is loaded: null"],
    ["it does not parse", "export default {", /it fails when it is loaded: Unexpected end of input/],
    ["it holds nothing", "export {};", "it holds no workflow"],
    ["it holds something else", "export default { key: 'w', definition: {} };", "it holds no workflow"],
    [
      "it imports a file",
      "import 'file:///etc/hostname';",
      'it fails when it is loaded: it imports "file:///etc/hostname", which is no part of it',
    ],
    [
      "it imports a package",
      "import 'esbuild';",
      'it fails when it is loaded: it imports "esbuild", which is no part of it',
    ],
    ["it imports code as data", "import 'data:text/javascript,1';", /which is no part of it/],
    ["it imports later", "await import('./other' + '.js');", /it imports ".\/other.js", which is no part of it/],
    ["it imports what is no artifact", "import 'knock://artifact/x';", /which is no address of an artifact/],
    [
      "it asks where it is",
      "import { readFileSync } from 'node:fs'; readFileSync(new URL('x', import.meta.url));",
      /it fails when it is loaded: The URL must be of scheme file/,
    ],
  ])("%s", async (_name, code, problem) => {
    const made = artifact(code);
    expect(await refusalOf([made], made.hash)).toEqual(
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    );
    // Asked again, it is refused again.
    expect(await refusalOf([made], made.hash)).toEqual(
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    );
  });

  test("it does not exist", async () => {
    const hash = hashOfCode("nothing");
    expect(await refusalOf([], hash)).toBe(`artifact ${hash} does not exist`);
  });

  test("it was tampered with", async () => {
    const { hash } = artifact("export default 1;");
    expect(await refusalOf([{ ...artifact("export default 2;"), hash }], hash)).toBe(
      `the code of artifact ${hash} does not have this hash`,
    );
  });

  test("what it imports is missing, and then is there", async () => {
    const other = artifact(`export const here = ${JSON.stringify(import.meta.url)};`);
    const made = artifact(`import ${JSON.stringify(artifactUrl(other.hash))};`);
    expect(await refusalOf([made], made.hash)).toBe(`artifact ${other.hash} does not exist`);
    expect(await refusalOf([made, { ...other, code: "1" }], made.hash)).toMatch(/does not have this hash/);
    expect(await refusalOf([made, other], made.hash)).toBe("it holds no workflow");
  });

  test("it holds another workflow", async () => {
    const { artifacts, released } = await deployed(temporary({ "workflows/w.ts": said('"x"', "another") }).root, {
      w: "workflows/w.ts",
    });
    expect(await refusalOf(artifacts, released[0]!.artifact)).toBe('it holds the workflow "another"');
  });

  test("a search that fails is no refusal", async () => {
    const lost = new Error("the database is gone");
    const loader = artifactLoader(() => Promise.reject(lost));
    await expect(loader.load({ key: "w", artifact: hashOfCode("lost") })).rejects.toBe(lost);
  });

  test("it is not signed, or by somebody else, and a key is configured: nothing of it runs", async () => {
    const made = artifact("globalThis.ran = true;");
    const [ours, theirs] = [createSigningPair(), createSigningPair()];
    const loader = artifactLoader(finding([made]));
    const open = (signature: string | null) =>
      openWorkflows([{ key: "w", artifact: made.hash, signature }], { loader, channels, publicKeys: [ours.publicKey] });
    await expect(open(null)).rejects.toThrow(/is refused: it is not signed/);
    await expect(open(signWorkflow({ key: "w", artifact: made.hash }, theirs.privateKey))).rejects.toThrow(
      /none of the config's public keys fits/,
    );
    expect("ran" in globalThis).toBe(false);
  });
});

test("workflows of different deploys may be bound to different users", async () => {
  const bound = (key: string, users: string) =>
    `${head}const workflow_ = workflowFor(z.object({ ${users} }));
export default workflow_("${key}", { data: z.object({}) }).inApp("feed", { body: ({ recipient }) => String(Object.keys(recipient)) });\n`;
  const { root } = temporary({
    "w.ts": bound("w", "plan: z.string()"),
    "v.ts": bound("v", "size: z.number()"),
    "u.ts": bound("u", "plan: z.string()"),
  });
  const { released, loader } = await deployed(root, { w: "w.ts", v: "v.ts", u: "u.ts" });
  const registry = await openWorkflows(released, { loader, channels, publicKeys: [] });
  expect([...registry.keys()]).toEqual(["w", "v", "u"]);
});

test("what does not compile is told with all its problems", async () => {
  const text = said('"x", channel: "a"').replace(".inApp", '.sms("s", { body: "x", channel: "b" }).inApp');
  const { root } = temporary({ "w.ts": text });
  const { released, loader } = await deployed(root, { w: "w.ts" });
  await expect(openWorkflows(released, { loader, channels, publicKeys: [] })).rejects.toThrow(
    /2 problems in the workflows/,
  );
});
