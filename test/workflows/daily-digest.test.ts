import { expect, test } from "vitest";
import { createTestKnock } from "knock/testing";
import dailyDigest from "../../workflows/daily-digest.ts";
import { users } from "../../workflows/people.ts";

const activity = (what: string, project_name = "Roadmap") => ({ project_name, what, url: "https://example.com/p/7" });

/** Ada in Zurich, where it is nine o'clock on a Monday unless another moment is given. */
async function follower(now = "2026-03-02T08:00:00Z") {
  const knock = await createTestKnock({ workflows: [dailyDigest], users, now });
  await knock.recipient({ id: "ada", name: "Ada", email: "ada@example.com", timezone: "Europe/Zurich" });
  await knock.recipient({ id: "lin", name: "Lin" });
  const happens = (what: string, project?: string) =>
    knock.notify(dailyDigest, { recipients: ["ada"], actor: "lin", data: activity(what, project) });
  return Object.assign(knock, { happens });
}

test("what happens is in the feed at once, and in one mail the next morning, by project", async () => {
  await using knock = await follower();
  await knock.happens("added a file");
  await knock.happens("closed a task", "Website");
  await knock.happens("asked a question");
  expect(knock.sent("inApp").map(({ body }) => body)).toContain("Lin closed a task in Website.");

  await knock.advance("23h");
  expect(knock.sent("email")).toEqual([]);
  await knock.advance("1h");
  const [mail, ...others] = knock.sent("email");
  expect(others).toEqual([]);
  expect(mail!.subject).toBe("3 things happened in your projects");
  expect(mail!.text).toBe(
    [
      "Roadmap\nLin added a file: https://example.com/p/7\nLin asked a question: https://example.com/p/7",
      "Website\nLin closed a task: https://example.com/p/7",
    ].join("\n\n"),
  );
});

test("of a busy day the mail has the last twenty, and says how many there were", async () => {
  await using knock = await follower();
  for (let n = 1; n <= 23; n++) await knock.happens(`added file ${n}`);
  await knock.advance("1d");
  const [mail] = knock.sent("email");
  expect(mail!.subject).toBe("23 things happened in your projects");
  expect(mail!.text).toMatch(/^3 things before these are in your feed\.\n\nRoadmap\nLin added file 4:/);
  expect(mail!.text).toContain("Lin added file 23:");
});

test("a weekend comes on Monday at nine, also when the clocks have changed", async () => {
  await using knock = await follower("2026-03-27T08:00:00Z");
  await knock.happens("added a file");
  await knock.advance("1d");
  await knock.happens("asked a question");
  // On Sunday clocks go forward: nine o'clock is now 07:00 in UTC.
  await knock.advance("1d");
  await knock.advance("1379m");
  expect(knock.sent("email")).toEqual([]);
  await knock.advance("1m");
  expect(knock.sent("email").map(({ subject }) => subject)).toEqual(["2 things happened in your projects"]);
});

test("a quarter of a year is a mail each working day", async () => {
  await using knock = await follower();
  for (let day = 0; day < 91; day++) {
    await knock.happens(`added file ${day}`);
    await knock.advance("1d");
  }
  const subjects = knock.sent("email").map(({ subject }) => subject);
  expect(subjects).toHaveLength(65);
  expect(subjects.filter((subject) => subject === "3 things happened in your projects")).toHaveLength(13);
});

test("whoever wants no mails has no digest, and the feed all the same", async () => {
  await using knock = await follower();
  await knock.preferences("ada", { channelTypes: { email: false } });
  await knock.happens("added a file");
  await knock.advance("1d");
  expect(knock.sent("inApp")).toHaveLength(1);
  expect(knock.sent("email")).toEqual([]);
  expect(await knock.story()).toMatch(/mail\s+skipped \(PREFERENCES/);
});
