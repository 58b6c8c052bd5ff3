// The store, against a server in memory that answers when it is told to.
import { expect, test } from "vitest";
import { createPreferences } from "../../src/client/preferences/create-preferences.ts";
import { counts, feedWithServer, item, settle } from "./feed-server.ts";

test("nothing is asked before somebody subscribes, and everything ends when the last one has gone", async () => {
  const { feed, asked, next, opened, ids, clock } = feedWithServer();
  await settle();
  expect([asked.length, feed.getSnapshot().status]).toEqual([0, "loading"]);
  const { stream, stop } = await opened([item(2), item(1)]);
  expect([ids(), feed.getSnapshot().status]).toEqual([["m2", "m1"], "ready"]);
  const another = feed.subscribe(() => {});
  stop();
  await settle();
  expect(stream.aborted()).toBe(false);
  another();
  await settle();
  expect([stream.aborted(), clock.pending()]).toEqual([true, 0]);
  // It goes on where it was, without reading anything again.
  feed.subscribe(() => {});
  expect((await next("stream")).variables["after"]).toBe("c1");
  expect(asked).toEqual([]);
});

test("subscribing anew in the same moment ends nothing, as React does it", async () => {
  const { feed, opened, asked } = feedWithServer();
  const { stream, stop } = await opened([item(1)]);
  stop();
  feed.subscribe(() => {});
  await settle();
  expect([stream.aborted(), asked.length]).toEqual([false, 0]);
});

test("the snapshot is another one only when something has changed", async () => {
  const { feed, opened, change } = feedWithServer();
  const { stream } = await opened([item(1)]);
  let calls = 0;
  feed.subscribe(() => calls++);
  const before = feed.getSnapshot();
  stream.tell(change("READY", { counts: counts(1) }));
  await settle();
  expect([calls, feed.getSnapshot() === before]).toEqual([0, true]);
  stream.tell(change("ARRIVED", { item: item(2), counts: counts(2) }));
  await settle();
  expect([calls, feed.getSnapshot() === before, before.items.length]).toEqual([1, false, 1]);
  expect(feed.getSnapshot().items[1]).toBe(before.items[0]);
});

test("what happens while a page is on its way is neither lost nor doubled", async () => {
  const { feed, next, change, pageOf, ids } = feedWithServer();
  feed.subscribe(() => {});
  const stream = await next("stream");
  stream.tell(change("READY"));
  const page = await next("page");
  stream.tell(
    change("ARRIVED", { item: item(2), counts: counts(2) }),
    change("ARRIVED", { item: item(3), counts: counts(3) }),
  );
  await settle();
  page.answer(pageOf([item(2), item(1)]));
  await settle();
  expect([ids(), feed.getSnapshot().counts.totalCount]).toEqual([["m3", "m2", "m1"], 3]);
});

test("marks show at once; one that fails is undone alone, whatever came meanwhile", async () => {
  const { feed, opened, next, change, ids } = feedWithServer();
  const { stream } = await opened([item(3), item(2), item(1)]);
  const read = feed.markAs(["m1", "m2"], "READ");
  const archived = feed.markAs(["m2"], "ARCHIVED");
  expect(ids()).toEqual(["m3", "m1"]);
  expect(feed.getSnapshot().counts).toEqual(counts(2, 1));
  stream.tell(change("ARRIVED", { item: item(4), counts: counts(4) }));
  await settle();
  expect([ids(), feed.getSnapshot().counts]).toEqual([["m4", "m3", "m1"], counts(3, 2)]);
  const [first, second] = [await next("mark"), await next("mark")];
  expect(first.variables).toMatchObject({ ids: ["m1", "m2"], as: "READ" });
  first.lose();
  second.answer({ answer: { marked: 1 } });
  expect(await read).toMatchObject({ ok: false, error: { code: "SERVER_UNREACHABLE" } });
  expect(await archived).toEqual({ ok: true });
  expect([ids(), feed.getSnapshot().counts]).toEqual([["m4", "m3", "m1"], counts(3, 3)]);
  expect(feed.getSnapshot().items.every(({ readAt }) => readAt === null)).toBe(true);
});

