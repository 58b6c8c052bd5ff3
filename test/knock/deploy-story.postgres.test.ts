// A team's story, told from outside: the command line in a checkout, a server and a worker of a process each, GraphQL.
// 1,000 runs wait and 200 batches are open while their workflows change below them. Each chapter goes on from the one
// before. Instead of waiting for hours, `timeComes` moves the moments that the rows wait for.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { eventually } from "../support/engine.ts";
import { fingerprints } from "../support/inspect.ts";
import { ARCHIVE_TEXT, PLAN, PLAN_TEXT } from "./story/plan.ts";
import { firstDeploy, OPEN, REFUSED, secondDeploy, short, textsWith, thirdDeploy, told } from "./story/said.ts";
import { people, startTeam } from "./story/team.ts";
import { batches, ends, runs, texts, timeComes, unexplained, ways, windows } from "./story/totals.ts";
import { after, indexOf } from "./story/workflows.ts";

const CUSTOMERS = people(0, 1_000);
/** Those whose time comes after the deploy, after the rollback, after the end of the workflow. */
const [FIRST, SECOND, THIRD] = [CUSTOMERS.slice(0, 600), CUSTOMERS.slice(600, 800), CUSTOMERS.slice(800)];
/** Readers with two news and with one; the last are never told of any. */
const [TWO_NEWS, ONE_NEWS, UNTOLD] = [people(0, 50), people(50, 50), people(100, 50)];
const SUMMED = people(150, 50);
const [NEW_DONE, NEW_WAITING] = [people(2_000, 20), people(2_020, 10)];
const BACK = people(2_030, 5);
const NEW_READER = people(2_035, 1);

const later = new Date(systemClock.now().getTime() + 3_600_000).toISOString();
const orderOld = { order: "A-7", ships_at: later, speed: "express" };
const orderNew = { order: "B-8", ships_at: later, ready_at: later, speed: "fast" };

let team: Awaited<ReturnType<typeof startTeam>>;
let second: string;
beforeAll(async () => {
  team = await startTeam();
}, 120_000);
afterAll(() => team?.end());

/** Asks again until there is exactly this. */
async function become(question: () => Promise<string[]>, right: readonly string[]): Promise<void> {
  const wanted = JSON.stringify(right);
  const found = await eventually(question, (lines) => JSON.stringify(lines) === wanted).catch(question);
  expect(found).toEqual(right);
}

/** Resolves when nobody writes any more: a little after the last message there are still rows that are put away. */
async function stillness(): Promise<void> {
  let last = "";
  const isStill = async () => {
    const before = last;
    last = JSON.stringify(await fingerprints(team.database));
    return last === before;
  };
  await eventually(isStill, Boolean, { every: 150 });
}

/** What a command prints that changes no row of any table. */
async function writesNothing(...args: string[]) {
  await stillness();
  const before = await fingerprints(team.database);
  const finished = await team.knock(...args);
  expect(await fingerprints(team.database)).toEqual(before);
  return { ...finished, stdout: told(finished.stdout), stderr: told(finished.stderr) };
}

/** What a command prints that does what it says. */
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await team.knock(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return told(stdout);
}

