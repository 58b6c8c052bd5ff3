import { createElement } from "react";
import { describe, expect, test } from "vitest";
import { htmlOfText, textOfHtml } from "../../src/registry/email-parts.ts";
import type { ContentSource } from "../../src/registry/content-table.ts";
import { ContentFailed, renderMessage } from "../../src/registry/render.ts";

const scope = {
  data: { title: '<b>Plan & "go"</b>', list: ["a", "b"], nothing: null, own: { name: "n" } },
  recipient: { id: "ada", name: "Ada" },
  actor: null,
  workflow: { key: "w", name: "W" },
};
const value = (given: unknown): ContentSource => ({ kind: "value", value: given as never });
const of = (render: (given: never) => unknown): ContentSource => ({ kind: "code", render });
const liquid = (template: string): ContentSource => ({ kind: "liquid", template });
const email = (slots: Record<string, ContentSource>) =>
  renderMessage("email", { subject: value("s"), ...slots }, scope);
const feed = (body: ContentSource) => renderMessage("inApp", { body }, scope).body;

describe("e-mail parts", () => {
  test("a text becomes both parts: escaped, with paragraphs, line breaks and links", () => {
    const mail = email({ body: value('Hi <Ada> & "co"\nline\n\nSee https://example.com/a?b=1&c=2.') });
    expect(mail.text).toBe('Hi <Ada> & "co"\nline\n\nSee https://example.com/a?b=1&c=2.');
    expect(mail.html).toContain("Hi &lt;Ada&gt; &amp; &quot;co&quot;<br>line</p>");
    expect(mail.html).toContain('<a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>.');
    expect(mail).toMatchObject({ preheader: null, from: null, replyTo: null, cc: [], bcc: [], headers: {} });
  });

  test("a text cannot leave the HTML part it stands in", () => {
    expect(htmlOfText('<script>alert(1)</script> https://x.example/"onload="a')).not.toMatch(/<script|"onload/);
  });

  test("a React element becomes the HTML part, and its text the text part", () => {
    const mail = email({
      body: of(() =>
        createElement(
          "div",
          null,
          createElement("h1", null, "Hello ", scope.data.title),
          createElement("a", { href: "https://example.com" }, "here"),
        ),
      ),
    });
    expect(mail.html).toBe(
      '<div><h1>Hello &lt;b&gt;Plan &amp; &quot;go&quot;&lt;/b&gt;</h1><a href="https://example.com">here</a></div>',
    );
    expect(mail.text).toMatch(/hello <b>plan & "go"<\/b>/i);
    expect(mail.text).toContain("here [https://example.com]");
  });

  test("HTML and text that are given stand as they are; the missing one is made from the other", () => {
    expect(email({ html: value("<p>a</p>") })).toMatchObject({ html: "<p>a</p>", text: "a" });
    expect(email({ html: value("<p>a</p>"), text: value("b") })).toMatchObject({ html: "<p>a</p>", text: "b" });
    expect(email({ body: value("b"), html: value("<p>a</p>") })).toMatchObject({ html: "<p>a</p>", text: "b" });
    expect(email({ body: of(() => createElement("p", null, "x")), text: value("y") })).toMatchObject({
      html: "<p>x</p>",
      text: "y",
    });
  });

  test("a line break in a subject begins no other header", () => {
    expect(email({ subject: value("Hi\r\nBcc: all@example.com\n\n x"), body: value("b") }).subject).toBe(
      "Hi Bcc: all@example.com x",
    );
  });

  test("an image says nothing in the text part, a list says its items", () => {
    expect(textOfHtml('<img src="cid:x" alt="logo"><ul><li>one</li><li>two</li></ul>')).toMatch(/^\s*\* one\n \* two$/);
  });
});

describe("Liquid", () => {
  test("reads what is there, and nothing for what is not", () => {
    expect(
      feed(
        liquid(
          "{{ recipient.name }}|{{ actor.name }}|{{ data.nothing }}|{{ data.list | join: '+' }}|{{ data.list.size }}",
        ),
      ),
    ).toBe("Ada|||a+b|2");
  });

  test("reaches no member that is not the value's own", () => {
    expect(feed(liquid("{{ data.constructor.name }}{{ data.__proto__ }}{{ recipient.toString }}"))).toBe("");
  });

  test("cannot read files", () => {
    expect(() => feed(liquid("{% render '/etc/passwd' %}"))).toThrow(ContentFailed);
    expect(() => feed(liquid("{% include '../package.json' %}"))).toThrow(ContentFailed);
  });
});

describe("content that does not fit", () => {
  test.each<[string, () => unknown, string]>([
    ["a number", () => feed(of(() => 7)), "body: expected text, got number"],
    ["nothing", () => feed(of(() => undefined)), "body: expected text, got nothing"],
    ["null", () => feed(of(() => null)), "body: expected text, got nothing"],
    ["an element outside of e-mail", () => feed(of(() => createElement("p"))), "body: expected text, got object"],
    [
      "a promise",
      () => feed(of(async () => "b")),
      "body: expected text, got a promise (content must be ready when its function returns)",
    ],
    [
      "an async e-mail",
      () => email({ body: of(async () => "b") }),
      "body: expected text or a React element, got a promise (content must be ready when its function returns)",
    ],
    ["an e-mail of a number", () => email({ body: of(() => 7) }), "body: expected text or a React element, got number"],
    [
      "a list as data",
      () => renderMessage("push", { body: value("b"), data: value([1]) }, scope),
      "data: expected an object, got object",
    ],
    [
      "a bigint inside data",
      () => renderMessage("push", { body: value("b"), data: of(() => ({ a: [{ n: 1n }] })) }, scope),
      "data.a.0.n: A bigint cannot be stored as JSON; give it as text.",
    ],
    [
      "a thrown error",
      () =>
        feed(
          of(() => {
            throw new Error("oh");
          }),
        ),
      "body: oh",
    ],
    [
      "a thrown thing without text",
      () =>
        feed(
          of(() => {
            throw Object.create(null);
          }),
        ),
      "body: something was thrown that has no text",
    ],
    [
      "an element that throws",
      () =>
        email({
          body: of(() =>
            createElement(() => {
              throw new Error("inside");
            }),
          ),
        }),
      "inside",
    ],
  ])("%s fails and names the slot", (_name, render, message) => {
    expect(render).toThrow(message);
  });
});

test("a webhook says who and what unless it says otherwise", () => {
  expect(renderMessage("webhook", {}, scope)).toEqual({
    url: null,
    method: "POST",
    headers: {},
    body: { workflow: "w", recipient: "ada", data: scope.data },
  });
  expect(
    renderMessage(
      "webhook",
      { url: value("https://x"), method: value("PUT"), headers: of(() => ({ a: "b" })), body: value(null) },
      scope,
    ),
  ).toMatchObject({
    url: "https://x",
    method: "PUT",
    headers: { a: "b" },
  });
  expect(renderMessage("webhook", { body: value(false) }, scope).body).toBe(false);
  expect(renderMessage("webhook", { body: of(() => "text") }, scope).body).toBe("text");
});

describe("Liquid and markup", () => {
  const scope = { data: { name: '<b onclick="x">Ada</b>' } };
  const liquid = (template: string): ContentSource => ({ kind: "liquid", template });

  test("values in an html template are escaped, unless they are said to be markup", () => {
    const { html } = renderMessage("email", { subject: liquid("Hi"), html: liquid("<p>{{ data.name }}</p>") }, scope);
    expect(html).toBe("<p>&lt;b onclick=&#34;x&#34;&gt;Ada&lt;/b&gt;</p>");
    const raw = renderMessage("email", { subject: liquid("Hi"), html: liquid("<p>{{ data.name | raw }}</p>") }, scope);
    expect(raw.html).toBe('<p><b onclick="x">Ada</b></p>');
  });

  test("values in a text are left as they are", () => {
    expect(renderMessage("sms", { body: liquid("{{ data.name }}") }, scope).body).toBe('<b onclick="x">Ada</b>');
  });
});
