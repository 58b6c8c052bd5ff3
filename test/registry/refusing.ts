// A project for looking at what the compiler refuses.
import { expect } from "vitest";
import { z } from "zod";
import { workflow, workflowFor } from "../../src/definition/workflow.ts";
import { compileWorkflows } from "../../src/registry/compile.ts";
import { describeProblem } from "../../src/registry/problem.ts";

const channels = ["inApp", "email", "sms"].map((type) => ({ key: type, type }));
const users = z.object({ plan: z.string().optional() });

/** What is wrong with a project of these workflows. */
export const problemsOf = (...handles: unknown[]) =>
  compileWorkflows(Object.fromEntries(handles.entries()) as never, { users, channels }).problems;

const data = z.object({ page: z.string(), count: z.number(), due: z.iso.datetime() });
export const response = z.object({ plan: z.string(), address: z.object({ city: z.string() }).nullable() });

/** The workflow `w` before its first step, and with a message in the feed. */
export const base = workflowFor(users)("w", { data });
export const fed = base.inApp("feed", { body: "b" });
export const other = workflow("other", { data: z.object({}) }).inApp("feed", { body: "b" });

/** JavaScript takes what TypeScript refuses. */
export type Loose = { [Method in string]: (...args: unknown[]) => Loose };
export const loose = base as unknown as Loose;

/** A name, a workflow, and what describes the one problem that it has. */
export type Refusal = [string, unknown, RegExp];

/** Fails unless the workflow has one problem, of one of its steps, with the line of that step. */
export function expectRefused(handle: unknown, expected: RegExp): void {
  const problems = problemsOf(handle);
  expect(problems.map(describeProblem)).toEqual([expect.stringMatching(expected)]);
  expect(problems[0]).toMatchObject({ workflow: "w", site: { line: expect.any(Number) } });
  expect(problems[0]!.step).not.toBeNull();
}