describe("a team deploys, changes its mind, and goes back", { timeout: 60_000 }, () => {
  test("the first commit is deployed, and the same again writes nothing", async () => {
    const { commit, synced } = team.first;
    expect({ ...synced, stdout: told(synced.stdout) }).toEqual({
      code: 0,
      stderr: "",
      stdout: firstDeploy(commit),
    });
    const again = { code: 0, stderr: "", stdout: "✓ nothing to do: PostgreSQL has the same 3 workflows\n" };
    expect(await writesNothing("sync")).toEqual(again);
  });

  test("1,000 runs wait in a delay, and 200 batches are open", async () => {
    await team.enlist("customers", CUSTOMERS);
    const customers = { list: "customers", members: CUSTOMERS };
    await team.notify({ workflow: "order", to: customers, data: orderOld });
    await team.notify({ workflow: "digest", to: [...TWO_NEWS, ...ONE_NEWS, ...UNTOLD], data: { title: "one" } });
    await team.notify({ workflow: "summary", to: SUMMED, data: { title: "one" } });
    // Two calls at once may come in any order, and the first run to arrive carries the batch.
    await become(() => batches(team.database), ["digest open 150 with 1", "summary open 50 with 1"]);
    await team.notify({ workflow: "digest", to: TWO_NEWS, data: { title: "two" } });
    await team.notify({ workflow: "summary", to: SUMMED, data: { title: "two" } });
    await become(
      () => runs(team.database),
      [
        "digest v1 completed 50",
        "digest v1 waiting 150",
        "order v1 waiting 1000",
        "summary v1 completed 50",
        "summary v1 waiting 50",
      ],
    );
    expect(await batches(team.database)).toEqual([
      "digest open 100 with 1",
      "digest open 50 with 2",
      "summary open 50 with 2",
    ]);
    expect(await team.lostOrTwice()).toEqual([]);
  });

  test("the plan says what changes and for how many, to the word, and changes nothing", async () => {
    second = team.commit("Ben", after);
    expect(await writesNothing("sync", "--plan")).toEqual({ code: 3, stderr: "", stdout: PLAN_TEXT });
    const { code, stdout } = await writesNothing("sync", "--plan", "--json");
    const data: unknown = JSON.parse(stdout);
    expect({ code, data }).toEqual({
      code: 3,
      data: { environment: null, place: "PostgreSQL", commit: second, plan: PLAN },
    });
  });

  test("what breaks callers and runs is refused, and nothing is written", async () => {
    expect(await writesNothing("sync")).toEqual(REFUSED);
    const { code, stdout } = await writesNothing("sync", "--json");
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, error: { code: "BREAKING_CHANGE" }, plan: PLAN });
  });

  test("deployed all the same: who waits finishes in v1 with the new texts, who comes runs v2", async () => {
    expect(await done("sync", "--allow-breaking")).toBe(secondDeploy(second));
    await team.followed(1);
    expect(await writesNothing("sync")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ nothing to do/) });
    expect(await team.refusal({ workflow: "order", to: NEW_DONE, data: orderOld })).toBe("INVALID_DATA");
    await team.notify({ workflow: "order", to: [...NEW_DONE, ...NEW_WAITING], data: orderNew });
    const received = ["order v1 received 1000: We have your order.", "order v2 received 30: We have your order."];
    await become(() => texts(team.database, "order"), received);
    await timeComes(team.database, "order", [...FIRST, ...NEW_DONE]);
    await become(
      () => ways(team.database, "order"),
      [
        "v1 600: received done, hold done, shipped done, survey skipped RETIRED, thanks done",
        "v2 20: received done, hold done, thanks done, shipped done, track done",
      ],
    );
    expect(await texts(team.database, "order")).toEqual([
      "order v1 received 1000: We have your order.",
      "order v1 shipped 600: Order A-7 left by express mail.",
      "order v1 thanks 600: Thank you!",
      "order v2 received 30: We have your order.",
      "order v2 shipped 20: Order B-8 left by fast mail.",
      "order v2 thanks 20: Thank you!",
      "order v2 track 20: Follow B-8.",
    ]);
  });

  test("an open batch keeps its end, takes the limits of who arrives, and goes on as its carrier", async () => {
    const { database } = team;
    const before = await ends(database, [...ONE_NEWS, ...UNTOLD]);
    // The third of a batch fills it, by the limit of its own version.
    await team.notify({ workflow: "digest", to: [...TWO_NEWS, ...ONE_NEWS, ...NEW_READER], data: { title: "three" } });
    await become(
      () => batches(database),
      ["digest closed 50 with 3", "digest open 50 with 2", "digest open 51 with 1", "summary open 50 with 2"],
    );
    expect(before).toHaveLength(100);
    expect(await ends(database, [...ONE_NEWS, ...UNTOLD])).toEqual(before);
    expect(await windows(database, [...ONE_NEWS, ...UNTOLD])).toEqual(["100 of 60 minutes"]);
    expect(await windows(database, NEW_READER)).toEqual(["1 of 120 minutes"]);
    await become(
      () => texts(database, "digest"),
      ["digest v1 feed 50: 3 new things", "digest v1 note 50: There is more in the archive."],
    );
    await timeComes(database, "digest", ONE_NEWS);
    // Of this one the batch step is gone.
    await timeComes(database, "summary", SUMMED);
    await team.notify({ workflow: "summary", to: NEW_READER, data: { title: "three" } });
    await become(
      () => texts(database, "digest"),
      [
        "digest v1 feed 50: 2 new things",
        "digest v1 feed 50: 3 new things",
        "digest v1 note 100: There is more in the archive.",
      ],
    );
    await become(
      () => texts(database, "summary"),
      ["summary v1 feed 50: Just now: one", "summary v2 feed 1: Just now: three"],
    );
    expect(await batches(database)).toEqual([
      "digest closed 50 with 2",
      "digest closed 50 with 3",
      "digest open 51 with 1",
      "summary closed 50 with 2",
    ]);
  });

  test("versions say who, when and from what; a rollback brings steps and texts back", async () => {
    expect(await done("versions", "order")).toBe(`● v2     <time>  ${short(second)}        by Ben  10 open runs
  v1     <time>  ${short(team.first.commit)}        by Ada  400 open runs
`);
    const refused = await writesNothing("rollback", "order");
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("order: breaks callers: data.ready_at: key removed"),
    });
    expect(await done("rollback", "order", "--allow-breaking", "--author", "Cem"))
      .toBe(`✓ order v1 is the current version again in PostgreSQL

  ~ order  changed    v2 → v1  4 steps, data, 4 texts, 410 runs under way

  deploy <id>
`);
    await team.followed(2);
    await team.notify({ workflow: "order", to: BACK, data: orderOld });
    const received = "order v1 received 1005: We have your order.";
    await eventually(
      () => texts(team.database, "order"),
      (lines) => lines.includes(received),
    );
    await timeComes(team.database, "order", [...SECOND, ...NEW_WAITING, ...BACK]);
    await become(
      () => ways(team.database, "order"),
      [
        "v1 205: received done, hold done, shipped done, survey done, thanks done",
        "v1 600: received done, hold done, shipped done, survey skipped RETIRED, thanks done",
        "v2 10: received done, hold done, thanks done, shipped done, track skipped RETIRED",
        "v2 20: received done, hold done, thanks done, shipped done, track done",
      ],
    );
    expect(await texts(team.database, "order")).toEqual(textsWith(205));
    expect(await done("versions", "order")).toBe(`  v2     <time>  ${short(second)}        by Ben
● v1     <time>  rollback       by Cem  200 open runs
`);
  });

  test("a workflow that is gone is not archived over open runs, unless they may finish", async () => {
    const third = team.commit("Ben", { "workflows/index.ts": indexOf("digest", "summary") }, ["workflows/order.ts"]);
    expect(await writesNothing("sync", "--plan")).toEqual({ code: 3, stderr: "", stdout: ARCHIVE_TEXT });
    expect(await writesNothing("sync")).toEqual(OPEN);
    expect(await done("sync", "--archive-open=finish")).toBe(thirdDeploy(third));
    await team.followed(3);
    expect(await team.refusal({ workflow: "order", to: BACK, data: orderOld })).toBe("UNKNOWN_WORKFLOW");
    await timeComes(team.database, "order", THIRD);
    await become(() => texts(team.database, "order"), textsWith(405));
  });

  test("or are cancelled", async () => {
    const fourth = team.commit("Ben", { "workflows/index.ts": indexOf("summary") }, ["workflows/digest.ts"]);
    const before = await texts(team.database, "digest");
    const { code, stdout } = await writesNothing("sync", "--json");
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 1,
      error: { code: "OPEN_RUNS", message: expect.stringContaining('have open runs: "digest" (51).') },
    });
    expect(await done("sync", "--archive-open=cancel")).toBe(`✓ 1 workflow archived in PostgreSQL

  - digest   archived   v2  51 runs open
  = summary  unchanged  v2

  deploy <id> by Ben
  commit ${short(fourth)}
`);
    // At once, with what is in their batches: nothing is left whose time could come.
    expect(await ends(team.database, [...UNTOLD, ...NEW_READER])).toEqual([]);
    await team.followed(4);
    expect(await texts(team.database, "digest")).toEqual(before);
    expect(await writesNothing("sync")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ nothing to do/) });
  });

  test("in the end no run is lost and none is twice, and both processes are those of the beginning", async () => {
    const { database, server, worker } = team;
    expect(await team.lostOrTwice()).toEqual([]);
    expect(await unexplained(database)).toEqual([]);
    expect(await runs(database)).toEqual([
      "digest v1 cancelled 50",
      "digest v1 completed 150",
      "digest v2 cancelled 1",
      "digest v2 completed 100",
      "order v1 completed 1005",
      "order v2 completed 30",
      "summary v1 completed 100",
      "summary v2 completed 1",
    ]);
    expect(await batches(database)).toEqual([
      "digest closed 50 with 2",
      "digest closed 50 with 3",
      "digest closed 51 with 0",
      "summary closed 50 with 2",
    ]);
    for (const running of [server, worker]) {
      running.signal("SIGTERM");
      expect(await running.ended).toBe(0);
      expect(running.output().match(/"message":"started"/g)).toHaveLength(1);
      expect(running.output()).not.toContain('"level":"error"');
    }
  });
});
