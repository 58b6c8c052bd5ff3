// The people of the story: a checkout under git, a server and a worker of a process each, and whom they notify.
import { execFileSync } from "node:child_process";
import { sql } from "drizzle-orm";
import { expect } from "vitest";
import type { Database } from "../../../src/store/database.ts";
import { type Finished, graphql, knock, type Running, startKnock } from "../../cli/support/command.ts";
import { type Files, makeProject, type Project } from "../../cli/support/project.ts";
import { testPool, testPostgresUrl } from "../../support/database.ts";
import { eventually } from "../../support/engine.ts";
import { ask } from "../../support/inspect.ts";
import { before, oldest } from "./workflows.ts";

/** A call, and the people who must have exactly one run of it. */
interface Asked {
  notification: string;
  recipient: string;
}

/** Whom to notify of what. */
export interface Call {
  workflow: "order" | "digest" | "summary";
  to: readonly string[] | { list: string; members: readonly string[] };
  data: object;
}

/** Everything that the story is told with. */
export interface Team {
  database: Database;
  server: Running;
  worker: Running;
  /** A command in the checkout of the team. */
  knock(...args: string[]): Promise<Finished>;
  /** Writes files, removes others, and commits that. Answers the commit. */
  commit(author: string, files: Files, gone?: readonly string[]): string;
  /** Resolves when both processes have taken over so many deploys since they started. */
  followed(deploys: number): Promise<void>;
  /** Adds people to a list. */
  enlist(list: string, members: readonly string[]): Promise<void>;
  notify(call: Call): Promise<void>;
  /** The code of the error with which a call is refused. */
  refusal(call: Call): Promise<string>;
  /** The runs that were asked for and are not there once, and those that nobody asked for. */
  lostOrTwice(): Promise<object[]>;
  end(): Promise<void>;
}

/** People by their number: `p0007`. */
export const people = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `p${String(from + index).padStart(4, "0")}`);

const NOTIFY = `mutation ($input: NotifyDynamicInput!) { notifyDynamic(input: $input) {
  ... on NotifySuccess { notification { id } } ... on Error { code } } }`;
const ENLIST = `mutation ($list: String!, $members: [ListMemberInput!]!) {
  addListMembers(list: $list, members: $members) { __typename } }`;

type Answered = { notification: { id: string } } | { code: string };

async function called(url: string, { workflow, to, data }: Call): Promise<Answered> {
  const named = "list" in to ? { lists: [to.list] } : { recipients: to };
  const variables = { input: { workflow, ...named, data } };
  const { data: answer, errors } = await graphql<{ notifyDynamic: Answered }>(url, NOTIFY, { variables });
  expect(errors).toBeUndefined();
  return answer.notifyDynamic;
}

const lostOrTwice = (database: Database, asked: readonly Asked[]) =>
  ask(
    database,
    sql`with asked as (
      select notification::uuid, recipient
      from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as given (notification text, recipient text)
    ), ran as (
      select notification_id as notification, recipient_id as recipient, count(*)::int as runs
      from knock.runs group by 1, 2
    )
    select * from asked full join ran using (notification, recipient)
    where runs is distinct from 1 or asked is null`,
  );

function committer({ root, write, remove }: Project): Team["commit"] {
  const git = (...args: string[]) => execFileSync("git", ["-C", root, ...args], { encoding: "utf8" }).trim();
  git("init", "--quiet");
  return (author, files, gone = []) => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    for (const path of gone) remove(path);
    git("config", "user.name", author);
    git("config", "user.email", `${author.toLowerCase()}@example.com`);
    git("add", "--all");
    git("-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "A change");
    return git("rev-parse", "HEAD");
  };
}

/** Makes the checkout and the database; nothing is deployed and nothing runs. */
async function settle() {
  const [project, home] = [makeProject({}), makeProject(oldest)];
  const url = await testPostgresUrl();
  const env = { DATABASE_URL: url };
  return { project, home, env, database: await testPool(url, 3), commit: committer(project) };
}

/** Deploys the first commit, then starts a server and a worker whose own checkout is an older one. */
export async function startTeam(): Promise<Team & { first: { commit: string; synced: Finished } }> {
  const { project, home, env, database, commit } = await settle();
  const first = { commit: commit("Ada", before), synced: await knock(["sync"], { cwd: project.root, env }) };
  const server = startKnock(["start", "--no-worker", "--port", "0"], { cwd: home.root, env });
  const worker = startKnock(["worker", "--port", "0"], { cwd: home.root, env });
  const end = async () => {
    for (const running of [server, worker]) running.signal("SIGKILL");
    await Promise.all([server.ended, worker.ended]);
    for (const { delete: remove } of [project, home]) remove();
  };
  try {
    const url = (await server.waitFor(/"url":"(http:[^"]+)"/))[1]!;
    const health = (await worker.waitFor(/"health":"(http:[^"]+)"/))[1]!;
    const metrics = () => Promise.all([url, health].map(async (at) => (await fetch(`${at}/metrics`)).text()));
    const asked: Asked[] = [];
    return {
      first,
      database,
      server,
      worker,
      commit,
      end,
      knock: (...args) => knock(args, { cwd: project.root, env }),
      async followed(deploys) {
        const line = new RegExp(`^knock_deploys_total\\{outcome="taken"\\} ${deploys}$`, "m");
        await eventually(metrics, (texts) => texts.every((text) => line.test(text)));
      },
      async enlist(list, members) {
        const variables = { list, members: members.map((userId) => ({ userId })) };
        const { data } = await graphql(url, ENLIST, { variables });
        expect(data).toEqual({ addListMembers: { __typename: "AddListMembersSuccess" } });
      },
      async notify(call) {
        const answer = await called(url, call);
        if ("code" in answer) throw new Error(answer.code);
        const { to } = call;
        const notification = answer.notification.id;
        asked.push(...("list" in to ? to.members : to).map((recipient) => ({ notification, recipient })));
      },
      async refusal(call) {
        const answer = await called(url, call);
        return "code" in answer ? answer.code : "accepted";
      },
      lostOrTwice: () => lostOrTwice(database, asked),
    };
  } catch (error) {
    await end();
    throw error;
  }
}
