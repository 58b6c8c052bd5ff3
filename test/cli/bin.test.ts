import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("../../bin/knock.mjs", import.meta.url));

/** Makes a runtime say that it is another one, before anything else runs. */
const posingAs = (version: string) => {
  const versions = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  return ["--import", `data:text/javascript,${encodeURIComponent(versions)}`];
};

const run = (args: string[], execPath = process.execPath) =>
  new Promise<{ code: number; out: string; error: string }>((resolve) => {
    execFile(execPath, args, (failure, out, error) => {
      resolve({ code: failure ? Number(failure.code ?? 1) : 0, out, error });
    });
  });

async function alone<Result>(work: (copy: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "knock-bin-"));
  try {
    await mkdir(join(folder, "bin"));
    const copy = join(folder, "bin", "knock.mjs");
    await copyFile(bin, copy);
    return await work(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.each(["12.22.0", "20.20.2", "22.17.1"])(
  "Node %s is refused in one sentence that says what to do",
  async (version) => {
    const { code, out, error } = await alone((copy) => run([...posingAs(version), copy, "dev"]));
    expect({ code, out, error }).toEqual({
      code: 1,
      out: "",
      error: `knock needs Node 22.18 or newer, and this is ${version}: \`npm ci\` brings Node 26, and then \`npm run …\` and \`npx knock …\` use it.\n`,
    });
  },
);

test("Node 22.18 is enough", async () => {
  const { error } = await alone((copy) => run([...posingAs("22.18.0"), copy, "--version"]));
  expect(error).not.toContain("knock needs Node");
});

test("its syntax is one that old runtimes read", async () => {
  const text = await readFile(bin, "utf8");
  expect(text).not.toMatch(/^(?:(?:const|let) .*= )?await /m);
  expect(text).not.toMatch(/\?\.[a-z[(]|\?\?|\.at\(|Object\.hasOwn|from "node:/);
});

test("the version is that of the package", async () => {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(await run([bin, "--version"])).toEqual({ code: 0, out: `${version}\n`, error: "" });
});

test("an exit code is passed on", async () => {
  expect((await run([bin, "no-such-command"])).code).toBe(2);
});
