import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql, knock, type Running, startKnock, startTemporarily } from "./support/command.ts";
import { feedWorkflow, makeProject, type Project, soundProject, temporary } from "./support/project.ts";

const READY = /graphql +(http:\/\/localhost:\d+)\/graphql/;

const NOTIFY = `mutation ($input: NotifyDynamicInput!) {
  notifyDynamic(input: $input) { __typename ... on NotifySuccess { notification { id } } ... on Error { code message } }
}`;

const dataTypes = `{ __type(name: "NotifyWorkflowInput") { inputFields { name type { inputFields { name } } } } }`;

interface InputType {
  inputFields: { name: string; type: InputType }[];
}

/** The names of the data fields of a workflow, in the schema that is served now. */
async function dataFields(url: string, workflow: string): Promise<string[]> {
  const { data } = await graphql<{ __type: InputType }>(url, dataTypes);
  const member = data.__type.inputFields.find(({ name }) => name === workflow);
  return member!.type.inputFields.map(({ name }) => name);
}

describe("a running knock dev", () => {
  let project: Project;
  let running: Running;
  let url: string;

  beforeAll(async () => {
    project = makeProject();
    // SMTP_URL is not set: nothing is sent, so nothing is needed to send.
    running = startKnock(["dev", "--port", "0", "--seed"], { cwd: project.root });
    url = (await running.waitFor(READY))[1]!;
    await running.waitFor(/people/);
  });

  afterAll(async () => {
    running.signal("SIGKILL");
    await running.ended;
    project.delete();
  });

  test("the panel says what is loaded, where it answers and where messages go, and nothing else", async () => {
    const printed = running.output();
    const panel = printed
      .slice(printed.indexOf("  knock "))
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(0, 5);
    expect(panel).toEqual([
      expect.stringMatching(/^ {2}knock \d+\.\d+\.\d+ {3}embedded PostgreSQL \(\.knock\) {3}ready in [\d.]+ m?s$/),
      "  workflows  2   greeting  report",
      "  channels   feed in-app, stored   mail e-mail, printed here",
      "  delivery   nothing leaves this machine (--send delivers for real)",
      `  graphql    ${url}/graphql   GraphiQL in a browser, works offline`,
    ]);
    expect(running.output()).not.toMatch(/studio|press/);
    expect(running.output()).not.toContain("\u001B[");
  });

  test("what the panel says is there: the start page, GraphiQL, health", async () => {
    const page = await (await fetch(url)).text();
    expect(page).toContain("greeting");
    expect(page).toContain("/graphql");
    expect((await fetch(new URL(/href="(\/v1\/[^"]+)"/.exec(page)![1]!, url))).status).toBe(200);
    const graphiql = await fetch(`${url}/graphql`, { headers: { accept: "text/html" } });
    expect(graphiql.headers.get("content-type")).toContain("text/html");
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test("one line for each decision, with its reason, and mails are printed instead of sent", async () => {
    const { data } = await graphql<{ notifyDynamic: { __typename: string } }>(url, NOTIFY, {
      variables: { input: { workflow: "report", recipients: ["ada", "kenji", "sam"], data: {} } },
    });
    expect(data.notifyDynamic.__typename).toBe("NotifySuccess");
    await running.waitFor(/printed, not sent/);
    const lines = running.output().split("\n");
    const line = (recipient: string) =>
      lines.find((text) => text.includes(`report → ${recipient} `) && text.includes("mail"));
    expect(line("ada")).toMatch(/^\d\d:\d\d:\d\d {2}[0-9a-f]{6} {2}– report → ada +mail +skipped: email is off/);
    expect(line("sam")).toMatch(/– report → sam +mail +skipped: the recipient has no email address/);
    expect(line("kenji")).toMatch(/✓ report → kenji +mail +message made/);
    expect(running.output()).toContain("│ subject: Your report");
  });

  test("a save becomes a new schema, and says how long it took", async () => {
    const saved = performance.now();
    project.write(
      "workflows/greeting.ts",
      feedWorkflow("greeting", "title: z.string(), mentions: z.array(z.string()).optional()"),
    );
    const [, told] = await running.waitFor(/↻ workflows\/greeting\.ts {2}data schema changed: greeting {2}(\d+) ms/);
    const untilLine = performance.now() - saved;
    expect(await dataFields(url, "greeting")).toEqual(["mentions", "title"]);
    const untilSchema = performance.now() - saved;
    console.log(
      `hot reload: line after ${Math.round(untilLine)} ms (says ${told} ms), new schema read after ${Math.round(untilSchema)} ms`,
    );
    // 100 ms on an idle machine; this one may be busy with other tests.
    expect(untilSchema).toBeLessThan(1_000);
  });

  test("a mistake is one clean line, the last good version goes on, and the next save repairs it", async () => {
    const before = running.output().length;
    project.write("workflows/greeting.ts", "export default {;");
    await running.waitFor(/✗ workflows\/greeting\.ts:1:\d+ {2}syntax error.*the last good version keeps running\n/);
    const printed = running.output().slice(before).trimEnd();
    expect(printed.split("\n")).toHaveLength(1);
    expect(printed).not.toMatch(/node:internal| at /);
    const { data } = await graphql<{ notifyDynamic: { __typename: string } }>(url, NOTIFY, {
      variables: { input: { workflow: "greeting", recipients: ["ada"], data: { title: "still here" } } },
    });
    expect(data.notifyDynamic.__typename).toBe("NotifySuccess");
    project.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Repaired"));
    await running.waitFor(/↻ workflows\/greeting\.ts {2}data schema changed: greeting/);
  });

  test("a change of the config says what of it waits for a restart", async () => {
    const config = soundProject["knock.config.ts"]!;
    const changed = config.replace(
      "channels:",
      'timezone: "Europe/Zurich", fetch: { allowPrivateAddresses: true }, channels:',
    );
    project.write("knock.config.ts", changed);
    await running.waitFor(/↻ knock\.config\.ts {2}taken over[^\n]*\n +! after a restart only: timezone, fetch\n/);
    const before = running.output().length;
    project.write("knock.config.ts", config);
    await running.waitFor(/↻ knock\.config\.ts {2}taken over[^\n]*\n/);
    expect(running.output().slice(before)).not.toContain("restart");
  });

  test("a new workflow appears with its line in the index; a forgotten line is named", async () => {
    project.write("workflows/invoice.ts", feedWorkflow("invoice"));
    await running.waitFor(
      /✗ workflows\/invoice\.ts.*not exported.*add to workflows\/index\.ts: export \{ default as invoice \} from "\.\/invoice\.ts";/,
    );
    project.write(
      "workflows/index.ts",
      `${soundProject["workflows/index.ts"]}export { default as invoice } from "./invoice.ts";\n`,
    );
    await running.waitFor(/↻ workflows\/index\.ts {2}new: invoice/);
    const { data } = await graphql<{ notifyDynamic: { __typename: string } }>(url, NOTIFY, {
      variables: { input: { workflow: "invoice", recipients: ["ada"], data: { title: "x" } } },
    });
    expect(data.notifyDynamic.__typename).toBe("NotifySuccess");
    await running.waitFor(/✓ invoice → ada/);
  });

  test("a second process in the same folder is told where the first one is", async () => {
    const second = await knock(["dev", "--port", "0"], { cwd: project.root });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      /The embedded database in .* is in use by process \d+\.\n→ Talk to that process at http:\/\/localhost:\d+/,
    );
    expect(second.stderr).toContain(url);
  });

  test("other commands talk to it by themselves", async () => {
    const { code, stdout } = await knock(
      ["notify", "greeting", "--recipient", "sam", "--data", '{"title":"hi"}', "--json"],
      { cwd: project.root },
    );
    expect({ code, answer: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      answer: { status: "accepted", warnings: [] },
    });
    await running.waitFor(/✓ greeting → sam/);
    const wrong = await knock(["notify", "greetin", "-r", "sam"], { cwd: project.root });
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain('Did you mean "greeting"?');
    const invalid = await knock(["notify", "greeting", "-r", "sam", "--data", '{"title":1}'], { cwd: project.root });
    expect(invalid.code).toBe(1);
    expect(invalid.stderr).toMatch(/data\.title/);
    const noJson = await knock(["notify", "greeting", "-r", "sam", "--data", "{title}"], { cwd: project.root });
    expect(noJson.stderr).toContain("it is not JSON");
  });

  test("a cancel is a line", async () => {
    project.write(
      "workflows/later.ts",
      `import { workflow } from "knock";
import { z } from "zod";

export default workflow("later", { data: z.object({}) }).delay("wait", "1h").inApp("feed", { body: "b" });
`,
    );
    project.write(
      "workflows/index.ts",
      `${soundProject["workflows/index.ts"]}export { default as invoice } from "./invoice.ts";\nexport { default as later } from "./later.ts";\n`,
    );
    await running.waitFor(/new: later/);
    await knock(["notify", "later", "-r", "sam", "-r", "ada", "--cancellation-key", "c-1"], { cwd: project.root });
    await running.waitFor(/◷ later → (sam|ada)[^]*◷ later → (sam|ada)/);
    await knock(["cancel", "c-1"], { cwd: project.root });
    await running.waitFor(/■ cancelled by the key c-1: 2 runs of 1 notification ended\n/);
  });

  // Last: it ends the process.
  test("Ctrl-C ends it cleanly, and what was there is there again", async () => {
    running.signal("SIGINT");
    expect(await running.ended).toBe(0);
    running = startKnock(["dev", "--port", "0"], { cwd: project.root });
    url = (await running.waitFor(READY))[1]!;
    const { data } = await graphql<{ users: { edges: { node: { id: string } }[] } }>(
      url,
      "{ users(first: 10) { edges { node { id } } } }",
    );
    expect(data.users.edges.map(({ node }) => node.id)).toEqual(["ada", "kenji", "sam"]);
  });
});

test("a project that is broken from the start is waited for", async () => {
  const project = temporary({ ...soundProject, "workflows/greeting.ts": "export default {;" });
  const running = startTemporarily(["dev", "--port", "0"], { cwd: project.root });
  await running.waitFor(/✗ workflows\/greeting\.ts:1:\d+[\s\S]*waiting for a change/);
  project.write("workflows/greeting.ts", feedWorkflow("greeting"));
  await running.waitFor(READY);
  running.signal("SIGTERM");
  expect(await running.ended).toBe(0);
});

test("ended while it waits for a repair", async () => {
  const project = temporary({ ...soundProject, "workflows/greeting.ts": "export default {;" });
  const running = startTemporarily(["dev"], { cwd: project.root });
  await running.waitFor(/waiting for a change/);
  running.signal("SIGINT");
  expect(await running.ended).toBe(0);
});

test("a port that is in use is named, with one that is free; nothing is left running", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const { root: cwd } = temporary();
  const { code, stderr } = await knock(["dev", "--port", String(port)], { cwd });
  holder.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`Port ${port} is in use\\.\\n→ Choose another port: --port \\d+ is free\\.`));
});

test("an address that others can reach is refused without keys", async () => {
  const { root: cwd } = temporary();
  const { code, stderr } = await knock(["dev", "--host", "0.0.0.0", "--port", "0"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain("would be reachable at 0.0.0.0 without any key");
});

test("--send needs what the channels need, and says so before anything starts", async () => {
  const { root: cwd } = temporary();
  const { code, stderr } = await knock(["dev", "--send", "--port", "0"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain("SMTP_URL");
});
