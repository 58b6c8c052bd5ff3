// Calls of the same moment share one transaction. With one call at a time nothing waits; under load a
// call waits for at most the write that is under way, and a commit serves many.

/** Collects items while writes are under way and writes them together. */
export interface Grouper<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** How a grouper writes. */
export interface GrouperOptions<Item, Result> {
  /** One result per item, in order. */
  write(items: Item[]): Promise<Result[]>;
  /** Writes at the same time. */
  writers: number;
  /** Items per write. */
  size: number;
}

interface Waiting<Item, Result> {
  item: Item;
  settle: PromiseWithResolvers<Result>;
}

/** Creates a grouper. */
export function createGrouper<Item, Result>({
  write,
  writers,
  size,
}: GrouperOptions<Item, Result>): Grouper<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  const running = new Set<Promise<void>>();

  async function writeGroup(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await write(group.map(({ item }) => item));
      group.forEach(({ settle }, index) => settle.resolve(results[index]!));
    } catch (error) {
      if (group.length === 1) return group[0]!.settle.reject(error);
      // One bad item must not take the others with it: each gets a transaction of its own.
      for (const single of group) await writeGroup([single]);
    }
  }

  function flush(): void {
    while (waiting.length > 0 && running.size < writers) {
      const writing = writeGroup(waiting.splice(0, size)).finally(() => {
        running.delete(writing);
        flush();
      });
      running.add(writing);
    }
  }

  return {
    add(item) {
      const settle = Promise.withResolvers<Result>();
      waiting.push({ item, settle });
      // Calls that are made in the same turn of the event loop come together.
      queueMicrotask(flush);
      return settle.promise;
    },
    async idle() {
      while (waiting.length > 0 || running.size > 0) await Promise.all(running);
    },
  };
}
