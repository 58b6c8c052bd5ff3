// The hash of a structure stands for its meaning: however, wherever and with whatever zod it is written, the same
// meaning gives the same hash, and any change of meaning another one.
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import * as author from "../../src/definition/author.ts";
import type { WorkflowHandle } from "../../src/definition/workflow.ts";
import { compileWorkflows } from "../../src/registry/compile.ts";
import { channels, deployed, open, withOtherZod } from "../artifacts/support/deployed.ts";
import { otherExpressions } from "../artifacts/support/other-expressions.ts";
import { makeProject } from "../cli/support/project.ts";
import { arbitraryWorkflow, type Recipe } from "./recipes/arbitrary-workflow.ts";
import { mutants, oddly, plainly, write, type Expression } from "./recipes/expression.ts";

const other = author.workflow("other", { data: z.object({ title: z.string() }) }).inApp("feed", { body: "b" });
const known = { ...author, z, other };

/** A workflow from its text, as a file would give it. */
const evaluated = (text: string): WorkflowHandle =>
  (new Function(...Object.keys(known), `return (${text});`) as (...values: unknown[]) => WorkflowHandle)(
    ...Object.values(known),
  );

/** The hash, or why there is none. */
function hashOf(text: string): string {
  try {
    const { registry, problems } = compileWorkflows({ found: evaluated(text), other }, { users: null, channels });
    return registry?.get("w")?.hash ?? `refused: ${problems.map(({ message }) => message).join("; ") || "another key"}`;
  } catch (error) {
    return `refused: ${String(error)}`;
  }
}

const plain = ({ workflow, data }: Recipe): Expression => workflow(data);
const one = arbitraryWorkflow("w");

test("the same meaning, written in another way", () => {
  let valid = 0;
  fc.assert(
    fc.property(one, fc.nat(), (recipe, seed) => {
      const hash = hashOf(write(plain(recipe), plainly));
      expect(hash).not.toMatch(/^refused/);
      expect(hashOf(write(plain(recipe), oddly(seed)))).toBe(hash);
      valid++;
    }),
    { numRuns: 100 },
  );
  expect(valid).toBe(100);
}, 60_000);

test("every change of meaning", () => {
  const counted = { changed: 0, refused: 0 };
  fc.assert(
    fc.property(one, (recipe) => {
      const expression = plain(recipe);
      const hash = hashOf(write(expression, plainly));
      for (const mutant of mutants(expression)) {
        const text = write(mutant, plainly);
        const changed = hashOf(text);
        if (changed === hash) throw new Error(`the same hash for\n${write(expression, plainly)}\nand\n${text}`);
        counted[changed.startsWith("refused") ? "refused" : "changed"]++;
      }
    }),
    { numRuns: 10 },
  );
  expect(counted.changed).toBeGreaterThan(300);
  expect(counted.changed).toBeGreaterThan(counted.refused);
}, 120_000);

const seed = fc.sample(fc.nat(), 1)[0]!;

describe(`workflows of a project, from the seed ${seed}`, () => {
  const COUNT = 40;
  const recipes = fc.sample(fc.tuple(...Array.from({ length: COUNT }, (_, index) => arbitraryWorkflow(`w-${index}`))), {
    seed,
    numRuns: 1,
  })[0]!;
  const names = Object.keys(author).join(", ");
  const head = `import { ${names} } from "knock";\nimport { z } from "zod";\n`;
  const otherFile = `${head}export const other = workflow("other", { data: z.object({ title: z.string() }) }).inApp("feed", { body: "b" });\nexport default other;\n`;

  /** A project with all workflows, each written its own way: the folders differ, and where the schemas stand. */
  function project(way: number, folder: string) {
    const files: Record<string, string> = { "package.json": '{ "type": "module" }', [`${folder}/other.ts`]: otherFile };
    for (const [index, recipe] of recipes.entries()) {
      const style = way === 0 ? plainly : oddly(way + index);
      const apart = style(2) === 1;
      const schema: Expression = apart ? { kind: "content", ways: ["schema"] } : recipe.data;
      if (apart)
        files[`lib/schemas/${index}.ts`] =
          `import { z } from "zod";\nexport const schema = ${write(recipe.data, style)};\n`;
      files[`${folder}/w-${index}.ts`] = `${head}import { other } from "./other.ts";
${apart ? `import { schema } from "../lib/schemas/${index}.ts";\n` : ""}const made = ${write(recipe.workflow(schema), style)};\nexport default made;\n`;
    }
    return makeProject(files);
  }

  const keys = [...recipes.keys()].map((index) => `w-${index}`);
  const expected = (): Map<string, string> => {
    const handles = recipes.map((recipe) => evaluated(write(plain(recipe), plainly)));
    const { registry, problems } = compileWorkflows({ ...Object.fromEntries(handles.entries()), other } as never, {
      users: null,
      channels,
    });
    expect(problems).toEqual([]);
    return new Map([...registry!.values()].map(({ key, hash }) => [key, hash]));
  };

  const made: (() => void)[] = [];
  afterAll(() => made.forEach((remove) => remove()));
  const bundled = async (way: number, folder: string) => {
    const { root, delete: remove } = project(way, folder);
    made.push(remove);
    return deployed(root, {
      ...Object.fromEntries(keys.map((key) => [key, `${folder}/${key}.ts`])),
      other: `${folder}/other.ts`,
    });
  };
  const hashes = async (bundle: Awaited<ReturnType<typeof bundled>>) =>
    new Map([...(await open(bundle)).values()].map(({ key, hash }) => [key, hash]));

  test("minified bundles of files in other folders, written in other ways, with copies of knock and zod", async () => {
    const [plainBundle, oddBundle] = [await bundled(0, "workflows"), await bundled(7, "sources")];
    expect(await hashes(plainBundle)).toEqual(expected());
    expect(await hashes(oddBundle)).toEqual(expected());
  });

  test("another release of zod", async () => {
    expect(await hashes(withOtherZod(await bundled(11, "workflows"), otherExpressions))).toEqual(expected());
  });
});
