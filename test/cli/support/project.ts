// Projects of users, made in a temporary folder, as they would look after an installation.
import { globSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const PACKAGES = ["zod", "react", "react-dom", "esbuild"];

/** Files by their path in the project. */
export type Files = Record<string, string>;

/** A workflow file that only has a feed step. */
export const feedWorkflow = (key: string, fields = "title: z.string()", body = "Hello"): string => `
import { workflow } from "knock";
import { z } from "zod";

export default workflow("${key}", { data: z.object({ ${fields} }) }).inApp("feed", { body: "${body}" });
`;

/** A project in which nothing is wrong: two workflows, a feed and a mail channel that needs a variable. */
export const soundProject: Files = {
  "package.json": '{ "type": "module", "private": true }',
  "knock.config.ts": `
import { defineConfig, env, inApp } from "knock";
import { smtp } from "knock/providers/smtp";
import * as workflows from "./workflows/index.ts";

export default defineConfig({
  workflows,
  channels: { feed: inApp(), mail: smtp({ url: env("SMTP_URL"), from: "hello@example.com" }) },
});
`,
  "workflows/index.ts": `
export { default as greeting } from "./greeting.ts";
export { default as report } from "./report.ts";
`,
  "workflows/greeting.ts": feedWorkflow("greeting"),
  "workflows/report.ts": `
import { workflow } from "knock";
import { z } from "zod";

export default workflow("report", { data: z.object({}) }).email("mail", { subject: "Your report", body: "Numbers." });
`,
};

export interface Project {
  root: string;
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Removes the whole project. */
  delete(): void;
}

/** Makes a project. The caller removes it, or the end of the test with `temporary`. */
export function makeProject(files: Files = soundProject): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "knock-project-")));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(join(root, "node_modules"));
  symlinkSync(repository, join(root, "node_modules", "knock"));
  for (const name of PACKAGES) symlinkSync(join(repository, "node_modules", name), join(root, "node_modules", name));
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    root,
    write,
    remove: (path) => rmSync(join(root, path)),
    delete: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A project that is gone when the test ends. */
export function temporary(files: Files = soundProject): Project {
  const project = makeProject(files);
  onTestFinished(project.delete);
  return project;
}

/** Everything in a folder, by its path; installed packages apart. */
export const contentsOf = (root: string): string[] =>
  globSync("**/*", { cwd: root, exclude: (path) => path === "node_modules" }).toSorted();
