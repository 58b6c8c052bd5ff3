// The tests that the pages show are executed: each is written to a file and imported here, where its
// `test(…)` registers it as one of ours.
import { afterAll, describe, expect, test } from "vitest";
import { createTestKnock } from "knock/testing";
import newComment from "../../workflows/new-comment.ts";
import { users } from "../../workflows/people.ts";
import { layOut, newFolder, removeFolder } from "./lay-out.ts";
import { blocksIn, readDocs } from "./read-docs.ts";

const folder = newFolder();
afterAll(() => removeFolder(folder));

const placed = layOut(folder, blocksIn("ts", "tsx")).filter(({ block }) => block.text.includes('from "vitest"'));

for (const { file, block } of placed) {
  describe(`${block.page}:${block.line}`, async () => void (await import(file)));
}

test("there are tests to execute", () => expect(placed.length).toBeGreaterThan(2));

test("the story that docs/testing.md shows is the one that is told", async () => {
  await using knock = await createTestKnock({ workflows: [newComment], users });
  await knock.recipient({ id: "ada", email: "ada@example.com" });
  await knock.preferences("ada", { categories: { collaboration: false } });
  const data = { comment_id: "c_1", project_id: "7", comment_text: "Ship it?", project_name: "Roadmap" };
  await knock.notify(newComment, { recipients: ["ada"], data });
  await knock.advance("1d");
  const page = readDocs().find(({ path }) => path === "docs/testing.md")!;
  const shown = /<!-- output: story of the test above -->\n```text\n([^]*?)```/.exec(page.text)![1]!;
  expect(await knock.story()).toBe(shown.trimEnd());
});