test("a mark that the stream tells before it is answered counts once", async () => {
  const { feed, opened, next, change } = feedWithServer();
  const { stream } = await opened([item(2), item(1)]);
  const marking = feed.markAs(["m2"], "READ");
  const at = "2026-01-05T09:00:30.000Z";
  stream.tell(change("MARKED", { item: item(2, { readAt: at, seenAt: at }), counts: counts(2, 1) }));
  await settle();
  expect(feed.getSnapshot().counts).toEqual(counts(2, 1));
  (await next("mark")).answer({ answer: { marked: 1 } });
  await marking;
  expect([feed.getSnapshot().counts, feed.getSnapshot().items[0]!.readAt]).toEqual([counts(2, 1), at]);
});

test("marking all goes beyond what is loaded, and an input that is refused is undone", async () => {
  const { feed, opened, next } = feedWithServer({ tenant: "acme" });
  await opened([item(2), item(1)], counts(40, 30, 20), true);
  const marking = feed.markAllAs("READ");
  expect(feed.getSnapshot().counts).toEqual(counts(40, 0));
  const mark = await next("mark");
  expect(mark.variables).toEqual({ ids: null, all: { filter: { tenant: "acme" } }, as: "READ", counted: true });
  mark.answer({ answer: { message: "no", issues: [{ path: "ids", message: "none", code: "x" }] } });
  expect(await marking).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
  expect(feed.getSnapshot()).toMatchObject({ counts: counts(40, 30, 20), error: { code: "INVALID_INPUT" } });
});

test("what no longer fits the filter leaves, and comes back", async () => {
  const { feed, opened, change, ids } = feedWithServer({ filter: { status: "UNREAD" } });
  const { stream } = await opened([item(2), item(1)]);
  expect(stream.variables["filter"]).toEqual({});
  stream.tell(change("MARKED", { item: item(2, { readAt: "2026-01-05T10:00:00.000Z" }), counts: counts(2, 1) }));
  await settle();
  expect(ids()).toEqual(["m1"]);
  stream.tell(change("MARKED", { item: item(2), counts: counts(2) }));
  await settle();
  expect(ids()).toEqual(["m2", "m1"]);
  expect(feed.getSnapshot().counts).toEqual(counts(2));
});

test("pages follow each other; an item that came meanwhile is there once", async () => {
  const { feed, opened, next, pageOf, ids } = feedWithServer({ pageSize: 2 });
  await opened([item(4), item(3)], counts(4), true);
  const [more, again] = [feed.fetchMore(), feed.fetchMore()];
  expect([more === again, feed.getSnapshot().fetchingMore]).toEqual([true, true]);
  const page = await next("page");
  expect(page.variables).toMatchObject({ first: 2, after: "m3" });
  page.answer(pageOf([item(3), item(2)]));
  expect(await more).toEqual({ ok: true });
  expect([ids(), feed.getSnapshot().hasMore]).toEqual([["m4", "m3", "m2"], false]);
});

test("a lost stream goes on behind the last thing it told, after growing pauses", async () => {
  const { feed, opened, next, clock, change, asked } = feedWithServer();
  const { stream } = await opened([item(1)]);
  stream.tell(change("ARRIVED", { item: item(2), counts: counts(2) }));
  await settle();
  stream.end();
  for (const pause of [375, 750, 1_500]) {
    await settle();
    await clock.advance(pause - 1);
    expect(asked).toEqual([]);
    await clock.advance(1);
    const again = await next("stream");
    expect(again.variables["after"]).toBe("c2");
    again.lose();
  }
  await settle();
  expect([feed.getSnapshot().status, feed.getSnapshot().items.length]).toEqual(["offline", 2]);
  await clock.advance(3_000);
  (await next("stream")).tell(change("READY", { counts: counts(2) }));
  await settle();
  expect(feed.getSnapshot()).toMatchObject({ status: "ready", error: null });
  expect(asked).toEqual([]);
});

