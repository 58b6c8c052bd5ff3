// Packages that workflows share: bundled once, as artifacts of their own. zod in each bundle would make a workflow of
// 4 kB one of 460 kB that takes 2 MB of memory; and React must be there once for its hooks to work.
import type { BuildOptions, BuildResult } from "esbuild";
import { builtinsPlugin } from "./node-builtins.ts";
import { artifactUrl, hashOfCode } from "../artifacts/code.ts";
import type { Artifact } from "../release.ts";

/** The modules of React that share state with one another, and so one artifact. */
export const REACT_MODULES = ["react", "react/jsx-runtime", "react-dom", "react-dom/server"] as const;

/** What is the same for all bundles: equal sources give equal code, wherever they are. */
export const bundleOptions = {
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
  // The oldest Node that knock runs on: any worker can load what any checkout deploys.
  target: "node22.18",
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
  minifyWhitespace: true,
  minifyIdentifiers: true,
  // As Node and `knock dev` read files, which look at no tsconfig.
  tsconfigRaw: "{}",
  jsx: "automatic",
} as const satisfies BuildOptions;

// Default imports of CommonJS are `module.exports` in a file called .mjs.
const kitFile = "react.mjs";
const kitSource = [
  ...REACT_MODULES.map((name, index) => `import m${index} from ${JSON.stringify(name)};`),
  `export const modules = { ${REACT_MODULES.map((name, index) => `${JSON.stringify(name)}: m${index}`).join(", ")} };`,
  "export const toMarkup = (element) => modules['react-dom/server'].renderToStaticMarkup(element);",
].join("\n");

/** Makes and keeps the shared artifacts of one bundling. */
export interface SharedArtifacts {
  /** Address of a package's module, by the path of its file. */
  packageAt(file: string): Promise<string>;
  /** Address of the artifact of React, as installed for the folder. */
  react(folder: string): Promise<string>;
  /** Those that were made, by hash. */
  made: ReadonlyMap<string, Artifact>;
}

/** The shared artifacts of a project. */
export function sharedArtifacts(build: (options: BuildOptions) => Promise<BuildResult>) {
  const made = new Map<string, Artifact>();
  const begun = new Map<string, Promise<string>>();

  async function make(from: BuildOptions): Promise<string> {
    const define = { "process.env.NODE_ENV": '"production"' };
    const { outputFiles } = await build({ ...bundleOptions, ...from, define, minify: true, plugins: [builtinsPlugin] });
    const code = outputFiles![0]!.text;
    const hash = hashOfCode(code);
    made.set(hash, { hash, code, sourceMap: null, imports: [] });
    return artifactUrl(hash);
  }

  const once = (name: string, from: BuildOptions): Promise<string> => {
    const known = begun.get(name) ?? make(from);
    begun.set(name, known);
    return known;
  };

  const shared: SharedArtifacts = {
    packageAt: (file) => once(file, { entryPoints: [file] }),
    react: (folder) =>
      once(`react of ${folder}`, { stdin: { contents: kitSource, resolveDir: folder, sourcefile: kitFile } }),
    made,
  };
  return shared;
}
