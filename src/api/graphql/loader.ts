// Asks the database once for all things of one kind that the fields of a response want: without it a
// list of a hundred notifications would send a hundred queries.

/** Gathers the keys asked for in one turn of the event loop and loads them together. */
export function createLoader<Key, Value>(
  load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let asked: Key[] = [];
  let answer: Promise<ReadonlyMap<Key, Value>> | null = null;
  return async (key) => {
    asked.push(key);
    answer ??= new Promise((resolve, reject) => {
      // After all promises of this turn: fields of a nested list become ready one microtask apart.
      setImmediate(() => {
        const keys = [...new Set(asked)];
        asked = [];
        answer = null;
        load(keys).then(resolve, reject);
      });
    });
    return (await answer).get(key);
  };
}
