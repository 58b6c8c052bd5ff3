// Deploys that a process does not take over: what it had goes on, all of it.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deployRelease } from "../../src/deploy/deploy.ts";
import type { Release } from "../../src/deploy/release.ts";
import { createSigningPair, signWorkflow } from "../../src/deploy/artifacts/signature.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { channelsOf } from "../support/engine.ts";
import { at, deploy, follow, HOUR, look, notify, says, texts } from "../support/following.ts";
import { ask, decisions } from "../support/inspect.ts";
import { deployContext, deployed, releaseOf } from "../support/releases.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

describe("what is refused here", () => {
  /**
   * Somebody who can write to the database changes the code of what was deployed. Modules that a process has loaded are
   * not read again, so it goes by another hash.
   */
  async function tamper(version: number, hash: string): Promise<void> {
    await ask(
      database,
      sql`insert into knock.artifacts (hash, code, imports, created_at)
      select ${hash}, code || '//', imports, now() from knock.artifacts
      where hash = (select artifact from knock.workflow_versions where number = ${version}::int and workflow = 'w')`,
    );
    await ask(
      database,
      sql`update knock.workflow_versions set artifact = ${hash} where number = ${version}::int and workflow = 'w'`,
    );
  }

  test("an artifact that somebody changed: the last good one goes on, it is told once, and the next deploy is taken", async () => {
    const told: string[] = [];
    await deploy(database, { w: at("good") });
    const system = await follow(database, { listeners: { onDeploy: ({ outcome }) => void told.push(outcome) } });
    const { id } = await deploy(database, { w: at("bad") });
    await tamper(2, "f".repeat(64));
    await look(system);
    expect(system.knock.following).toMatchObject({ refused: { code: "ARTIFACT_REFUSED" } });
    expect(system.knock.following!.deploy).not.toBe(id);
    for (let index = 0; index < 5; index++) await system.clock.advance(500);
    await notify(system, "ada");
    expect(system.log.filter(({ level }) => level === "error")).toEqual([
      {
        level: "error",
        message: "a deploy is refused here; what ran before goes on until it can be taken over",
        code: "ARTIFACT_REFUSED",
      },
    ]);
    await deploy(database, { w: at("better") });
    await look(system);
    expect(system.knock.following!.refused).toBeNull();
    await notify(system, "bob");
    expect(await texts(database)).toEqual(["ada feed good", "bob feed better"]);
    expect(told).toEqual(["refused", "taken"]);
  });

  test("a deploy whose code is mended is taken over a minute later, without another one", async () => {
    await deploy(database, { w: at("good") });
    const system = await follow(database);
    await deploy(database, { w: at("bad") });
    const [{ artifact } = { artifact: "" }] = await ask<{ artifact: string }>(
      database,
      sql`select artifact from knock.workflow_versions where number = 2 and workflow = 'w'`,
    );
    await tamper(2, "d".repeat(64));
    await look(system);
    await ask(database, sql`update knock.workflow_versions set artifact = ${artifact} where artifact like 'dddd%'`);
    await system.clock.advance(50_000);
    expect(system.knock.following).toMatchObject({ refused: { code: "ARTIFACT_REFUSED" } });
    await system.clock.advance(11_000);
    await look(system);
    expect(system.knock.following!.refused).toBeNull();
    expect(system.log.filter(({ level }) => level === "error")).toHaveLength(1);
    await notify(system, "ada");
    expect(await texts(database)).toEqual(["ada feed bad"]);
  });

  test("what nobody signed whom this process trusts, and nothing of such a deploy", async () => {
    const { publicKey, privateKey } = createSigningPair();
    const signed = async (files: Record<string, string>): Promise<Release> => {
      const release = await releaseOf(files);
      return {
        ...release,
        workflows: release.workflows.map((each) => ({ ...each, signature: signWorkflow(each, privateKey) })),
      };
    };
    const context = deployContext(database, { publicKeys: [publicKey] });
    deployed(await deployRelease(context, await signed({ w: at("signed"), v: at("signed") })));
    const system = await follow(database, { settings: { deploy: { publicKeys: [publicKey] } } });
    // By somebody who can write to the database, or whose process knows no keys.
    await deploy(database, { w: at("not signed"), v: at("signed") });
    await look(system);
    expect(system.knock.following!.refused!.message).toContain("it is not signed");
    await notify(system, "ada", "v");
    await notify(system, "ada", "w");
    expect(await texts(database)).toEqual(["ada feed signed", "ada feed signed"]);
    await expect(follow(database, { settings: { deploy: { publicKeys: [publicKey] } } })).rejects.toMatchObject({
      code: "ARTIFACT_REFUSED",
    });
  });

  test("a key in the config that is none, before anything begins", async () => {
    const settings = { deploy: { publicKeys: ["sk"] } };
    await expect(follow(database, { settings })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });

  test("a workflow that this process has no channel for", async () => {
    await deploy(database, { w: at("one") });
    const channels = channelsOf({ providers: { sms: null } });
    const system = await follow(database, { channels });
    await deploy(database, { w: `${at("two")}.sms("text", { channel: "sms", body: "b" })` });
    await look(system);
    expect(system.knock.following!.refused).toMatchObject({ code: "INVALID_WORKFLOW" });
    await expect(follow(database, { channels })).rejects.toMatchObject({ code: "INVALID_WORKFLOW" });
  });

  test("until then it leaves to others the work for which it lacks something", async () => {
    await deploy(database, { w: says("one") });
    const system = await follow(database);
    await notify(system, "ada");
    await deploy(database, { w: says("two", '.inApp("second", { body: () => "second" })') });
    await tamper(2, "e".repeat(64));
    await look(system);
    await system.advance(2 * HOUR);
    expect(await decisions(database, "ada")).toEqual(["grace waiting"]);
  });
});
