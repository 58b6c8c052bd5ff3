// Recipients of every sort on the way through every kind of step, to be explained.
import { sql } from "drizzle-orm";
import { inject } from "vitest";
import { z } from "zod";
import { bounced, delivered, rejected, retry } from "../../src/channels/outcome.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { eq, exists, isIn, neq } from "../../src/definition/condition-builders.ts";
import type { PreferenceSet } from "../../src/definition/preference-set.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { stubFetch } from "../../src/testing/stub-fetch.ts";
import { ref } from "../../src/definition/refs.ts";
import { openOn } from "../../src/definition/send-window.ts";
import type { Database } from "../../src/store/database.ts";
import { accepted, drive, type Driven, START } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";

/** The embedded database takes its time; the sorts of people are the same among fewer. */
export const PEOPLE = inject("driver") === "pglite" ? 2_000 : 10_000;
/** Those who are told a second time. */
export const SECOND = PEOPLE / 10;

const is = (kind: string) => () => eq(ref("recipient.kind"), kind);
const isNot = (kind: string) => () => neq(ref("recipient.kind"), kind);
const isOne =
  (...wanted: string[]) =>
  () =>
    isIn(ref<string>("recipient.kind"), wanted);
/** A property that no schema states. */
const of = (recipient: object, name: string) => (recipient as Record<string, unknown>)[name];

const data = z.object({ round: z.number() });
const next = workflow("next", { data: z.object({}) }).inApp("feed", { body: "next" });

const beginning = () =>
  workflow("all", { data, category: "comments", when: isNot("out") })
    .updateUser("mark", { properties: { told: true }, when: is("marked") })
    .fetch("plan", {
      url: ({ recipient }) => `https://plans.test/${recipient.id}`,
      response: z.object({ plan: z.string() }),
      when: is("fetched"),
      retry: { attempts: 1 },
    })
    .inApp("feed", { body: ({ recipient }) => recipient.id, when: isNot("quiet") })
    .email("mail", {
      subject: "s",
      body: "b",
      when: isOne(
        "addressless",
        "bounces",
        "retries",
        "rejected",
        "unwilling",
        "conditional",
        "uncommented",
        "plain",
        "short",
      ),
    })
    .sms("text", { body: "b", sendWindow: openOn("08:00", "18:00", ["tuesday"]), when: is("texted") })
    .branch("way", (b) =>
      b
        .when("short", is("short"), (w) => w.inApp("brief", { body: "b" }))
        .when("nothing", is("plain"), (w) => w)
        .otherwise((w) =>
          w.cohort("half", (c) => c.cohort("told", 1, (x) => x.inApp("told", { body: "b" })).cohort("untold", 1), {
            when: isNot("quiet"),
          }),
        ),
    )
    .throttle("few", { window: "1d", onBreach: "skip", when: isNot("marked") })
    .push("buzz", { body: "b", when: isOne("plain", "short", "conditional") })
    .chat("room", { body: "b" })
    .delay("nap", { until: () => ref<string>("recipient.nap") });

const before = beginning().email("gone", { subject: "s", body: ({ recipient }) => recipient.id, when: is("gone") });

const ending = <Chain extends ReturnType<typeof beginning>>(chain: Chain) =>
  chain
    .waitFor("go", {
      event: "go",
      timeout: "1h",
      when: is("waits"),
      timedOut: (w) => w.inApp("late", { body: "b" }),
    })
    .notify("onward", next, { data: () => ({}), when: is("onward") })
    .webhook("hook", {
      body({ recipient }) {
        if (of(recipient, "kind") === "broken") throw new Error("cannot be said");
        return {};
      },
      retry: { attempts: 1 },
      when: () => exists(ref("recipient.nap")),
    })
    .batch("talk", { window: "2h", when: () => exists(ref("recipient.nap")) })
    .inApp("digest", { body: ({ steps }) => `${steps.talk.count}`, when: () => exists(ref("recipient.nap")) })
    .throttle("last", { window: "1d" })
    .inApp("end", { body: "b", when: () => exists(ref("recipient.nap")) })
    .onFailure((w) => w.inApp("sorry", { body: ({ failure }) => failure.step }));

/** The kinds of people, in turn. */
export const kinds =
  "plain out quiet short marked fetched unplanned texted gone waits onward broken addressless bounces retries rejected unwilling conditional uncommented cancelled".split(
    " ",
  );

const neqKind = { op: "neq", ref: "recipient.kind", to: { value: "onward" } } as const;

