// A plan that has everything that a plan can have.
import type { DeployPlan, WorkflowPlan } from "../../../src/deploy/plan/plan.ts";

export const quietPlan = (key: string): WorkflowPlan => ({
  key,
  change: "unchanged",
  from: 3,
  to: 3,
  structure: [],
  content: [],
  codeOnly: null,
  data: [],
  waiting: [],
  openBatches: 0,
  stored: [],
  breaking: [],
});

const newComment: WorkflowPlan = {
  ...quietPlan("new-comment"),
  change: "changed",
  from: 7,
  to: 8,
  structure: [
    { mark: "~", ref: null, kind: null, texts: ['name "New comment" → "New comments"', "now required"] },
    { mark: "~", ref: "grace", kind: "delay", texts: ["for 1h → 2h"] },
    { mark: "+", ref: "text", kind: "sms", texts: ['sms when recipient.plan is "pro"', "in pro of plan"] },
    {
      mark: "~",
      ref: "mail",
      kind: "email",
      texts: ['when recipient.plan is "pro" and not steps.feed.seen and data.comments is more than 3 (was always)'],
    },
    { mark: ">", ref: "call", kind: "fetch", texts: ["moved behind grace"] },
    { mark: "-", ref: "digest", kind: "batch", texts: ["removed"] },
  ],
  content: [
    {
      step: "mail",
      slot: "subject",
      example: "one comment",
      before: "New comments on Roadmap",
      after: "New comment on Roadmap",
    },
    {
      step: "mail",
      slot: "body",
      example: "one comment",
      before: "Hello Ada,\nthere are new comments.\n\nBye",
      after: "Hello Ada,\nthere is **one** new comment by @grace, see #12: `SELECT a | b`\n\nBye",
    },
    { step: "feed", slot: "title", example: "many", before: null, after: "\u001b[31mNew\u001b[0m" },
  ],
  data: [
    { path: "data.invitee.email", text: "new required key", breaks: "callers" },
    { path: "data.locale", text: 'default "en" → "de"', breaks: null },
    { path: "data.size", text: 'no longer accepts "medium | large"', breaks: "callers" },
    { path: "data.team", text: 'new key, default "all"', breaks: "runs" },
  ],
  waiting: [
    { version: 7, step: "grace", kind: "delay", runs: 1_000, effect: "they finish in v7 with the new texts" },
    {
      version: 7,
      step: "digest",
      kind: "batch",
      runs: 12,
      effect: "they finish in v7; `digest` is gone and is skipped as retired (its content is code)",
    },
    { version: 5, step: "grace", kind: "delay", runs: 1, effect: null },
  ],
  openBatches: 200,
  stored: [
    { of: "schedules", misfits: 2, looked: 40, problem: "data.invitee.email: is required" },
    { of: "waiting runs", misfits: 0, looked: 1_013, problem: "" },
  ],
  breaking: [
    "breaks callers: data.invitee.email: new required key",
    'breaks callers: data.size: no longer accepts "medium | large"',
    'breaks runs under way: data.team: new key, default "all"',
    '12 runs of v7 at `digest`: the code "is weekend" that `digest` asks is gone: it is skipped as retired',
    "2 of 40 schedules do not fit: data.invitee.email: is required",
  ],
};

const graphql = [
  "-   size: NewCommentSize",
  "+   size: NewCommentSize!",
  "+   invitee: NewCommentInvitee!",
  ...Array.from({ length: 60 }, (_value, index) => `+   field${index}: String`),
];

export const richPlan: DeployPlan = {
  workflows: [
    {
      ...quietPlan("digest"),
      change: "archived",
      from: 2,
      to: null,
      waiting: [
        {
          version: 2,
          step: "wait",
          kind: "delay",
          runs: 3,
          effect: "they finish in v2, or end, as --archive-open says",
        },
      ],
    },
    { ...quietPlan("invoice"), change: "changed", from: 3, to: 4, codeOnly: "no examples" },
    newComment,
    {
      ...quietPlan("old-friend"),
      change: "restored",
      from: 1,
      to: 2,
      data: [{ path: "data.x", text: "new required key", breaks: "callers" }],
    },
    quietPlan("receipt"),
    {
      ...quietPlan("welcome"),
      change: "added",
      from: null,
      to: 1,
      structure: [
        { mark: "+", ref: "feed", kind: "inApp", texts: ["inApp"] },
        { mark: "+", ref: "pause", kind: "delay", texts: ["delay for 1d"] },
      ],
    },
    { ...quietPlan("weekly"), change: "changed", from: 1, to: 2, codeOnly: "same on the examples" },
    quietPlan("yearly"),
  ],
  graphql,
  changes: true,
  breaking: true,
};
