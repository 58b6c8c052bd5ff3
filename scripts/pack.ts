// What `npm pack` does around packing: compiles src to dist and lets package.json point there, and afterwards lets
// it point to src again, where the repository's own tests, workflows and tools find it without a build.
//
//   node scripts/pack.ts before   (the script "prepack")
//   node scripts/pack.ts after    (the script "postpack")
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pruneDeclarations } from "./prune-declarations.ts";

/** What one name of the package leads to: a file, or one for the compiler and one for Node. */
type Target = string | { types: string; default: string };

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const compiled = (target: Target): Target => {
  const path = typeof target === "string" ? /^\.\/src\/(.+)\.ts$/.exec(target)?.[1] : undefined;
  return path === undefined ? target : { types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` };
};

const source = (target: Target): Target =>
  typeof target === "string" ? target : target.default.replace("./dist/", "./src/").replace(/\.js$/, ".ts");

const readManifest = () => JSON.parse(readFileSync(at("package.json"), "utf8")) as { exports: Record<string, Target> };

function rewriteExports(change: (target: Target) => Target): void {
  const manifest = readManifest();
  const entries = Object.entries(manifest.exports).map(([name, target]) => [name, change(target)]);
  const changed = { ...manifest, exports: Object.fromEntries(entries) as object };
  writeFileSync(at("package.json"), `${JSON.stringify(changed, null, 2)}\n`);
}

function compile(): void {
  // What a file that is gone was compiled to would be packed as well.
  rmSync(at("dist"), { recursive: true, force: true });
  const compiler = [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.build.json")];
  const { status } = spawnSync(process.execPath, compiler, { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the source does not compile; nothing was packed");
}

/** Outside, a database or transaction of drizzle is whatever looks like one, of any version. */
const EXECUTOR = "export interface Executor { execute(query: never): unknown; select(...fields: never[]): unknown; }";

/** Declarations that compile in the projects of others: see `pruneDeclarations`. */
function simplifyDeclarations(): void {
  const file = at("dist/store/executor.d.ts");
  const text = readFileSync(file, "utf8");
  const simple = text.replace(/^export type Executor = [^;]+;/m, EXECUTOR);
  if (simple === text) throw new Error("store/executor.ts no longer declares `export type Executor = …;`");
  writeFileSync(file, simple);
  const targets = Object.values(readManifest().exports).map(compiled);
  const entries = targets.flatMap((target) => (typeof target === "string" ? [] : [at(target.types)]));
  pruneDeclarations(at("dist"), entries);
}

if (process.argv[2] === "before") {
  compile();
  simplifyDeclarations();
  rewriteExports(compiled);
} else if (process.argv[2] === "after") rewriteExports(source);
else throw new Error("say `before` or `after`");
