// The package as a team has it: packed, installed into an empty folder, with the commands that docs/cli.md shows, on
// every Node that is supported.
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphql, startTemporarily } from "./support/command.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "knock-package-")));
const app = join(folder, "app");
// Twenty thousand files: on a machine that is busy this takes longer than other hooks have.
afterAll(() => rm(folder, { recursive: true, force: true }), 240_000);

/** The oldest that is supported, and the one between it and that of this repository. */
const OTHER_NODES = ["22.18.0", "24.21.0"];
const nodeFolder = (version: string): string =>
  version === process.versions.node
    ? dirname(process.execPath)
    : join(folder, `node-${version}`, "node_modules/node/bin");

// What the npm that runs these tests says to its scripts would lead the ones below elsewhere.
const OUTSIDE =
  /^(npm_(?!config_(registry|cache|userconfig|globalconfig)$)|KNOCK_|NODE_OPTIONS|VITEST|DATABASE_URL|SMTP_URL|INIT_CWD|FORCE_COLOR)/i;
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTSIDE.test(name)));
const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };

/** Runs a command to its end, with a Node in front of every other. */
function run(command: string, { cwd, node = process.versions.node }: { cwd: string; node?: string }) {
  const env = { ...inherited, ...quiet, npm_config_prefer_offline: "true", NO_COLOR: "1" };
  return new Promise<{ code: number; text: string; out: string }>((resolve) => {
    execFile(
      "/bin/sh",
      ["-c", command],
      { cwd, env: { ...env, PATH: `${nodeFolder(node)}${delimiter}${inherited.PATH}` }, maxBuffer: 2 ** 26 },
      (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, text: `${out}${err}` }),
    );
  });
}

async function succeed(command: string, options: Parameters<typeof run>[1]): Promise<string> {
  const { code, text, out } = await run(command, options);
  expect(code, `${command}\n${text}`).toBe(0);
  return out;
}

