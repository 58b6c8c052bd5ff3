import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { demo } from "../../demo/demo.ts";
import { type Story, stories } from "../../demo/stories.ts";
import { processTerminal, type Terminal } from "../../src/cli/terminal.ts";

const main = fileURLToPath(new URL("../../demo/main.ts", import.meta.url));

const story = (beginning: string): Story => stories.find(({ title }) => title.startsWith(beginning))!;

describe("npm run demo", () => {
  let code: number | string | null | undefined;
  let out = "";
  let error = "";

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      execFile(process.execPath, [main], { env: { ...process.env, NO_COLOR: "1" } }, (failure, stdout, stderr) => {
        [code, out, error] = [failure ? failure.code : 0, stdout, stderr];
        resolve();
      });
    });
  });

  const storyIn = (number: number) => out.split(/^ (?=\d {2}\S)/m)[number] ?? "";

  test("ends with 0 and says nothing but what it is asked for", () => {
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out.trimEnd()).toMatch(/✓ everything as the rules say {3}7 stories, \d+ facts, [\d.]+ s$/);
    expect(out).not.toContain("\u001B[");
  });

  test("an invitation reaches both, in the feed and by e-mail", () => {
    expect(storyIn(1)).toMatch(
      /user_1 completed\n +feed +✓ in-app delivered +Lin Weber invited Grace as member\.\n +mail +✓ e-mail sent +Grace was invited/,
    );
    expect(storyIn(1)).toContain("user_2 completed");
  });

  test("a workflow without data", () => {
    expect(storyIn(2)).toContain("Welcome to Knock · Hello Ada Park,");
  });

  test("two lists that share a person and hold the actor make three runs, and a mail ten minutes later", () => {
    const [first = "", later = ""] = storyIn(3).split("ten minutes pass");
    expect(first.match(/user_\d waiting/g)).toEqual(["user_1 waiting", "user_2 waiting", "user_4 waiting"]);
    expect(first).toContain("user_4 waiting   through team.7.members");
    expect(first).not.toContain("mail");
    expect(later).toMatch(/mail +✓ e-mail sent +New comment on Roadmap/);
    expect(later).toMatch(/mail +– skipped +CONDITION: steps\.feed\.seen is true/);
    expect(later).toMatch(/mail +– skipped +MISSING_ADDRESS: the recipient has no email address/);
  });

  test("a missing member, and nobody to notify, are refused with what to do", () => {
    expect(storyIn(4)).toMatch(/→ INVALID_DATA .*\n +data\.project_name {2}.*\n.*\n +nothing was stored/);
    expect(storyIn(5)).toMatch(/→ RECIPIENTS_REQUIRED .*\n.*\n +nothing was stored/);
  });

  test("the second call with a key names the first", () => {
    const [, id] = /→ accepted notification (\S+)/.exec(storyIn(6)) ?? [];
    expect(storyIn(6)).toContain(`made notification ${id}.`);
    expect(storyIn(6).match(/→ DUPLICATE_NOTIFICATION/g)).toHaveLength(1);
  });

  test("who does not want it does not get it, and the reason is told", () => {
    expect(storyIn(7)).toMatch(
      /user_1 completed\n +feed +✓ in-app delivered.*\n +mail +– skipped +PREFERENCES: email is off/,
    );
    expect(storyIn(7)).toMatch(/user_2 completed\n +feed +– skipped +PREFERENCES: category "account" is off/);
  });
});

describe("the demo does not believe itself", () => {
  const printed: string[] = [];
  const terminal: Terminal = { ...processTerminal({ NO_COLOR: "1" }), out: (line = "") => void printed.push(line) };

  test("it fails, and says what differs, when something else happens than the rules say", async () => {
    const { prepare: _prepare, ...withoutPreferences } = story("Two people");
    expect(await demo(terminal, [withoutPreferences])).toBe(1);
    const output = printed.join("\n");
    expect(output).toContain("✗ expected, but not so: user_1 mail: skipped PREFERENCES");
    expect(output).toContain("✗ not expected: mail to ada@example.com: Grace was invited to your account");
    expect(output).toContain("✗ not as the rules say");
  });
});