test("a stream that says nothing for too long is taken for lost", async () => {
  const { opened, clock, next } = feedWithServer();
  const { stream } = await opened([item(1)]);
  await clock.advance(35_000);
  expect(stream.aborted()).toBe(true);
  await clock.advance(375);
  expect((await next("stream")).variables["after"]).toBe("c1");
});

test("RESET reads the first page again", async () => {
  const { opened, next, change, pageOf, ids } = feedWithServer();
  const { stream } = await opened([item(1)]);
  stream.tell(change("RESET"));
  const page = await next("page");
  expect(ids()).toEqual(["m1"]);
  page.answer(pageOf([item(9)]));
  await settle();
  expect(ids()).toEqual(["m9"]);
});

test("a page that cannot be read takes nothing of what was told meanwhile", async () => {
  const { feed, opened, next, change, ids } = feedWithServer();
  const { stream } = await opened([item(1)]);
  const again = feed.refresh();
  const page = await next("page");
  stream.tell(change("ARRIVED", { item: item(2), counts: counts(2) }));
  await settle();
  page.lose();
  expect(await again).toMatchObject({ ok: false });
  expect([ids(), feed.getSnapshot().counts.totalCount]).toEqual([["m2", "m1"], 2]);
});

test("what RESET asks for is asked again until it is answered", async () => {
  const { opened, next, change, pageOf, ids, clock } = feedWithServer();
  const { stream } = await opened([item(1)]);
  stream.tell(change("RESET"));
  (await next("page")).lose();
  await settle();
  expect(ids()).toEqual(["m1"]);
  await clock.advance(2_000);
  (await next("page")).answer(pageOf([item(9)]));
  await settle();
  expect(ids()).toEqual(["m9"]);
});

test("what is told of an item while its page is on its way is not undone by the page", async () => {
  const { feed, opened, next, pageOf, change } = feedWithServer({ pageSize: 2 });
  const { stream } = await opened([item(4), item(3)], counts(3), true);
  const more = feed.fetchMore();
  const page = await next("page");
  const read = item(2, { readAt: "2026-01-05T10:00:00.000Z" });
  stream.tell(change("MARKED", { item: read, counts: counts(3, 2) }));
  await settle();
  page.answer(pageOf([item(2)], counts(3)));
  await more;
  expect(feed.getSnapshot().items[2]).toEqual(read);
  expect(feed.getSnapshot().counts).toEqual(counts(3, 2));
});

test("a token that has ended is replaced, in the stream and at a mark", async () => {
  let signed = 0;
  const { feed, opened, next, clock } = feedWithServer({ token: async () => `t${++signed}` });
  const { stream } = await opened([item(1)]);
  expect(stream.token).toBe("t1");
  stream.tell({ errors: [{ message: "expired", extensions: { code: "UNAUTHENTICATED" } }] });
  await settle();
  await clock.advance(375);
  const again = await next("stream");
  expect(again.token).toBe("t2");
  const marking = feed.markAs(["m1"], "READ");
  (await next("mark")).refuse("UNAUTHENTICATED", 401);
  const repeated = await next("mark");
  expect(repeated.token).toBe("t3");
  repeated.answer({ answer: { marked: 1 } });
  expect(await marking).toEqual({ ok: true });
});

test("a token that cannot be replaced ends it, until it is asked to try again", async () => {
  const { feed, next, clock, asked } = feedWithServer();
  feed.subscribe(() => {});
  (await next("stream")).refuse("UNAUTHENTICATED", 401);
  await settle();
  expect(feed.getSnapshot()).toMatchObject({ status: "failed", error: { code: "UNAUTHENTICATED" } });
  await clock.advance(600_000);
  expect(asked.filter(({ kind }) => kind === "stream")).toEqual([]);
  void feed.refresh();
  await next("stream");
});

