import type { Import, Source } from "./source.ts";

interface Layer {
  /** Layers it may import; `:types` allows types alone. */
  layers: string[];
  /** npm packages it may import. Node's own are open to all, but see `boundToNode`. */
  packages: string[];
}

const core = ["base", "definition", "channels", "registry", "store", "engine"];

/** Who may import whom: DESIGN, section 3. What is not listed is refused. Type imports obey it too. */
export const layers: Record<string, Layer> = {
  base: { layers: [], packages: ["temporal-polyfill"] },
  definition: { layers: ["base"], packages: ["zod"] },
  channels: { layers: ["base"], packages: ["zod", "nodemailer"] },
  registry: {
    layers: ["base", "definition", "channels"],
    packages: ["zod", "liquidjs", "html-to-text", "react", "react-dom"],
  },
  store: {
    layers: ["base", "channels", "definition:types", "registry:types"],
    packages: ["drizzle-orm", "postgres", "@electric-sql/pglite", "pg-boss"],
  },
  engine: { layers: core, packages: ["zod", "pg-boss", "@opentelemetry/api", "rrule-temporal", "croner", "jose"] },
  deploy: { layers: core, packages: ["esbuild", "zod"] },
  api: {
    layers: [...core, "deploy"],
    packages: [
      "graphql",
      "graphql-yoga",
      "@graphql-yoga/render-graphiql",
      "@pothos/core",
      "@pothos/plugin-scope-auth",
      "zod",
      "qs",
      "ws",
    ],
  },
  client: { layers: ["base", "definition:types"], packages: [] },
  react: { layers: ["base", "client"], packages: ["react"] },
  studio: { layers: [], packages: [] },
  // Composition roots: the library, the server, the command line and the test harness put the parts together.
  "knock.ts": { layers: [...core, "deploy"], packages: [] },
  "index.ts": { layers: [...core, "deploy", "knock.ts"], packages: [] },
  server: { layers: [...core, "deploy", "api", "knock.ts"], packages: ["graphql", "prom-client", "ws"] },
  cli: {
    layers: [...core, "deploy", "api", "server", "knock.ts"],
    packages: ["commander", "picocolors", "esbuild", "zod"],
  },
  testing: { layers: [...core, "deploy", "knock.ts"], packages: ["zod", "vitest"] },
};

const layerOf = (path: string): string => path.split("/")[1]!;

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function refusal(from: string, { specifier, target, kind }: Import): string | null {
  const layer = layers[from];
  if (!layer) return `src/${from} is no layer; the table in test/house/layers.ts lists them`;
  if (target !== null) {
    if (!target.startsWith("src/")) return kind === "type" || target.endsWith(".json") ? null : "leaves src/";
    const to = layerOf(target);
    if (to === from || layer.layers.includes(to)) return null;
    if (layer.layers.includes(`${to}:types`))
      return kind === "type" ? null : `${from} may import types alone from ${to}`;
    return `${from} may import ${layer.layers.join(", ") || "no other layer"}`;
  }
  if (specifier.startsWith("node:")) return null;
  if (layer.packages.includes(packageOf(specifier))) return null;
  return `${from} may import ${layer.packages.join(", ") || "no package"}`;
}

/** Imports that the table does not allow. */
export function brokenLayers(sources: Source[]): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap((found) => {
      const why = refusal(layerOf(path), found);
      return why === null ? [] : [`${path}:${found.line} imports ${found.specifier}: ${why}`];
    }),
  );
}

/** Files that import each other's values, each knot as the way round it. */
export function valueCycles(sources: Source[]): string[] {
  const next = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ kind, target }) => kind === "value" && target).map(({ target }) => target!),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const follow = (path: string, way: string[]) => {
    const seen = way.indexOf(path);
    if (seen >= 0) {
      cycles.push([...way.slice(seen), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const target of next.get(path) ?? []) follow(target, [...way, path]);
    done.add(path);
  };
  for (const path of next.keys()) follow(path, []);
  return cycles;
}

/** Files whose values the client needs and that need Node: it also runs in a browser. */
export function boundToNode(sources: Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set(sources.map(({ path }) => path).filter((path) => /^src\/(client|react)\//.test(path)));
  for (const path of reached) {
    for (const { target, kind } of byPath.get(path)?.imports ?? []) if (target && kind !== "type") reached.add(target);
  }
  return [...reached].flatMap((path) =>
    (byPath.get(path)?.imports ?? [])
      .filter(({ specifier, kind }) => specifier.startsWith("node:") && kind !== "type")
      .map(
        ({ specifier, line }) => `${path}:${line} imports ${specifier}, and the client needs this file in a browser`,
      ),
  );
}

/** Providers that reach for another one: each is the contract and its vendor. */
export function tangledProviders(sources: Source[]): string[] {
  const folder = "src/channels/providers/";
  return sources
    .filter(({ path }) => path.startsWith(folder))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ target, kind }) => kind !== "type" && target?.startsWith(folder))
        .map(({ line, specifier }) => `${path}:${line} imports ${specifier}`),
    );
}
