import { expect, test } from "vitest";
import { isSigned, signWorkflow } from "../../src/deploy/artifacts/signature.ts";
import { knock } from "./support/command.ts";
import { temporary } from "./support/project.ts";

const workflow = { key: "welcome", artifact: "a".repeat(64) };

test("`knock keys signing` makes a pair that works, anywhere", async () => {
  const cwd = temporary({}).root;
  const { code, stdout, stderr } = await knock(["keys", "signing", "--json"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { publicKey, privateKey } = JSON.parse(stdout) as { publicKey: string; privateKey: string };
  const signature = signWorkflow(workflow, privateKey);
  expect(isSigned({ ...workflow, signature }, [publicKey])).toBe(true);
});

test("for people it says where each half goes", async () => {
  const { code, stdout } = await knock(["keys", "signing"], { cwd: temporary({}).root });
  expect(code).toBe(0);
  const halves = /private {2}(\S+)\n {2}public {3}(\S+)/.exec(stdout)!;
  expect(stdout).toContain("KNOCK_SIGNING_KEY");
  expect(stdout).toContain(`deploy: { publicKeys: ["${halves[2]}"] }`);
  const signature = signWorkflow(workflow, halves[1]!);
  expect(isSigned({ ...workflow, signature }, [halves[2]!])).toBe(true);
});
