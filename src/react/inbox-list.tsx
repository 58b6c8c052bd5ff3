// What is below the tabs: items, or why there are none.
import { type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import type { FeedItem } from "../client/feed/types.ts";
import type { Marking } from "../client/user-feed.ts";
import { ArchiveIcon, BellIcon, CheckIcon, CloudOffIcon } from "./icons.tsx";
import { InboxItem } from "./inbox-item.tsx";
import { useKnock } from "./provider.tsx";
import { type UseFeed, useNow } from "./use-feed.ts";
import type { Words } from "./words.ts";

/** Which items the inbox shows. */
export type InboxTab = "all" | "unread" | "archived";

const SKELETONS = 4;

const EMPTY = {
  all: ["emptyAll", "emptyAllHint", BellIcon],
  unread: ["emptyUnread", "emptyUnreadHint", CheckIcon],
  archived: ["emptyArchived", "emptyArchivedHint", ArchiveIcon],
} as const satisfies Record<InboxTab, readonly [keyof Words, keyof Words, typeof BellIcon]>;

function Notice({
  icon,
  title,
  hint,
  children,
}: {
  icon: ReactNode;
  title: string;
  hint?: string;
  children?: ReactNode;
}) {
  return (
    <div className="knock-notice">
      <span className="knock-notice-icon">{icon}</span>
      <p className="knock-notice-title">{title}</p>
      {hint && <p className="knock-notice-hint">{hint}</p>}
      {children}
    </div>
  );
}

function Skeleton() {
  const { words } = useKnock();
  return (
    <div className="knock-loading" role="status">
      <span className="knock-hidden">{words.loading}</span>
      {Array.from({ length: SKELETONS }, (_, index) => (
        <div className="knock-skeleton" key={index} aria-hidden="true">
          <span className="knock-bone knock-bone-face" />
          <span className="knock-bone knock-bone-text" />
          <span className="knock-bone knock-bone-short" />
        </div>
      ))}
    </div>
  );
}

/** Reads on when its end comes into view; a button, for those who do not scroll. */
function More({ feed }: { feed: UseFeed }) {
  const { words } = useKnock();
  const { fetchMore, fetchingMore, error } = feed;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // After a failure only somebody who asks for it lets it try again.
    if (!button.current || fetchingMore || error) return;
    const options = { root: button.current.closest(".knock-scroll"), rootMargin: "240px" };
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void fetchMore();
    }, options);
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [fetchMore, fetchingMore, error]);
  return (
    <button
      type="button"
      ref={button}
      className="knock-more"
      aria-disabled={fetchingMore}
      onClick={() => void fetchMore()}
    >
      {error && !fetchingMore ? words.retry : words.more}
    </button>
  );
}

/** Keeps the keyboard where it was when the item that it was on leaves. */
function useFocusAfterLeaving(items: readonly FeedItem[]) {
  const list = useRef<HTMLUListElement>(null);
  const next = useRef<number | null>(null);
  useLayoutEffect(() => {
    const mains = list.current?.querySelectorAll<HTMLElement>(".knock-main") ?? [];
    if (next.current === null || list.current?.contains(document.activeElement)) return;
    const target = mains[Math.min(next.current, mains.length - 1)];
    next.current = null;
    target?.focus();
  }, [items]);
  const remember = (item: FeedItem) => {
    const focused = list.current?.contains(document.activeElement);
    next.current = focused ? items.indexOf(item) : null;
  };
  return { list, remember };
}

interface InboxListProps {
  feed: UseFeed;
  tab: InboxTab;
  onOpen(item: FeedItem, event: MouseEvent): void;
}

function Items({ feed, onOpen }: Omit<InboxListProps, "tab">) {
  const { words } = useKnock();
  const { items, markAs, hasMore } = feed;
  const now = useNow();
  const { list, remember } = useFocusAfterLeaving(items);
  const onMark = (item: FeedItem, as: Marking) => {
    remember(item);
    void markAs([item.id], as);
  };
  return (
    <>
      {/* Without its markers Safari takes a list for none. */}
      <ul className="knock-list" role="list" ref={list}>
        {items.map((item) => (
          <InboxItem key={item.id} item={item} now={now} onOpen={onOpen} onMark={onMark} />
        ))}
      </ul>
      {hasMore ? <More feed={feed} /> : <p className="knock-end">{words.end}</p>}
    </>
  );
}

/** The items of a tab, or why there are none. */
export function InboxList({ feed, tab, onOpen }: InboxListProps) {
  const { words } = useKnock();
  const { status, items, hasMore, refresh } = feed;
  const retry = (
    <button type="button" className="knock-button" onClick={() => void refresh()}>
      {words.retry}
    </button>
  );
  if (items.length === 0 && status === "loading") return <Skeleton />;
  if (items.length === 0 && (status === "failed" || status === "offline")) {
    return (
      <div role="alert">
        <Notice icon={<CloudOffIcon size={26} />} title={status === "failed" ? words.failed : words.offline}>
          {retry}
        </Notice>
      </div>
    );
  }
  if (items.length === 0 && !hasMore) {
    const [title, hint, Icon] = EMPTY[tab];
    return <Notice icon={<Icon size={26} />} title={words[title]} hint={words[hint]} />;
  }
  return (
    <>
      {status !== "ready" && status !== "loading" && (
        <p className="knock-banner" role="status">
          {status === "offline" ? words.offline : words.failed}
        </p>
      )}
      <Items feed={feed} onOpen={onOpen} />
    </>
  );
}
