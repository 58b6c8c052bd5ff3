// What `knock sync --plan` says of the second commit while 1,000 runs wait and 200 batches are open.
import type { DeployPlan } from "../../../src/deploy/plan/plan.ts";

/** As the terminal shows it. */
export const PLAN_TEXT = `digest  v1 → v2
  ~ news  window 1h → 2h
          maxItems none → 3
  - note  removed
          body is gone, on example "some news"
            - There is more in the archive.
  ~ feed  body, on example "some news"
            - 1 news
            + 1 new things
  under way
    150 runs of v1 at news (batch): they finish in v1 with the new texts; note is gone and
      keeps its fixed text
    150 batches are open

order  v1 → v2
  ~ hold     until data.ships_at → until data.ready_at
  ~ thanks   body "Thank you." → "Thank you!"
             body, on example "one order"
               - Thank you.
               + Thank you!
  > shipped  moved behind thanks
             body, on example "one order"
               - Order A-1 is on its way.
               + Order A-1 left by normal mail.
  - survey   removed
             body is gone, on example "one order"
               - How do you like A-1?
  + track    inApp
             body is new, on example "one order"
               + Follow A-1.
  data
  ✗ data.ready_at  new required key             breaks callers
  ✗ data.speed     no longer accepts "express"  breaks callers
  under way
    1,000 runs of v1 at hold (delay): they finish in v1 with the new texts; survey is gone and
      is skipped as retired (its content is code)
  stored
  ✗ 1,000 of 1,000 waiting runs do not fit: data.ready_at: Invalid input: expected string, received
    undefined

summary  v1 → v2
  - all   removed
  ~ feed  body, on example "some news"
            - 1 times News
            + Just now: News
  under way
    50 runs of v1 at all (batch): they finish in v1 with the new texts
    50 batches are open

GraphQL schema
  + input OrderData: ready_at: String!
  - enum OrderDataSpeed: express

3 workflows change, 2 changes break callers, 1 thing breaks what is under way

Nothing was changed in PostgreSQL.
`;

const body = { slot: "body", example: "some news" };
const orderBody = { slot: "body", example: "one order" };
const CHANGED = { change: "changed", from: 1, to: 2, codeOnly: null } as const;
const MISFIT = "data.ready_at: Invalid input: expected string, received undefined";

const digest: DeployPlan["workflows"][number] = {
  key: "digest",
  ...CHANGED,
  structure: [
    { mark: "~", ref: "news", kind: "batch", texts: ["window 1h → 2h", "maxItems none → 3"] },
    { mark: "-", ref: "note", kind: "inApp", texts: ["removed"] },
  ],
  content: [
    { step: "feed", ...body, before: "1 news", after: "1 new things" },
    { step: "note", ...body, before: "There is more in the archive.", after: null },
  ],
  data: [],
  waiting: [
    {
      version: 1,
      step: "news",
      kind: "batch",
      runs: 150,
      effect: "they finish in v1 with the new texts; `note` is gone and keeps its fixed text",
    },
  ],
  openBatches: 150,
  stored: [],
  breaking: [],
};

const order: DeployPlan["workflows"][number] = {
  key: "order",
  ...CHANGED,
  structure: [
    { mark: "~", ref: "hold", kind: "delay", texts: ["until data.ships_at → until data.ready_at"] },
    { mark: "~", ref: "thanks", kind: "inApp", texts: ['body "Thank you." → "Thank you!"'] },
    { mark: ">", ref: "shipped", kind: "inApp", texts: ["moved behind thanks"] },
    { mark: "-", ref: "survey", kind: "inApp", texts: ["removed"] },
    { mark: "+", ref: "track", kind: "inApp", texts: ["inApp"] },
  ],
  content: [
    { step: "thanks", ...orderBody, before: "Thank you.", after: "Thank you!" },
    { step: "shipped", ...orderBody, before: "Order A-1 is on its way.", after: "Order A-1 left by normal mail." },
    { step: "track", ...orderBody, before: null, after: "Follow A-1." },
    { step: "survey", ...orderBody, before: "How do you like A-1?", after: null },
  ],
  data: [
    { path: "data.ready_at", text: "new required key", breaks: "callers" },
    { path: "data.speed", text: 'no longer accepts "express"', breaks: "callers" },
  ],
  waiting: [
    {
      version: 1,
      step: "hold",
      kind: "delay",
      runs: 1_000,
      effect: "they finish in v1 with the new texts; `survey` is gone and is skipped as retired (its content is code)",
    },
  ],
  openBatches: 0,
  stored: [{ of: "waiting runs", misfits: 1_000, looked: 1_000, problem: MISFIT }],
  breaking: [
    "breaks callers: data.ready_at: new required key",
    'breaks callers: data.speed: no longer accepts "express"',
    `1000 of 1000 waiting runs do not fit: ${MISFIT}`,
  ],
};

const summary: DeployPlan["workflows"][number] = {
  key: "summary",
  ...CHANGED,
  structure: [{ mark: "-", ref: "all", kind: "batch", texts: ["removed"] }],
  content: [{ step: "feed", ...body, before: "1 times News", after: "Just now: News" }],
  data: [],
  waiting: [{ version: 1, step: "all", kind: "batch", runs: 50, effect: "they finish in v1 with the new texts" }],
  openBatches: 50,
  stored: [],
  breaking: [],
};

/** As data. */
export const PLAN: DeployPlan = {
  workflows: [digest, order, summary],
  graphql: ["+input OrderData: ready_at: String!", "-enum OrderDataSpeed: express"],
  changes: true,
  breaking: true,
};

/** What it says when the workflow of the orders is gone from the code while 200 of them wait. */
export const ARCHIVE_TEXT = `order  archived, was v1
  under way
    200 runs of v1 at hold (delay): they finish in v1, or end, as --archive-open says

GraphQL schema
  - input NotifyWorkflowInput @oneOf: order: OrderData
  - input OrderData
  - input OrderData: order: String!
  - input OrderData: ships_at: String!
  - input OrderData: speed: OrderDataSpeed!
  - enum OrderDataSpeed
  - enum OrderDataSpeed: express
  - enum OrderDataSpeed: fast
  - enum OrderDataSpeed: normal

1 archived, 2 unchanged, 200 runs are open in what is archived

Nothing was changed in PostgreSQL.
`;
