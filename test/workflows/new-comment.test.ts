import { expect, test } from "vitest";
import { createTestKnock } from "knock/testing";
import newComment from "../../workflows/new-comment.ts";
import { users } from "../../workflows/people.ts";

const data = { comment_id: "c_1", project_id: "7", comment_text: "Ship it?", project_name: "Roadmap" };

async function team() {
  const knock = await createTestKnock({ workflows: [newComment], users });
  await knock.recipient({ id: "ada", name: "Ada", email: "ada@example.com" });
  await knock.recipient({ id: "lin", name: "Lin", email: "lin@example.com" });
  await knock.list("project.7.followers", ["ada", "lin"]);
  return knock;
}

test("followers see a comment at once, and by e-mail ten minutes later", async () => {
  await using knock = await team();
  await knock.notify(newComment, { lists: ["project.7.followers"], actor: "lin", data });
  expect(knock.sent("inApp")).toMatchObject([
    { recipient: "ada", title: "Lin commented on Roadmap", body: "Ship it?" },
  ]);
  expect(knock.sent("email")).toEqual([]);

  await knock.advance("10m");
  expect(knock.sent("email")).toMatchObject([{ to: { email: "ada@example.com" }, subject: "New comment on Roadmap" }]);
});

test("the author of a comment is not told about it", async () => {
  await using knock = await team();
  await knock.notify(newComment, { lists: ["project.7.followers"], actor: "ada", data });
  expect(knock.sent("inApp").map(({ recipient }) => recipient)).toEqual(["lin"]);
});

test("whoever switched collaboration off gets nothing, and the story says why", async () => {
  await using knock = await team();
  await knock.preferences("ada", { categories: { collaboration: false } });
  await knock.notify(newComment, { recipients: ["ada"], actor: "lin", data });
  await knock.advance("1d");
  expect([...knock.sent("inApp"), ...knock.sent("email")]).toEqual([]);
  expect(await knock.story()).toMatch(/feed\s+skipped \(PREFERENCES: category "collaboration" is off/);
});

test("a long comment is cut in the feed and whole in the e-mail", async () => {
  await using knock = await team();
  const comment_text = "word ".repeat(100);
  await knock.notify(newComment, { recipients: ["ada"], actor: "lin", data: { ...data, comment_text } });
  await knock.advance("1h");
  expect(knock.sent("inApp")[0]!.body).toHaveLength(140);
  expect(knock.sent("email")[0]!.text).toContain(comment_text.trim());
});

test("whoever has seen it in the feed gets no e-mail", async () => {
  await using knock = await team();
  await knock.notify(newComment, { lists: ["project.7.followers"], data });
  await knock.mark("ada", "SEEN");
  await knock.advance("10m");
  expect(knock.sent("email").map(({ recipient }) => recipient)).toEqual(["lin"]);
});
