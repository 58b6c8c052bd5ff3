// Whether somebody sees the page. Where there is no page, such as in Node, somebody always does.
import type { Clock } from "../../base/clock.ts";

/** What the feed asks of the page. */
export interface Visibility {
  /** Calls back once the page has been hidden for some milliseconds; call the result to stop watching. */
  whenHiddenFor(milliseconds: number, clock: Clock, callback: () => void): () => void;
  /** Resolves when the page is shown, or when the signal is aborted. */
  shown(signal: AbortSignal): Promise<void>;
  /** Calls back when the machine has a network again. */
  onOnline(callback: () => void): () => void;
}

interface Page {
  document?: EventTarget & { visibilityState: string };
  addEventListener?: EventTarget["addEventListener"];
  removeEventListener?: EventTarget["removeEventListener"];
}

const CHANGE = "visibilitychange";

/** What a page says of itself. */
export function visibilityOf(page: Page): Visibility {
  const { document } = page;
  const hidden = () => document?.visibilityState === "hidden";
  return {
    whenHiddenFor(milliseconds, clock, callback) {
      let cancel = () => {};
      const look = () => {
        cancel();
        cancel = hidden() ? clock.after(milliseconds, callback) : () => {};
      };
      document?.addEventListener(CHANGE, look);
      look();
      return () => {
        cancel();
        document?.removeEventListener(CHANGE, look);
      };
    },
    shown: (signal) =>
      new Promise((resolve) => {
        const look = () => {
          if (hidden() && !signal.aborted) return;
          document?.removeEventListener(CHANGE, look);
          signal.removeEventListener("abort", look);
          resolve();
        };
        document?.addEventListener(CHANGE, look);
        signal.addEventListener("abort", look);
        look();
      }),
    onOnline(callback) {
      page.addEventListener?.("online", callback);
      return () => page.removeEventListener?.("online", callback);
    },
  };
}
