// The store, when things come in another order than they happened: answers, what is told, and cursors that are refused.
import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { counts, feedWithServer, item, settle } from "./feed-server.ts";

const AT = "2026-01-05T10:00:00.000Z";
const read = (number: number) => item(number, { seenAt: AT, readAt: AT });
const REFUSED = { errors: [{ message: "no cursor", extensions: { code: "BAD_USER_INPUT" } }] };

test("a cursor that is refused is dropped: the stream begins anew, and then the page is read", async () => {
  const { feed, opened, next, clock, change, pageOf, ids, asked } = feedWithServer();
  const { stream } = await opened([item(1)]);
  stream.end();
  await settle();
  await clock.advance(375);
  const refused = await next("stream");
  expect(refused.variables["after"]).toBe("c1");
  refused.tell(REFUSED);
  const anew = await next("stream");
  expect(anew.variables["after"]).toBeNull();
  // Nothing is read before the stream stands: what comes between would be lost.
  expect([asked, ids(), feed.getSnapshot().status]).toEqual([[], ["m1"], "ready"]);
  anew.tell(change("READY", { counts: counts(2) }));
  const page = await next("page");
  anew.tell(change("ARRIVED", { item: item(3), counts: counts(3) }));
  await settle();
  page.answer(pageOf([item(2), item(1)]));
  await settle();
  expect([ids(), feed.getSnapshot()]).toMatchObject([["m3", "m2", "m1"], { counts: counts(3), status: "ready" }]);
});

test("a subscription that is refused without a cursor ends it", async () => {
  const { feed, opened, next, clock, asked } = feedWithServer();
  const { stream } = await opened([item(1)]);
  stream.end();
  await settle();
  await clock.advance(375);
  (await next("stream")).refuse("BAD_USER_INPUT");
  (await next("stream")).refuse("BAD_USER_INPUT");
  await settle();
  expect(feed.getSnapshot()).toMatchObject({ status: "failed", error: { code: "INVALID_INPUT" } });
  await clock.advance(600_000);
  expect(asked).toEqual([]);
});

test("a page that was read before the stream stood is read again", async () => {
  const { feed, next, clock, change, pageOf, ids } = feedWithServer();
  feed.subscribe(() => {});
  const stream = await next("stream");
  await clock.advance(1_500);
  (await next("page")).answer(pageOf([item(1)]));
  await settle();
  expect(ids()).toEqual(["m1"]);
  stream.tell(change("READY", { counts: counts(2) }));
  (await next("page")).answer(pageOf([item(2), item(1)]));
  await settle();
  expect(ids()).toEqual(["m2", "m1"]);
});

/** Forty items, of which thirty are unread and two are loaded; all of them are being marked. */
async function markingAll() {
  const given = feedWithServer();
  const { stream } = await given.opened([item(2), item(1)], counts(40, 30, 30), true);
  const marking = given.feed.markAllAs("READ");
  const mark = await given.next("mark");
  const shown = () => given.feed.getSnapshot().counts;
  return { ...given, stream, marking, mark, shown };
}

/** The mark, as the stream tells it, and an item that came after it. */
const toldOf = (change: (reason: string, more: object) => object) => [
  change("MARKED", { item: read(2), counts: counts(41, 1) }),
  change("MARKED", { item: read(1), counts: counts(41, 1) }),
  change("ARRIVED", { item: item(3), counts: counts(41, 1) }),
];

test("all that is marked counts once when it is told before it is answered", async () => {
  const { stream, change, marking, mark, shown, asked } = await markingAll();
  expect(shown()).toEqual(counts(40, 0));
  stream.tell(...toldOf(change));
  await settle();
  expect(shown()).toEqual(counts(41, 1));
  mark.answer({ answer: { marked: 30, counts: counts(41, 1) } });
  expect(await marking).toEqual({ ok: true });
  expect([shown(), asked]).toEqual([counts(41, 1), []]);
});

