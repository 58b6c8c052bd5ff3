// What the compiler refuses in steps that call or wait for something outside, in words and with what to change.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { liquid } from "../../src/definition/content.ts";
import { ref } from "../../src/definition/refs.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { base, expectRefused, fed, loose, other, problemsOf, response, type Loose, type Refusal } from "./refusing.ts";

const refusals: Record<string, Refusal[]> = {
  fetch: [
    ["no URL", loose.fetch!("f", { response }), /fetch needs a url/],
    [
      "another protocol",
      base.fetch("f", { url: "ftp://example.com", response }),
      /url: "ftp:\/\/example\.com" is not a URL \(begin it with https/,
    ],
    ["a path", base.fetch("f", { url: "/users", response }), /url: "\/users" is not a URL/],
    [
      "a text that looks like Liquid",
      base.fetch("f", { url: "https://example.com/{{ data.page }}", response }),
      /the text of url holds \{\{ … \}\} and would be used as it is/,
    ],
    [
      "Liquid that reads what is not there",
      base.fetch("f", { url: liquid("https://e.com/{{ data.pag }}"), response }),
      /the template of url reads data\.pag/,
    ],
    [
      "no schema",
      loose.fetch!("f", { url: "https://example.com" }),
      /the answer has no schema \(give it response: z\.object/,
    ],
    [
      "a schema that is none",
      loose.fetch!("f", { url: "https://example.com", response: {} }),
      /`response` is no zod schema/,
    ],
    [
      "a date in the answer",
      base.fetch("f", { url: "https://example.com", response: z.object({ at: z.date() }) }),
      /response\.at cannot be stored as JSON/,
    ],
    [
      "a method",
      loose.fetch!("f", { url: "https://example.com", method: "get", response }),
      /method is "get" \(use one of GET, POST/,
    ],
    [
      "a GET with a body",
      base.fetch("f", { url: "https://example.com", method: "GET", body: {}, response }),
      /a GET has no body/,
    ],
    [
      "a timeout",
      base.fetch("f", { url: "https://example.com", timeout: "2m", response }),
      /timeout: "2m" is not a duration of at most 1m/,
    ],
    [
      "an example that does not fit",
      loose.fetch!("f", { url: "https://example.com", response, example: { plan: 1, address: null } }),
      /example does not fit the response: data\.plan/,
    ],
    [
      "too many tries",
      base.fetch("f", { url: "https://example.com", response, retry: { attempts: 11 } }),
      /retry\.attempts is 11/,
    ],
    [
      "a long pause between tries",
      base.fetch("f", { url: "https://example.com", response, retry: { backoff: "2h" } }),
      /retry\.backoff: "2h" is not a duration of at most 1h/,
    ],
  ],
  waitFor: [
    ["nothing", loose.waitFor!("x", { timeout: "1h" }), /the wait is for nothing/],
    [
      "two things",
      fed.waitFor("x", { event: "e", message: "feed", status: "read", timeout: "1h" } as never),
      /for an event and for a message/,
    ],
    ["no name", base.waitFor("x", { event: "", timeout: "1h" }), /the name of the event is not a text/],
    ["no end", loose.waitFor!("x", { event: "e" }), /timeout is neither a duration nor a rule/],
    [
      "a long time",
      base.waitFor("x", { event: "e", timeout: "31d" }),
      /timeout: "31d" is not a duration of at most 30 days/,
    ],
    [
      "a match that is none",
      loose.waitFor!("x", { event: "e", timeout: "1h", match: () => "x" }),
      /the selector of match does not return an object/,
    ],
    [
      "a match with a list",
      loose.waitFor!("x", { event: "e", timeout: "1h", match: () => ({ a: [1] }) }),
      /the selector of match does not return an object/,
    ],
    [
      "a match of what is not there",
      base.waitFor("x", { event: "e", timeout: "1h", match: () => ({ a: ref("data.pag") }) }),
      /match\.a reads data\.pag/,
    ],
    [
      "a match that makes a text",
      loose.waitFor!("x", { event: "e", timeout: "1h", match: (s: Loose) => ({ a: `${s["data"]}` }) }),
      /match: the selector throws.*\(return \{ <member of the event>: data\.<member> \}\)/,
    ],
    [
      "an event of knock's own",
      base.waitFor("x", { event: "message.read", timeout: "1h" }),
      /no event can be named "message\.read": what begins with "message\." is taken \(give it message:/,
    ],
    [
      "a message of no step",
      (fed as unknown as Loose).waitFor!("x", { message: "fed", status: "read", timeout: "1h" }),
      /there is no step "fed" before this one \(did you mean "feed"\?\)/,
    ],
    [
      "a message of a delay",
      (base.delay("d", "1h") as unknown as Loose).waitFor!("x", { message: "d", status: "read", timeout: "1h" }),
      /the step "d" makes no message/,
    ],
    [
      "a status",
      (fed as unknown as Loose).waitFor!("x", { message: "feed", status: "raed", timeout: "1h" }),
      /status is "raed" \(use one of sent, delivered/,
    ],
    [
      "what a feed never does",
      fed.waitFor("x", { message: "feed", status: "bounced", timeout: "1h" }),
      /a message in the feed is never bounced/,
    ],
    [
      "a way that is never taken",
      base.waitFor("x", { event: "e", timeout: "1h", onTimeout: "halt", timedOut: (w) => w }),
      /never takes the way of timedOut/,
    ],
    ["an end", loose.waitFor!("x", { event: "e", timeout: "1h", onMatch: "stop" }), /onMatch is "stop"/],
  ],
  updateUser: [
    ["nothing", base.updateUser("u", {}), /the step changes nothing/],
    [
      "a time zone that there is not",
      base.updateUser("u", { timezone: "Mars/Base" }),
      /timezone "Mars\/Base" is no IANA time zone \(write a name such as Europe\/Zurich\)/,
    ],
    ["a member", loose.updateUser!("u", { name: "x", nick: "x" }), /updateUser has no setting "nick"/],
  ],
  notify: [
    ["a key", loose.notify!("n", "other", {}), /what is to be notified is not a workflow/],
    [
      "a workflow that is not there",
      base.notify("n", other, {}),
      /the workflow "other" to be notified is not among the project's workflows/,
    ],
  ],
};

describe.each(Object.entries(refusals))("refused: %s", (_kind, cases) => {
  test.each(cases)("%s", (_name, handle, expected) => expectRefused(handle, expected));
});

test("a workflow that is there can be notified, also when it has problems of its own", () => {
  const broken = workflow("other", { data: z.object({}) });
  expect(problemsOf(base.notify("n", other, {}), other)).toEqual([]);
  expect(problemsOf(base.notify("n", broken, {}), broken).map(({ message }) => message)).toEqual([
    "the workflow has no step",
  ]);
});