/** Packing changes package.json for a moment: not where others read it. */
async function pack(): Promise<{ file: string; size: number; unpackedSize: number; paths: string[] }> {
  const copy = join(folder, "repository");
  mkdirSync(copy);
  for (const part of [
    "src",
    "bin",
    "drizzle",
    "docs",
    "scripts",
    "README.md",
    "package.json",
    "tsconfig.json",
    "tsconfig.build.json",
  ])
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  const out = await succeed(`npm pack --json --pack-destination "${folder}"`, { cwd: copy });
  type Packed = { filename: string; size: number; unpackedSize: number; files: { path: string }[] };
  const said = JSON.parse(out.slice(out.search(/^[[{]/m))) as Packed[] | Record<string, Packed>;
  const [packed] = Object.values(said);
  const { filename, size, unpackedSize, files } = packed!;
  const manifest = (at: string): string => readFileSync(join(at, "package.json"), "utf8");
  expect(manifest(copy)).toBe(manifest(repository));
  return { file: join(folder, filename), size, unpackedSize, paths: files.map(({ path }) => path) };
}

/** The commands of docs/cli.md for a new project, one a line. */
function documented(): string[] {
  const page = readFileSync(join(repository, "docs/cli.md"), "utf8");
  const block = /<!-- run: a new project -->\n```sh\n([^]*?)```/.exec(page)![1]!;
  return block.split("\n").flatMap((line) => line.replace(/\s+#.*$/, "") || []);
}

let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  const nodes = OTHER_NODES.map(async (version) => {
    const cwd = join(folder, `node-${version}`);
    mkdirSync(cwd);
    writeFileSync(join(cwd, "package.json"), '{ "private": true, "allowScripts": { "node": true } }');
    await succeed(`npm install node@${version}`, { cwd });
  });
  packed = await pack();
  await Promise.all(nodes);
}, 240_000);

test("it holds what runs, what types and what explains, and nothing else", () => {
  const expected =
    /^(package\.json|README\.md|LICENSE|bin\/knock\.mjs|dist\/.+\.(js|d\.ts)|drizzle\/[^/]+\/migration\.sql|docs\/[^/]+\.(md|svg|png))$/;
  expect(packed.paths.filter((path) => !expected.test(path))).toEqual([]);
  expect(packed.paths).toEqual(
    expect.arrayContaining(["bin/knock.mjs", "dist/index.js", "dist/index.d.ts", "dist/cli/main.js"]),
  );
  expect(packed.size).toBeLessThan(1_000_000);
  expect(packed.unpackedSize).toBeLessThan(4_000_000);
});

test("the documented commands make a project that runs", { timeout: 240_000 }, async () => {
  mkdirSync(app);
  const commands = documented();
  expect(commands.at(-1)).toBe("npm run dev");
  for (const command of commands.slice(0, -1)) {
    const real = command.replace(/\S*knock-[\d.]+\.tgz/, packed.file);
    const { code, text } = await run(real, { cwd: app });
    // A plan says with its exit code that there is something to deploy.
    expect(code, `${real}\n${text}`).toBe(command.includes("--plan") ? 2 : 0);
  }
  expect(await succeed("npm run dev -- --help", { cwd: app })).toContain("Usage: knock dev");
});

test("another workflow: its files are in order, types included", { timeout: 120_000 }, async () => {
  const given = "--channel inApp,email --data 'order_id:string,carrier:dhl|ups,total:number?'";
  await succeed(`npx knock new workflow order-shipped ${given}`, { cwd: app });
  await succeed("npm run check", { cwd: app });
});

/** Every name of the package, used as its documentation says, and misused where the compiler must object. */
const CONSUMER = `
import { createKnock, defineConfig, env, inApp, workflow } from "knock";
import { createClient, createFeed } from "knock/client";
import { createMetrics } from "knock/metrics";
import { smtp } from "knock/providers/smtp";
import { verifySignature } from "knock/providers/webhook";
import { createTestKnock, type TestKnock } from "knock/testing";
import { z } from "zod";
import type * as workflows from "../workflows/index.ts";

const paid = workflow("paid", { data: z.object({ amount: z.number() }) }).inApp("feed", {
  body: ({ data }) => data.amount.toFixed(2),
});
export const config = defineConfig({
  workflows: { paid },
  channels: { feed: inApp(), mail: smtp({ url: env("SMTP_URL"), from: "a@example.com" }) },
});
const metrics = createMetrics();
const knock = await createKnock({ config, db: "postgres://localhost/x", listeners: metrics.listeners });
await knock.notify(paid, { recipients: ["ada"], data: { amount: 1 }, tx: { query: async () => ({ rows: [] }) } });
await metrics.text({ database: knock.database, clock: knock.engine.context.clock });
const client = createClient<typeof workflows>({ url: "http://localhost:7300" });
await client.notify("welcome", { recipients: ["ada"], data: { product: "Acme" } });
const feed = createFeed({ url: "http://localhost:7300", token: "t", filter: { status: "UNREAD" } });
await feed.markAs([feed.getSnapshot().items[0]!.id], "READ");
export const made: Promise<TestKnock> = createTestKnock({ workflows: [paid] });
export { verifySignature };

// @ts-expect-error the data has another type
await knock.notify(paid, { recipients: ["ada"], data: { amount: "1" } });
// @ts-expect-error there is no such workflow
await client.notify("welcom", { recipients: ["ada"], data: { product: "Acme" } });
// @ts-expect-error the data lacks a member
await client.notify("welcome", { recipients: ["ada"], data: {} });
// @ts-expect-error there is no such mark
await feed.markAs([], "DONE");
// @ts-expect-error not a type that swallows everything
export const number: number = knock.database;
`;

/** What only projects with React have. */
const INTERFACE = `
import { Inbox, KnockProvider, Preferences, styles, useFeed } from "knock/react";

export const css: string = styles;
export const unread = (): number => useFeed({ filter: { category: "comments" } }).counts.unreadCount;
export const page = (
  <KnockProvider url="http://localhost:7300" token={async () => "t"}>
    <Inbox onItemClick={(item, event) => item.readAt === null && event.preventDefault()} />
    <Preferences by="workflows" />
  </KnockProvider>
);
// @ts-expect-error there is no such theme
export const wrong = <KnockProvider url="" token="" theme="blue" />;
`;

/** Installed as a team would have it; the registry need not be asked for what is here already. */
function addReact(): void {
  for (const name of ["react", "@types/react", "csstype"]) {
    const from = join(repository, "node_modules", name);
    mkdirSync(dirname(join(app, "node_modules", name)), { recursive: true });
    cpSync(from, join(app, "node_modules", name), { recursive: true });
  }
}

test("its types are checked with all declarations, in the strictest way", { timeout: 120_000 }, async () => {
  mkdirSync(join(app, "consumer"));
  writeFileSync(join(app, "consumer/all.ts"), CONSUMER);
  writeFileSync(join(app, "consumer/interface.tsx"), INTERFACE);
  addReact();
  const options = { skipLibCheck: false, noUncheckedSideEffectImports: true, jsx: "react-jsx" };
  writeFileSync(
    join(app, "consumer/tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions: options, include: ["."] }),
  );
  await succeed("npx tsc -p consumer", { cwd: app });
});

test("what a browser gets of it is small, and brings React alone", { timeout: 60_000 }, async () => {
  const options = {
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
  } as const satisfies BuildOptions;
  const bundle = (text: string) =>
    build({ ...options, stdin: { contents: text, resolveDir: app }, external: ["react", "react/jsx-runtime"] });
  const feed = await bundle('import { createFeed } from "knock/client"; globalThis.made = createFeed;');
  expect(gzipSync(feed.outputFiles[0]!.text).length).toBeLessThan(10_000);
  const { outputFiles } = await bundle(
    'import { Inbox, KnockProvider } from "knock/react"; globalThis.made = [Inbox, KnockProvider];',
  );
  expect(outputFiles[0]!.text).toMatch(/from"react"/);
  expect(gzipSync(outputFiles[0]!.text).length).toBeLessThan(25_000);
});

// On the Node of this repository the documented commands have done that already.
test.each(OTHER_NODES)("check, test and plan on Node %s", { timeout: 120_000 }, async (node) => {
  expect((await succeed("node --version", { cwd: app, node })).trim()).toBe(`v${node}`);
  rmSync(join(app, ".knock"), { recursive: true, force: true });
  await succeed("npx knock check", { cwd: app, node });
  await succeed("npm test", { cwd: app, node });
  const plan = await run("npx knock sync --plan --json", { cwd: app, node });
  expect(plan.code, plan.text).toBe(2);
  expect(JSON.parse(plan.out)).toMatchObject({ plan: { changes: true } });
});

test.each([...OTHER_NODES, process.versions.node])(
  "dev on Node %s: a notification is delivered",
  { timeout: 120_000 },
  async (node) => {
    const bin = join(app, "node_modules/knock/bin/knock.mjs");
    const dev = startTemporarily(["dev", "--json", "--port", "0"], {
      cwd: app,
      bin,
      node: join(nodeFolder(node), "node"),
    });
    const [, url] = await dev.waitFor(/"message":"ready".*?"url":"([^"]+)"/);
    const query = `mutation {
      notify(input: {
        workflow: { welcome: { product: "Acme" } }, recipients: ["ada"], identify: [{ id: "ada", email: "ada@example.com" }]
      }) { __typename }
    }`;
    expect(await graphql(url!, query)).toMatchObject({ data: { notify: { __typename: "NotifySuccess" } } });
    await dev.waitFor(/"message":"delivery".*?"outcome":"sent"/);
    dev.signal("SIGTERM");
    expect(await dev.ended).toBe(0);
  },
);