test("all that is marked counts once when it is answered before it is told", async () => {
  const { feed, stream, change, marking, mark, shown, asked } = await markingAll();
  // Somebody else's three were marked between: what the server counted is what is shown.
  mark.answer({ answer: { marked: 30, counts: counts(43, 3) } });
  expect(await marking).toEqual({ ok: true });
  expect([shown(), feed.getSnapshot().items.every(({ readAt }) => readAt !== null)]).toEqual([counts(43, 3), true]);
  stream.tell(...toldOf(change));
  await settle();
  expect([shown(), asked]).toEqual([counts(41, 1), []]);
});

test("where answer and stream count differently, a page says which came later", async () => {
  const { stream, change, marking, mark, shown, next, pageOf } = await markingAll();
  stream.tell(...toldOf(change));
  await settle();
  mark.answer({ answer: { marked: 30, counts: counts(40, 0) } });
  await marking;
  (await next("page")).answer(pageOf([item(3), read(2), read(1)], counts(41, 1), true));
  await settle();
  expect(shown()).toEqual(counts(41, 1));
});

test("marks ask for counts only where all is marked", async () => {
  const { feed, opened, next } = feedWithServer();
  await opened([item(1)]);
  void feed.markAs(["m1"], "READ");
  expect((await next("mark")).variables).toMatchObject({ counted: false });
  void feed.markAllAs("READ");
  expect((await next("mark")).variables).toMatchObject({ counted: true });
});

test.each([
  ["both marks are told", [read(1), item(1, { seenAt: AT })]],
  ["only what is left is told", [item(1, { seenAt: AT })]],
])("what was undone elsewhere before the answer came stays undone: %s", async (_name, told) => {
  const { feed, opened, next, change } = feedWithServer();
  const { stream } = await opened([item(2), item(1)]);
  const marking = feed.markAs(["m1", "m2"], "READ");
  stream.tell(...told.map((one) => change("MARKED", { item: one, counts: counts(2, one.readAt ? 1 : 2, 1) })));
  await settle();
  (await next("mark")).answer({ answer: { marked: 2 } });
  expect(await marking).toEqual({ ok: true });
  const { items } = feed.getSnapshot();
  expect(items.map(({ id, readAt }) => [id, readAt !== null])).toEqual([
    ["m2", true],
    ["m1", false],
  ]);
});

test("a page that RESET asked for while a mark was on its way is newer than the mark", async () => {
  const { feed, opened, next, change, pageOf } = feedWithServer();
  const { stream } = await opened([item(1)]);
  const marking = feed.markAs(["m1"], "READ");
  stream.tell(change("RESET", { counts: counts(1) }));
  (await next("page")).answer(pageOf([item(1, { seenAt: AT })]));
  await settle();
  (await next("mark")).answer({ answer: { marked: 1 } });
  await marking;
  expect(feed.getSnapshot()).toMatchObject({ items: [{ readAt: null }], counts: { unreadCount: 1 } });
});

test("tries leave nothing behind that listens", async () => {
  const signals = new Set<EventTarget>();
  const original = EventTarget.prototype.addEventListener;
  const spied = vi.spyOn(EventTarget.prototype, "addEventListener").mockImplementation(function (
    this: EventTarget,
    ...given: Parameters<EventTarget["addEventListener"]>
  ) {
    if (given[0] === "abort") signals.add(this);
    original.apply(this, given);
  });
  try {
    const { opened, next, clock } = feedWithServer();
    (await opened([item(1)])).stream.end();
    for (let tries = 0; tries < 6; tries++) {
      await settle();
      await clock.advance(30_000);
      (await next("stream")).lose();
    }
    await settle();
    expect(signals.size).toBeGreaterThan(6);
    const most = Math.max(...[...signals].map((signal) => getEventListeners(signal, "abort").length));
    expect(most).toBeLessThanOrEqual(1);
  } finally {
    spied.mockRestore();
  }
});
