import { expect, test } from "vitest";
import { createGrouper } from "../../src/engine/group-commit.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A grouper whose writes end when told. */
function grouped({ writers = 1, size = 3 }: { writers?: number; size?: number } = {}) {
  const writes: { items: string[]; end: PromiseWithResolvers<void> }[] = [];
  const grouper = createGrouper<string, string>({
    writers,
    size,
    async write(items) {
      const end = Promise.withResolvers<void>();
      writes.push({ items, end });
      await end.promise;
      if (items.includes("bad")) throw new Error("bad");
      return items.map((item) => item.toUpperCase());
    },
  });
  const endAll = async () => {
    for (let index = 0; index < writes.length; index++) {
      writes[index]!.end.resolve();
      await turn();
    }
  };
  return { grouper, writes, endAll, items: () => writes.map((write) => write.items.join("")) };
}

test("items of one turn are written together, in order, and each gets its own result", async () => {
  const { grouper, endAll, items } = grouped();
  const results = Promise.all(["a", "b", "c"].map((item) => grouper.add(item)));
  await turn();
  expect(items()).toEqual(["abc"]);
  await endAll();
  expect(await results).toEqual(["A", "B", "C"]);
});

test("one item alone is written at once", async () => {
  const { grouper, endAll, items } = grouped();
  const result = grouper.add("a");
  await turn();
  expect(items()).toEqual(["a"]);
  await endAll();
  expect(await result).toBe("A");
});

test("what comes while all writers are busy waits and goes together, at most so many", async () => {
  const { grouper, writes, endAll, items } = grouped({ writers: 2 });
  const first = grouper.add("a");
  await turn();
  const second = grouper.add("b");
  await turn();
  const rest = Promise.all(["c", "d", "e", "f"].map((item) => grouper.add(item)));
  await turn();
  expect(items()).toEqual(["a", "b"]);
  writes[1]!.end.resolve();
  expect(await second).toBe("B");
  await turn();
  expect(items()).toEqual(["a", "b", "cde"]);
  await endAll();
  expect([await first, await rest]).toEqual(["A", ["C", "D", "E", "F"]]);
  expect(items()).toEqual(["a", "b", "cde", "f"]);
});

test("one bad item does not take the others of its group with it", async () => {
  const { grouper, endAll, items } = grouped();
  const results = Promise.allSettled(["a", "bad", "c"].map((item) => grouper.add(item)));
  await turn();
  await endAll();
  expect(await results).toEqual([
    { status: "fulfilled", value: "A" },
    { status: "rejected", reason: new Error("bad") },
    { status: "fulfilled", value: "C" },
  ]);
  expect(items()).toEqual(["abadc", "a", "bad", "c"]);
});

test("a bad item alone is written once", async () => {
  const { grouper, endAll, items } = grouped();
  const result = grouper.add("bad").catch((error: Error) => error.message);
  await turn();
  await endAll();
  expect([await result, items()]).toEqual(["bad", ["bad"]]);
});

test("idle waits for everything, also for what is added while it waits", async () => {
  const { grouper, endAll } = grouped({ size: 1 });
  let idle = false;
  const done: string[] = [];
  void grouper.add("a").then((result) => {
    done.push(result);
    return grouper.add("b").then((second) => done.push(second));
  });
  const waiting = grouper.idle().then(() => (idle = true));
  await turn();
  expect(idle).toBe(false);
  await endAll();
  await turn();
  await endAll();
  await waiting;
  expect(done).toEqual(["A", "B"]);
  await createGrouper<string, string>({ writers: 1, size: 1, write: async () => [] }).idle();
});