async function people(database: Database): Promise<void> {
  await ask(
    database,
    sql`insert into knock.users (id, email, phone_number, properties, channel_data, created_at, updated_at)
    select 'u' || lpad(n::text, 5, '0'), case kind when 'addressless' then null else kind || n || '@example.com' end, '+4179' || n,
      jsonb_build_object('kind', case kind when 'unplanned' then 'fetched' else kind end)
        || case when kind in ('gone', 'waits', 'onward', 'broken', 'cancelled', 'plain') then '{"nap": "2026-01-05T12:00:00Z"}'::jsonb else '{}' end,
      case kind when 'short' then '{}' else '{"push": {"tokens": ["t"]}}'::jsonb end, now(), now()
    from (select n, (${sql.param(kinds)}::text[])[1 + n % ${kinds.length}::int] as kind from generate_series(0, ${PEOPLE - 1}::int) as n) as people`,
  );
  await ask(
    database,
    sql`insert into knock.lists (name, created_at, updated_at) values ('everybody', ${START.toISOString()}::timestamptz, now()), ('some', ${START.toISOString()}::timestamptz, now())`,
  );
  await ask(
    database,
    sql`insert into knock.list_members (list, user_id, properties, created_at)
    select list, id, '{"role": "reader"}', ${START.toISOString()}::timestamptz - interval '1 day'
    from knock.users cross join (values ('everybody'), ('some')) as named (list)
    where list = 'everybody' or id < 'u' || lpad(${SECOND}::text, 5, '0')`,
  );
  const off = (kind: string, set: PreferenceSet, setId = "default") =>
    ask(
      database,
      sql`insert into knock.preference_sets (owner, owner_id, set_id, document, updated_at)
      select 'user', id, ${setId}::text, ${JSON.stringify(set)}::text::jsonb, now() from knock.users where properties->>'kind' = ${kind}::text`,
    );
  await off("unwilling", { channelTypes: { email: false }, categories: { comments: true } });
  await off("conditional", {
    workflows: { all: { conditions: [{ op: "eq", ref: "recipient.kind", to: { value: "x" } }] } },
  });
  await off("uncommented", { categories: { comments: { channelTypes: { email: false } } } });
  await off("short", { categories: { comments: false } }, "acme");
}

/** Lets time pass in a few steps: the retries of hundreds have a moment each, and are due together at the next step. */
async function letPass({ clock, settle }: Driven, minutes: number, times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    await clock.advance((minutes * 60_000) / times);
    await settle();
  }
}

const answers: Record<string, () => ReturnType<typeof delivered>> = {
  bounces: () => bounced("no such mailbox", { statusCode: 550 }) as never,
  retries: () => retry("try later", { statusCode: 421 }) as never,
  rejected: () => rejected("refused", { statusCode: 554 }) as never,
};

/** Everybody is told, a tenth of them twice, and all has happened that will. */
export async function tellEverybody(database: Database): Promise<{ driven: Driven; notifications: string[] }> {
  await people(database);
  const mail = capture("email", {
    answer: ({ to: { email } }) => (answers[/^[a-z]+/.exec(email)![0]] ?? delivered)(),
  });
  const config = { preferences: { channelTypes: { sms: true, push: true, webhook: { conditions: [neqKind] } } } };
  const handles = [ending(before as never), next];
  const driven = await drive({
    database,
    handles,
    ...config,
    providers: { email: mail, chat: null },
    sandboxed: ["push", "sms", "webhook"],
    fetchClient: stubFetch(({ url }) =>
      Number(url.slice(-5)) % kinds.length === 5 ? Response.json({ plan: "pro" }) : new Response("no", { status: 404 }),
    ),
  });
  await driven.knock.preferences.set({
    of: { tenantId: "acme" },
    preferences: { categories: { comments: { channelTypes: { email: false } } } },
  });
  const tell = async (call: object) =>
    accepted(await driven.knock.engine.notify({ workflow: "all", cancellationKey: "c", ...call })).notification.id;
  const one = await tell({ lists: ["everybody", "some"], data: { round: 1 } });
  await driven.settle();
  await letPass(driven, 1);
  const two = await tell({ lists: ["some"], tenant: "acme", data: { round: 2 } });
  await driven.settle();
  await letPass(driven, 1);
  const cancelled = Array.from({ length: PEOPLE / kinds.length }, (_, n) => `u${String(n * 20 + 19).padStart(5, "0")}`);
  await driven.knock.cancel("c", cancelled);
  const fewer = ending(beginning());
  await driven.knock.reload({ workflows: { all: fewer, next }, channels: {}, ...config });
  await letPass(driven, 180, 6);
  await driven.knock.engine.signalEvent({ name: "go", match: {}, data: {} });
  return { driven, notifications: [one, two] };
}
