// One who looks at a feed.
import type { FeedEvent, FeedQuestion } from "./contract.ts";
import type { Position } from "./cursor.ts";

/** Events that wait for somebody who does not take them, at most; then they are told to read again instead. */
const MOST_WAITING = 200;

const ENDED: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A subscription, with what the hub needs of it. A class, as there are tens of thousands and each costs memory. */
export class Subscription implements AsyncIterableIterator<FeedEvent> {
  readonly question: FeedQuestion;
  /** Where it stands; `null` for one that begins now. */
  position: Position | null;
  /** Whether it has been told where it begins. */
  begun = false;
  #waiting: FeedEvent[] = [];
  #takers: ((result: IteratorResult<FeedEvent, undefined>) => void)[] = [];
  #ended = false;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (subscription: Subscription) => void;

  constructor(
    question: FeedQuestion,
    position: Position | null,
    { signal, onEnd }: { signal: AbortSignal | undefined; onEnd: (subscription: Subscription) => void },
  ) {
    this.question = question;
    this.position = position;
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal?.aborted) this.#ended = true;
    else signal?.addEventListener("abort", this);
  }

  /** Whether nobody looks on any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Tells events. When too many wait, `reset` takes the place of all. */
  tell(events: readonly FeedEvent[], reset: () => FeedEvent): void {
    for (const event of events) {
      const taker = this.#takers.shift();
      if (taker) taker({ done: false, value: event });
      else this.#waiting.push(event);
    }
    if (this.#waiting.length > MOST_WAITING) this.#waiting = [reset()];
  }

  next(): Promise<IteratorResult<FeedEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve(ENDED);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.end();
    return Promise.resolve(ENDED);
  }

  /** Ends it; what waits is dropped. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    this.#signal?.removeEventListener("abort", this);
    for (const taker of this.#takers.splice(0)) taker(ENDED);
    this.#onEnd(this);
  }

  /** Called when the signal is aborted. */
  handleEvent(): void {
    this.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
