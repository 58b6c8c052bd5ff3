// What docs/explain.md shows is what is told of the story that it tells.
import { expect, test } from "vitest";
import { explain } from "../../src/engine/explain/explain.ts";
import { explanationText } from "../../src/engine/explain/text.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/database.ts";
import newComment from "../../workflows/new-comment.ts";
import { users } from "../../workflows/people.ts";
import { drive } from "../support/engine.ts";
import { readDocs } from "./read-docs.ts";

const page = readDocs().find(({ path }) => path === "docs/explain.md")!;
const shown = [...page.text.matchAll(/```text\n\$ knock explain (\w+) [^\n]*\n([^]*?)```/g)];

/** Ids are new each time. */
const withoutIds = (text: string) => text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>").trim();

test("the explanations of docs/explain.md", async () => {
  const database = await openDatabase({ memory: true });
  await migrate(database);
  const { knock, advance } = await drive({ database, handles: [newComment], users });
  for (const id of ["grace", "ada", "linus"]) await knock.users.upsert({ id, email: `${id}@example.com` });
  const list = "project.7.followers";
  const categories = { collaboration: { channelTypes: { email: false } } };
  await knock.preferences.set({
    of: { userId: "ada" },
    preferences: { categories, workflows: { "new-comment": true } },
  });
  await knock.lists.addMembers({
    list,
    members: [{ userId: "ada", properties: { role: "owner" } }, { userId: "linus" }, { userId: "grace" }],
  });
  await advance("1d");
  await knock.lists.removeMembers({ list, userIds: ["linus"] });
  await advance("1d");
  const data = { comment_id: "c_1", project_id: "7", comment_text: "Ship it?", project_name: "Roadmap" };
  await knock.notify(newComment, { lists: [list], actor: "grace", data });
  await advance("30m");
  expect(shown.map(([, userId]) => userId)).toEqual(["ada", "linus", "grace"]);
  for (const [, userId, text] of shown) {
    const told = await explain(knock.engine.context, { userId: userId!, workflow: "new-comment" });
    if (!told.ok) throw told.error;
    const lines = told.explanations.flatMap((explanation) => {
      const refs = explanation.steps.map(({ ref, kind }) => `${ref} (${kind}): `);
      return explanationText(explanation).map((line) =>
        refs.some((ref) => line.startsWith(ref)) ? `  ${line}` : line,
      );
    });
    expect(withoutIds(text!)).toBe(withoutIds(lines.join("\n")));
  }
  await knock.stop();
  await database.close();
});