test("a hidden page rests after a while, and catches up when it is shown", async () => {
  const { feed, opened, show, clock, next, asked } = feedWithServer();
  const { stream } = await opened([item(1)]);
  show("hidden");
  await clock.advance(9_999);
  show("visible");
  await clock.advance(9_999);
  expect(stream.aborted()).toBe(false);
  show("hidden");
  await clock.advance(10_000);
  expect([stream.aborted(), feed.getSnapshot().status]).toEqual([true, "ready"]);
  await clock.advance(600_000);
  expect(asked).toEqual([]);
  show("visible");
  expect((await next("stream")).variables["after"]).toBe("c1");
});

test("another filter begins anew, and answers of the old one are nobody's", async () => {
  const { feed, opened, next, change, pageOf, ids } = feedWithServer({ tenant: "acme" });
  const { stream } = await opened([item(1)], {}, true);
  void feed.fetchMore();
  const old = await next("page");
  feed.setFilter({ archived: "ONLY" });
  expect([feed.getSnapshot().status, ids(), stream.aborted()]).toEqual(["loading", [], true]);
  old.answer(pageOf([item(7)]));
  const fresh = await next("stream");
  expect(fresh.variables).toEqual({ filter: { archived: "ONLY", tenant: "acme" }, after: null });
  fresh.tell(change("READY"));
  (await next("page")).answer(pageOf([item(5, { archivedAt: "2026-01-05T10:00:00.000Z" })]));
  await settle();
  expect(ids()).toEqual(["m5"]);
});

test("preferences: a row is sent whole, one after the other, and undone alone", async () => {
  const sent: { input: object; resolve: (response: Response) => void }[] = [];
  const row = (email: boolean) => ({
    viewer: {
      preferences: {
        workflows: [],
        categories: [
          {
            name: "team-news",
            switches: [
              { channelType: "EMAIL", enabled: email, effective: email, conditional: false, changeable: true },
              { channelType: "IN_APP", enabled: true, effective: true, conditional: false, changeable: true },
            ],
          },
        ],
      },
    },
  });
  const send = ((_url: URL, init: RequestInit) => {
    const { variables } = JSON.parse(init.body as string) as { variables: { input?: object } };
    if (!variables.input) return Promise.resolve(Response.json({ data: row(true) }));
    return new Promise<Response>((resolve) => sent.push({ input: variables.input!, resolve }));
  }) as unknown as typeof fetch;
  const store = createPreferences({ url: "http://knock.test", token: "t", fetch: send });
  store.subscribe(() => {});
  await settle();
  const shown = () => store.getSnapshot().grid!.categories[0]!.switches.map(({ enabled }) => enabled);
  expect([store.getSnapshot().grid!.categories[0]!.name, shown()]).toEqual(["Team news", [true, true]]);
  const change = { section: "categories", key: "team-news" } as const;
  const first = store.set({ ...change, channelType: "EMAIL", enabled: false });
  const second = store.set({ ...change, channelType: "IN_APP", enabled: false });
  expect([shown(), store.getSnapshot().saving]).toEqual([[false, false], true]);
  await settle();
  expect(sent.map(({ input }) => input)).toEqual([
    { mode: "MERGE", preferences: { categories: { "team-news": { channelTypes: { email: false, inApp: true } } } } },
  ]);
  sent[0]!.resolve(Response.json({ data: { answer: row(false).viewer } }));
  await first;
  await settle();
  expect(sent[1]!.input).toMatchObject({
    preferences: { categories: { "team-news": { channelTypes: { email: false, inApp: false } } } },
  });
  sent[1]!.resolve(
    Response.json({ errors: [{ message: "no", extensions: { code: "INTERNAL", details: { incident: "i" } } }] }),
  );
  expect(await second).toMatchObject({ ok: false, error: { code: "INTERNAL" } });
  expect([shown(), store.getSnapshot().saving]).toEqual([[false, true], false]);
});
