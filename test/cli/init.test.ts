// What comes of it is installed and run in package.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knock } from "./support/command.ts";
import { contentsOf, temporary } from "./support/project.ts";

const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8");
const manifestOf = (root: string) => JSON.parse(read(root, "package.json")) as Record<string, Record<string, string>>;

test("a project that is in order, in a folder that is made", async () => {
  const { root: cwd } = temporary({});
  const { code, stdout, stderr } = await knock(["init", "our/Own News"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("✓ workflows/welcome.ts\n");
  expect(stdout).toContain("Now: cd our/Own News && npm install && npm run dev");
  const root = join(cwd, "our/Own News");
  expect(manifestOf(root)).toMatchObject({ name: "own-news", type: "module", private: true });
  expect((await knock(["check", "--json"], { cwd: root })).stdout).toContain('"ok": true');
});

test("what is there stays; package.json gets what it lacks", async () => {
  const { root: cwd } = temporary({
    "package.json":
      '{ "name": "ours", "scripts": { "test": "ours" }, "dependencies": { "knock": "file:../k.tgz" }, "devDependencies": { "zod": "4.0.0" } }',
    "README.md": "ours",
  });
  const { code, stdout } = await knock(["init", "--json"], { cwd });
  expect(code).toBe(0);
  const answer = JSON.parse(stdout) as { folder: string; written: string[]; kept: string[] };
  expect(answer).toMatchObject({ folder: cwd, kept: ["README.md"] });
  expect(answer.written).toContain("knock.config.ts");
  expect(read(cwd, "README.md")).toBe("ours");
  const manifest = manifestOf(cwd);
  expect(manifest).toMatchObject({ name: "ours", type: "module", dependencies: { knock: "file:../k.tgz" } });
  expect(manifest["scripts"]).toMatchObject({ test: "ours", dev: "knock dev" });
  expect(manifest["dependencies"]).not.toHaveProperty("zod");
  expect(Object.keys(manifest["devDependencies"]!)).toEqual(["@types/node", "typescript", "vitest", "zod"]);
});

const refused: [what: string, files: Record<string, string>, message: string][] = [
  ["a project", { "knock.config.ts": "mine" }, "There is a project already: knock.config.ts."],
  ["a project in JavaScript", { "knock.config.mjs": "mine" }, "There is a project already: knock.config.mjs."],
  ["CommonJS", { "package.json": '{ "type": "commonjs" }' }, "workflows are ES modules"],
  ["a package.json that cannot be read", { "package.json": "{" }, "package.json is not JSON."],
  ["a workflow that would be overwritten", { "workflows/index.ts": "mine" }, "workflows/index.ts exists already"],
];

test.each(refused)("refused, and nothing written: %s", async (_what, files, message) => {
  const { root: cwd } = temporary(files);
  const before = contentsOf(cwd);
  const { code, stdout, stderr } = await knock(["init"], { cwd });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain(message);
  expect(contentsOf(cwd)).toEqual(before);
  for (const [path, text] of Object.entries(files)) expect(read(cwd, path)).toBe(text);
});
