// Cron expressions as wall times.
import { Cron } from "croner";
import { messageOf } from "../../base/message-of.ts";
import { wallMs, wallOfMs, type WallTime } from "../../base/zone.ts";
import { type Pattern, RecurrenceProblem } from "./pattern.ts";

const FIELDS = 5;

// `?` means the present to the parser, and an expression means the same at all times.
const CHARACTERS = /^[\dA-Z*,/#-]+$/i;

function parse(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS) {
    throw new RecurrenceProblem(
      `has ${fields.length} ${fields.length === 1 ? "field" : "fields"}; a cron expression has 5: minute, hour, day, month, weekday`,
    );
  }
  if (!fields.every((field) => CHARACTERS.test(field))) throw new RecurrenceProblem("is not a cron expression");
  try {
    // Wall times are read as UTC: what a zone makes of them is not for the parser to say.
    return new Cron(fields.join(" "), { mode: "5-part", timezone: "UTC", paused: true });
  } catch (error) {
    throw new RecurrenceProblem(`is not a cron expression: ${messageOf(error).replace("CronPattern: ", "")}`);
  }
}

function* wallTimes(cron: Cron, from: WallTime): Generator<WallTime> {
  // The parser looks strictly after what it is given.
  let at = cron.nextRun(new Date(wallMs(from) - 1));
  while (at) {
    yield wallOfMs(at.getTime());
    at = cron.nextRun(at);
  }
}

/** The pattern of five cron fields. Throws `RecurrenceProblem`. */
export function cronPattern(text: string): Pattern {
  const cron = parse(text);
  const hour = text.trim().split(/\s+/)[1]!;
  return { walls: (from) => wallTimes(cron, from), everyHour: hour === "*" || hour === "*/1" };
}
