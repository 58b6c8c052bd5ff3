// What a command says of a failure that nobody answered with a code of ours.
import picocolors from "picocolors";
import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import type { Cli } from "../../src/cli/cli.ts";
import { reportError } from "../../src/cli/report-error.ts";

function told(error: unknown, json = false): string {
  const lines: string[] = [];
  const say = (text = "") => void lines.push(text);
  const terminal = { out: say, err: say, paintErr: picocolors.createColors(false) };
  reportError(error, { cli: { terminal } as unknown as Cli, verbose: false, json });
  return lines.join("\n");
}

test("a file that may not be used is named, and is no mistake of ours", () => {
  const denied = Object.assign(new Error("EACCES: permission denied, open '/srv/w.ts'"), {
    code: "EACCES",
    path: "/srv/w.ts",
  });
  expect(told(denied)).toBe(
    "✗ /srv/w.ts cannot be used: this user has no permission.\n→ Check who may read and write it, and whether its disk has room.",
  );
  expect(told(new Error("boom"))).toContain("Something went wrong on our side: boom");
});

test("hints are for who typed a command, also as JSON", () => {
  const nobody = new KnockError("RECIPIENTS_REQUIRED", {});
  expect(told(nobody)).toContain("→ Name at least one user with --recipient <id>");
  expect(JSON.parse(told(nobody, true))).toMatchObject({
    error: { code: "RECIPIENTS_REQUIRED", hint: expect.stringContaining("--recipient") },
  });
  const near = new KnockError("UNKNOWN_WORKFLOW", { workflow: "greting", nearest: "greeting" });
  expect(told(near)).toContain('Did you mean "greeting"?');
  expect(told(new KnockError("UNKNOWN_WORKFLOW", { workflow: "zzz", nearest: null }))).toContain("`knock status`");
});
