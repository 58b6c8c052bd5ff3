// What batches do, said as simply as possible: no concurrency, no database, no crash.

/** How a step collects; times in milliseconds. */
export interface Rule {
  window: number;
  limit: number | null;
  maxItems: number | null;
  flushLeading: boolean;
}

/** One notification for one person. */
export interface Item {
  n: number;
  recipient: string;
  workflow: string;
  key: string;
  cancellationKey: string;
}

/** What a person gets: the numbers in it. */
export interface Digest {
  workflow: string;
  recipient: string;
  numbers: number[];
}

interface Open {
  items: Item[];
  end: number;
  latest: number | null;
}

/** The reference: items come, are cancelled, and at last are in digests. */
export class BatchModel {
  readonly digests: Digest[] = [];
  readonly #rules: ReadonlyMap<string, Rule>;
  #accepted: Item[] = [];
  readonly #open = new Map<string, Open>();

  constructor(rules: ReadonlyMap<string, Rule>) {
    this.#rules = rules;
  }

  accept(item: Item): void {
    this.#accepted.push(item);
  }

  /** Takes away what is not in a digest yet. Answers how many had been collected. */
  cancel(cancellationKey: string, recipient: string | null): number {
    const meant = (item: Item) =>
      item.cancellationKey === cancellationKey && (recipient === null || item.recipient === recipient);
    this.#accepted = this.#accepted.filter((item) => !meant(item));
    let removed = 0;
    for (const open of this.#open.values()) {
      const before = open.items.length;
      open.items = open.items.filter((item) => !meant(item));
      removed += before - open.items.length;
    }
    return removed;
  }

  /** Workers do what there is to do. */
  work(now: number): void {
    for (const item of this.#accepted.splice(0)) this.#collect(item, now);
    for (const [identity, open] of this.#open) if (open.end <= now) this.#close(identity, open);
  }

  #collect(item: Item, now: number): void {
    const rule = this.#rules.get(item.workflow)!;
    const identity = JSON.stringify([item.workflow, item.recipient, item.key]);
    let open = this.#open.get(identity);
    if (open && open.end <= now) this.#close(identity, open);
    open = this.#open.get(identity);
    if (!open) {
      open = { items: [], end: now + rule.window, latest: rule.limit === null ? null : now + rule.limit };
      this.#open.set(identity, open);
      if (rule.flushLeading) return this.#give([item]);
    } else if (open.latest !== null) {
      open.end = Math.min(Math.max(open.end, now + rule.window), open.latest);
    }
    open.items.push(item);
    if (open.items.length === rule.maxItems || open.end <= now) this.#close(identity, open);
  }

  #close(identity: string, { items }: Open): void {
    this.#open.delete(identity);
    if (items.length > 0) this.#give(items);
  }

  #give(items: Item[]): void {
    const { workflow, recipient } = items[0]!;
    this.digests.push({ workflow, recipient, numbers: items.map(({ n }) => n) });
  }
}
