// The files of a new project.
import { identifierOf } from "./identifier.ts";
import { indexLine, type NewWorkflow, testText, workflowText } from "./workflow-files.ts";
import type { NewFiles } from "./write-files.ts";

/** What `package.json` of this package says, as far as a new project repeats it. */
export interface OwnManifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** What `package.json` of a project says, as far as it is looked at. */
export interface ProjectManifest extends Record<string, unknown> {
  name?: string;
  type?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const SCRIPTS = {
  dev: "knock dev",
  start: "knock start",
  check: "knock check && tsc",
  test: "vitest run",
};
const DEV_DEPENDENCIES = ["@types/node", "typescript", "vitest"];

const pick = (versions: Record<string, string>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (versions[name] === undefined ? [] : [[name, versions[name]]])));

const sorted = (record: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** `package.json`: what is there stays, what is missing is added. */
export function completeManifest(existing: ProjectManifest, name: string, own: OwnManifest): ProjectManifest {
  const dependencies = { knock: own.version, ...pick(own.dependencies, ["zod"]) };
  const devDependencies = pick(own.devDependencies, DEV_DEPENDENCIES);
  const { dependencies: has = {}, devDependencies: hasDev = {}, scripts = {}, ...rest } = existing;
  const lacking = (wanted: Record<string, string>) =>
    Object.fromEntries(Object.entries(wanted).filter(([key]) => !(key in has) && !(key in hasDev)));
  return {
    name,
    private: true,
    type: "module",
    ...rest,
    // npm asks before it runs install scripts; this one only puts a binary in its place.
    allowScripts: { esbuild: true, ...(rest["allowScripts"] as object | undefined) },
    scripts: { ...SCRIPTS, ...scripts },
    dependencies: sorted({ ...has, ...lacking(dependencies) }),
    devDependencies: sorted({ ...hasDev, ...lacking(devDependencies) }),
  };
}

const CONFIG = `// What this deployment runs. Secrets are named here and read from the environment at start.
import { defineConfig, env, inApp } from "knock";
import { smtp } from "knock/providers/smtp";
import * as workflows from "./workflows/index.ts";

export default defineConfig({
  workflows,
  channels: {
    feed: inApp(),
    mail: smtp({
      url: env("SMTP_URL", "smtp://localhost:1025"),
      from: env("MAIL_FROM", "Acme <hello@example.com>"),
    }),
  },
});
`;

const TESTING = `import { defineConfig } from "vitest/config";

// The first test of a file starts an embedded database, which takes seconds on a machine that is busy.
export default defineConfig({ test: { testTimeout: 30_000 } });
`;

const COMPILER = {
  compilerOptions: {
    target: "es2024",
    lib: ["esnext"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    jsx: "react-jsx",
  },
  include: ["workflows", "test", "knock.config.ts", "vitest.config.ts"],
};

const IGNORED = "node_modules/\n.knock/\n.env\n";

const readme = (name: string): string => `# ${name}

The notifications of this project: each file in \`workflows/\` is one workflow, \`knock.config.ts\` says which channels
there are.

\`\`\`sh
npm install
npm run dev        # everything on this machine, with an embedded database; messages are printed
npm test           # the tests of the workflows
npm run check      # every mistake, with its file and line
\`\`\`

While \`npm run dev\` runs, notify somebody:

\`\`\`sh
npx knock users import people.csv
npx knock notify welcome --recipient ada --data '{"product": "Acme"}'
\`\`\`

Another workflow: \`npx knock new workflow order-shipped --channel inApp,email --data order_id:string\`. Deploying:
\`npx knock sync --plan\`, then \`npx knock sync\`. Everything else: \`npx knock --help\`, and \`node_modules/knock/docs\`.
`;

const WELCOME: NewWorkflow = {
  key: "welcome",
  name: "Welcome",
  identifier: identifierOf("welcome"),
  data: [{ name: "product", schema: "z.string()", example: '"Acme"', readable: true }],
  steps: [
    { type: "inApp", channel: "feed", named: false },
    { type: "email", channel: "mail", named: false },
  ],
  from: "knock",
  users: false,
};

/** The files of a new project, without `package.json`. */
export const projectFiles = (name: string): NewFiles => ({
  "knock.config.ts": CONFIG,
  "tsconfig.json": `${JSON.stringify(COMPILER, null, 2)}\n`,
  "vitest.config.ts": TESTING,
  "workflows/index.ts": indexLine(WELCOME),
  "workflows/welcome.ts": workflowText(WELCOME),
  "test/workflows/welcome.test.ts": testText(WELCOME),
  "people.csv": "id,name,email\nada,Ada,ada@example.com\nkenji,Kenji,kenji@example.com\n",
  ".gitignore": IGNORED,
  "README.md": readme(name),
});
