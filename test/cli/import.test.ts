import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memberCount, pageMembers } from "../../src/store/lists.ts";
import { findUsers } from "../../src/store/users.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { knock, startTemporarily } from "./support/command.ts";
import { soundProject, temporary } from "./support/project.ts";

const withUsers = {
  ...soundProject,
  "knock.config.ts": soundProject["knock.config.ts"]!.replace(
    "workflows,",
    "workflows, users: z.object({ seats: z.number().optional(), beta: z.boolean().optional(), zip: z.string().optional() }),",
  ).replace("import { defineConfig", 'import { z } from "zod";\nimport { defineConfig'),
};

test("a list of 50,000 lines", async () => {
  const { root: cwd } = temporary();
  const url = await testPostgresUrl();
  const env = { DATABASE_URL: url };
  const lines = Array.from({ length: 50_000 }, (_, index) => `user_${index},${index % 2 ? "admin" : "member"}`);
  writeFileSync(join(cwd, "followers.csv"), `user_id,role\n${lines.join("\n")}\n`);
  const { code, stdout, stderr } = await knock(["lists", "import", "project.7.followers", "followers.csv"], {
    cwd,
    env,
  });
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "✓ 50,000 imported into list project.7.followers\n",
    stderr: "",
  });
  const { db } = await testPool(url);
  expect(await memberCount(db, "project.7.followers")).toBe(50_000);
  const page = await pageMembers(db, "project.7.followers", { first: 2 });
  expect(JSON.stringify(page)).toContain('"role":"admin"');
  const again = await knock(["lists", "import", "project.7.followers", "followers.csv", "--json"], { cwd, env });
  expect(JSON.parse(again.stdout)).toEqual({ imported: 50_000, bad: 0, badLines: [] });
  expect(await memberCount(db, "project.7.followers")).toBe(50_000);
});

test("bad lines are named with their numbers, the others are imported, and the exit code tells", async () => {
  const { root: cwd } = temporary();
  const url = await testPostgresUrl();
  const env = { DATABASE_URL: url };
  const input = [
    '{"userId":"a"}',
    "{broken",
    '{"properties":{}}',
    '{"userId":"b","role":"x"}',
    `{"userId":"${"x".repeat(300)}"}`,
    '{"userId":"c"}',
  ].join("\n");
  const { code, stdout, stderr } = await knock(["lists", "import", "team", "-", "--format", "jsonl"], {
    cwd,
    env,
    input,
  });
  expect(code).toBe(1);
  expect(stdout).toBe("✓ 2 imported into list team, 4 lines left out\n");
  expect(stderr.trimEnd().split("\n")).toEqual([
    "✗ line 2: not JSON",
    "✗ line 3: there is no id; name the column id or user_id",
    '✗ line 4: unknown member "role"; own data belongs into properties',
    expect.stringMatching(/^✗ line 5: .*256/),
  ]);
  const { db } = await testPool(url);
  expect(await memberCount(db, "team")).toBe(2);
});

test("what no line could change fails at once: a bad list name, no file, no format", async () => {
  const { root: cwd } = temporary();
  const env = { DATABASE_URL: await testPostgresUrl() };
  writeFileSync(join(cwd, "ids.csv"), "id\na\n");
  const name = await knock(["lists", "import", "a b", "ids.csv"], { cwd, env });
  expect(name).toMatchObject({ code: 1, stdout: "" });
  expect(name.stderr).toContain("name of a list");
  expect((await knock(["lists", "import", "a", "nothing.csv"], { cwd, env })).stderr).toContain(
    "there is no readable file nothing.csv",
  );
  expect((await knock(["lists", "import", "a", "ids.txt"], { cwd, env })).stderr).toContain("--format csv");
  expect((await knock(["lists", "import", "a", "ids.csv", "--format", "xml"], { cwd, env })).code).toBe(2);
});

test("users from CSV: known columns, typed properties, empty cells that change nothing, through a server as well", async () => {
  const { root: cwd } = temporary(withUsers);
  const url = await testPostgresUrl();
  const env = { DATABASE_URL: url, SMTP_URL: "smtp://127.0.0.1:9" };
  writeFileSync(
    join(cwd, "users.csv"),
    'id,name,email,phone_number,seats,beta,zip\nada,"Park, Ada",ada@example.com,+441,3,true,01234\nbob,Bob,not-an-address,,,,\nsam,Sam,,,,,\n',
  );
  const local = await knock(["users", "import", "users.csv"], { cwd, env });
  expect(local.code).toBe(1);
  expect(local.stderr).toContain("✗ line 3: email: must be an e-mail address");
  const { db } = await testPool(url);
  expect([...(await findUsers(db, ["ada", "bob", "sam"])).values()]).toMatchObject([
    {
      id: "ada",
      name: "Park, Ada",
      email: "ada@example.com",
      phoneNumber: "+441",
      properties: { seats: 3, beta: true, zip: "01234" },
    },
    { id: "sam", name: "Sam", email: null, properties: {} },
  ]);

  const server = startTemporarily(["start", "--port", "0"], { cwd, env });
  const address = (await server.waitFor(/"url":"(http:[^"]+)"/))[1]!;
  writeFileSync(join(cwd, "more.csv"), "id,email\nsam,sam@example.com\nzed,nowhere\n");
  const remote = await knock(["users", "import", "more.csv", "--url", address], { cwd });
  expect(remote.code).toBe(1);
  expect(remote.stderr).toContain("✗ line 3: email: must be an e-mail address");
  expect((await findUsers(db, ["sam"])).get("sam")).toMatchObject({ name: "Sam", email: "sam@example.com" });
});
