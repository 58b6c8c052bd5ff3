// What was observed, as short sentences that can be compared with those that the rules demand.
import type { Notification, NotifyResult } from "knock/client";
import type { Answered, Observed } from "./play.ts";
import { runsOf } from "./read-back.ts";
import type { Story } from "./stories.ts";

const lower = (word: string): string => word.toLowerCase();

function factsOfRuns(notification: Notification): string[] {
  return runsOf(notification).flatMap(({ recipientId, status, steps, messages }) => [
    `${recipientId}: ${lower(status)}`,
    // Why it was skipped is part of the fact; how long it waits is not.
    ...steps.map(({ ref, outcome, code }) => `${recipientId} ${ref}: ${lower(outcome)}${code ? ` ${code}` : ""}`),
    ...messages.map(({ step, status: delivery }) => `${recipientId} ${step} message: ${lower(delivery)}`),
  ]);
}

function factOfAnswer(result: NotifyResult, earlier: readonly Answered[]): string {
  if (result.ok) return ["success", ...result.warnings.map(({ code }) => `warning ${code}`)].join(", ");
  const { error } = result;
  if (error.code === "INVALID_DATA") return `${error.code} ${error.issues.map(({ path }) => path).join(" ")}`;
  if (error.code !== "DUPLICATE_NOTIFICATION") return error.code;
  const first = earlier.findIndex((one) => one.result.ok && one.result.notification.id === error.notificationId);
  return `${error.code} of call ${first + 1}, ${error.sameInput ? "same" : "other"} input`;
}

/** All facts of what was observed. */
export function factsOf({ answered, stored, first, later, mails }: Observed): string[] {
  return [
    ...answered.map(({ result }, index) => `call ${index + 1}: ${factOfAnswer(result, answered.slice(0, index))}`),
    `stored: ${stored}`,
    ...(first && later ? factsOfRuns(first).map((fact) => `at first, ${fact}`) : []),
    ...(first ? factsOfRuns(later ?? first) : []),
    ...mails.map((mail) => `mail to ${mail}`),
  ];
}

/** Where what was observed and what the rules demand differ; nothing when they agree. */
export function differences(story: Story, facts: readonly string[]): string[] {
  const missing = [...story.facts];
  const beyond: string[] = [];
  for (const fact of facts) {
    const index = missing.indexOf(fact);
    if (index < 0) beyond.push(fact);
    else missing.splice(index, 1);
  }
  return [...missing.map((fact) => `expected, but not so: ${fact}`), ...beyond.map((fact) => `not expected: ${fact}`)];
}
