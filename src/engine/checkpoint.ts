// Writes results while others are still being produced: one write at a time, each with all that came
// meanwhile, and no more than a bounded number unwritten.

/** Results on their way to the database. */
export interface Checkpoint<Row> {
  /** Resolves when there is room for one more result. Call it before producing one. */
  room(): Promise<void>;
  add(row: Row): void;
  /** Resolves when everything is written; rejects when a write failed. */
  close(): Promise<void>;
}

/** Results that may be unwritten at any moment. */
const UNWRITTEN = 64;

/** Creates a checkpoint. */
export function createCheckpoint<Row>(write: (rows: Row[]) => Promise<void>): Checkpoint<Row> {
  let unwritten: Row[] = [];
  let promised = 0;
  let failure: { error: unknown } | null = null;
  let writing: Promise<void> | null = null;
  const waiting: (() => void)[] = [];

  function check(): void {
    if (failure) throw failure.error;
  }

  function admit(): void {
    while (waiting.length > 0 && (failure || promised < UNWRITTEN)) {
      promised++;
      waiting.shift()!();
    }
  }

  async function flush(): Promise<void> {
    while (unwritten.length > 0 && !failure) {
      const rows = unwritten;
      unwritten = [];
      try {
        await write(rows);
      } catch (error) {
        failure = { error };
      }
      promised -= rows.length;
      admit();
    }
    writing = null;
  }

  return {
    async room() {
      check();
      if (promised < UNWRITTEN) {
        promised++;
        return;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
      check();
    },
    add(row) {
      unwritten.push(row);
      // Results of the same moment go together.
      writing ??= Promise.resolve().then(flush);
    },
    async close() {
      while (writing) await writing;
      check();
    },
  };
}
