import { defineConfig } from "vitest/config";

// Vite would pick graphql's "development" build while Pothos and Yoga, loaded by Node, get the normal one:
// "Cannot use GraphQLSchema from another module or realm". These are the conditions that Node itself uses.
const ssr = { resolve: { conditions: ["node", "module-sync"] } };

/** Test folders whose files run once on each driver, except for `*.pglite.test.ts` and `*.postgres.test.ts`. */
const STORED = ["store", "engine", "api", "deploy", "knock"];
/** Test folders that bring an embedded database of their own: the harness and what is tested with it. */
const EMBEDDED = ["workflows", "testing"];
/** Test folders that start real processes, servers or browsers. */
const PROCESSES = ["cli", "server", "demo", "docs", "sdk", "browser"];

const within = (folders: string[], ending = ".test.{ts,tsx}") =>
  folders.map((folder) => `test/${folder}/**/*${ending}`);

const project = (name: string, test: Record<string, unknown>) => ({
  ssr,
  test: { name, testTimeout: 20_000, hookTimeout: 60_000, ...test },
});

export default defineConfig({
  test: {
    // Two cores are what the smallest machine has, and a PGlite takes 300 MB.
    maxWorkers: 2,
    reporters: ["default", "./test/support/summary-reporter.ts"],
    projects: [
      project("unit", {
        include: ["test/**/*.test.{ts,tsx}"],
        exclude: within([...STORED, ...EMBEDDED, ...PROCESSES]),
      }),
      project("pglite", {
        include: within([...STORED, ...EMBEDDED]),
        exclude: within(STORED, ".postgres.test.ts"),
        globalSetup: "test/support/pglite-setup.ts",
        provide: { driver: "pglite" },
      }),
      project("postgres", {
        include: within(STORED),
        exclude: within(STORED, ".pglite.test.ts"),
        globalSetup: "test/support/postgres-setup.ts",
        provide: { driver: "postgres" },
      }),
      project("process", {
        include: within(PROCESSES),
        globalSetup: "test/support/postgres-setup.ts",
        testTimeout: 60_000,
        provide: { driver: "postgres" },
      }),
    ],
  },
});
