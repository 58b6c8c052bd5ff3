// Node's own modules in a bundle.
import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
/** Matches these names and no other. */
export const anyOf = (names: readonly string[]): RegExp => new RegExp(`^(${names.map(escaped).join("|")})$`);

/** Node's own modules stay imports, by their full names. */
export const builtinsPlugin: Plugin = {
  name: "node",
  setup(build) {
    const names = builtinModules.filter((name) => !name.startsWith("_") && !name.startsWith("node:"));
    const builtin = new RegExp(`^(node:.+|${names.map(escaped).join("|")})$`);
    build.onResolve({ filter: builtin }, ({ path, kind, namespace }) => {
      if (namespace === "node-builtin") return null;
      const name = path.startsWith("node:") ? path : `node:${path}`;
      // An ES module has no `require`.
      return kind === "require-call" ? { path: name, namespace: "node-builtin" } : { path: name, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: "node-builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
