import { expect, test } from "vitest";
import type { ContentSource } from "../../src/registry/content-table.ts";
import { ContentFailed } from "../../src/registry/render.ts";
import { renderSlots } from "../../src/registry/render-slots.ts";

const scope = { data: { id: "7", tags: ["a", "b"] }, recipient: { name: "Ada" } };
const code = (render: (given: typeof scope) => unknown): ContentSource => ({ kind: "code", render: render as never });

test("a value is given as it is, Liquid as text, code by what it returns", () => {
  expect(
    renderSlots(
      {
        headers: { kind: "value", value: { accept: "{{ data.id }}", n: 1 } },
        url: { kind: "liquid", template: "https://example.com/{{ data.id }}?{{ data.tags | join: ',' }}" },
        body: code(({ recipient }) => ({ name: recipient.name })),
        actor: { kind: "value", value: null },
        tenant: code(() => null),
      },
      scope,
    ),
  ).toEqual({
    headers: { accept: "{{ data.id }}", n: 1 },
    url: "https://example.com/7?a,b",
    body: { name: "Ada" },
    actor: null,
    tenant: null,
  });
});

test("a function that returns nothing leaves its slot out", () => {
  const rendered = renderSlots({ name: code(() => undefined), locale: { kind: "value", value: "de" } }, scope);
  expect(Object.keys(rendered)).toEqual(["locale"]);
});

test.each<[string, ContentSource, string]>([
  ["throws", code(() => scope.data.tags[9]!.length), "body: Cannot read properties of undefined (reading 'length')"],
  [
    "is not ready",
    code(async () => "x"),
    "body: expected a value, got a promise (content must be ready when its function returns)",
  ],
  ["is a function", code(() => () => "x"), "body: expected a value, got function"],
  ["holds a bigint", code(() => ({ a: [1n] })), "body.a.0: A bigint cannot be stored as JSON; give it as text."],
])("content that %s fails, and names its slot", (_name, source, message) => {
  expect(() => renderSlots({ body: source }, scope)).toThrow(ContentFailed);
  expect(() => renderSlots({ body: source }, scope)).toThrow(message);
});

test("a text that cannot be stored is left to be repaired when it is", () => {
  expect(renderSlots({ name: code(() => "a\u0000b") }, scope)).toEqual({ name: "a\u0000b" });
});
