/** Wakes who sleeps until something is due, when this process itself has made something due at once. */
export interface Bell {
  ring(): void;
  /** Is aborted at the next ring. */
  next(): AbortSignal;
}

/** Creates a bell. */
export function createBell(): Bell {
  let coming = new AbortController();
  return {
    ring() {
      coming.abort();
      coming = new AbortController();
    },
    next: () => coming.signal,
  };
}
