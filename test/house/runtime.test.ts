import { expect, test } from "vitest";
import { read } from "./source.ts";

interface Manifest {
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const manifest = JSON.parse(read("package.json")) as Manifest;

/** Whether a version is at least another one. */
const atLeast = (version: string, least: string): boolean => version.localeCompare(least, "en", { numeric: true }) >= 0;

const inexact = (dependencies: Record<string, string>) =>
  Object.entries(dependencies).filter(
    ([, version]) => !/^(npm:(@[\w-]+\/)?[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );

/** Lines of a lockfile that tie it to one registry. */
const tied = (lockfile: string) =>
  lockfile
    .split("\n")
    .filter(
      (line) =>
        /^\s*"resolved":|https?:\/\/(?!opencollective|github|[\w.-]*(?:sponsors|funding|patreon|tidelift|paulmillr|feross|ko-fi))/.test(
          line,
        ) && !/"url":/.test(line),
    );

test("the tests run on a Node that the product supports", () => {
  expect(manifest.engines.node).toBe(">=22.18");
  expect(
    atLeast(process.versions.node, "22.18.0"),
    `Node ${process.versions.node} is too old; npm installs a newer one unless scripts are switched off`,
  ).toBe(true);
  expect(atLeast("20.20.2", "22.18.0")).toBe(false);
  expect(atLeast("22.9.0", "22.18.0")).toBe(false);
  expect(atLeast("26.10.0", "22.18.0")).toBe(true);
});

test("every dependency is pinned to one version", () => {
  expect(inexact({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies })).toEqual(
    [],
  );
  const versions = { a: "^1.0.0", b: "1.x", c: "1.0.0-rc.5", d: "npm:@of/other@^1.0.0", e: "npm:@of/other@1.0.0" };
  expect(inexact(versions).map(([name]) => name)).toEqual(["a", "b", "d"]);
});

test("the lockfile is tied to no registry", () => {
  expect(tied(read("package-lock.json"))).toEqual([]);
  expect(tied('{\n  "resolved": "https://registry.example/a.tgz"\n}')).toHaveLength(1);
});
