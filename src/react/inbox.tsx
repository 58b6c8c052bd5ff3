"use client";
// The bell, and what it opens.
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { FeedItem } from "../client/feed/types.ts";
import type { FeedSelection } from "../client/user-feed.ts";
import { BellIcon } from "./icons.tsx";
import { InboxPanel } from "./inbox-panel.tsx";
import { useKnock } from "./provider.tsx";
import { type UseFeed, useFeed } from "./use-feed.ts";

/** What `Inbox` takes. */
export interface InboxProps {
  /** Which items there are at all, such as those of one category. */
  filter?: FeedSelection | undefined;
  /** Items of a page, at most 100. Default: 25. */
  pageSize?: number | undefined;
  /** Called before the link of an item is followed: `event.preventDefault()` lets a router do it instead. */
  onItemClick?: ((item: FeedItem, event: MouseEvent) => void) | undefined;
  /** Below the items, such as a link to the preferences. */
  footer?: ReactNode;
  /** Where the panel is, seen from the bell. Default: `end`, both have their end in line. */
  align?: "start" | "end" | undefined;
  defaultOpen?: boolean | undefined;
}

const MOST_COUNTED = 99;
const NO_FILTER: FeedSelection = {};

const textOf = ({ title, body }: FeedItem) => (title ? `${title}. ${body}` : body);

/** Says what has come since the first page, for those who do not see it. */
function useArrivals({ items, status }: UseFeed): string {
  const { words } = useKnock();
  const newest = useRef<string | null>(null);
  const [said, say] = useState("");
  useEffect(() => {
    if (status !== "ready") return;
    const before = newest.current;
    newest.current = items[0]?.arrivedAt ?? before ?? "";
    const arrived =
      before === null ? [] : items.filter(({ arrivedAt, readAt }) => arrivedAt > before && readAt === null);
    if (arrived.length > 0) say(words.arrived(arrived.length, textOf(arrived[0]!)));
  }, [items, status, words]);
  return said;
}

/** Closes with Escape and with a click elsewhere, and gives the keyboard back to the bell. */
function usePopover(initial: boolean) {
  const [open, setOpen] = useState(initial);
  const root = useRef<HTMLDivElement>(null);
  const bell = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    bell.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    panel.current?.focus({ preventScroll: true });
    const outside = (event: Event) => {
      if (!event.composedPath().includes(root.current!)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    close();
  };
  return { open, setOpen, close, root, bell, panel, onKeyDown };
}

/**
 * The notifications of the person of the nearest `KnockProvider`: a bell with the number of unread ones that opens them.
 *
 * @example <Inbox onItemClick={(item, event) => { event.preventDefault(); router.push(item.actionUrl); }} />
 */
export function Inbox(props: InboxProps) {
  const { filter = NO_FILTER, pageSize, onItemClick, footer, align = "end", defaultOpen = false } = props;
  const { words, theme } = useKnock();
  const feed = useFeed({ filter, pageSize });
  const { open, setOpen, close, root, bell, panel, onKeyDown } = usePopover(defaultOpen);
  const said = useArrivals(feed);
  const id = useId();
  const { unreadCount } = feed.counts;
  return (
    <div className="knock-root knock-inbox" data-knock-theme={theme} ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        ref={bell}
        className="knock-bell"
        aria-label={words.bell(unreadCount)}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => (open ? close() : setOpen(true))}
      >
        <BellIcon size={22} />
        {unreadCount > 0 && (
          <span className="knock-count" aria-hidden="true">
            {unreadCount > MOST_COUNTED ? `${MOST_COUNTED}+` : unreadCount}
          </span>
        )}
      </button>
      <span className="knock-hidden" role="status" aria-live="polite">
        {said}
      </span>
      {open && (
        <div
          className="knock-panel"
          data-align={align}
          role="dialog"
          id={id}
          ref={panel}
          tabIndex={-1}
          aria-label={words.title}
        >
          <InboxPanel {...{ main: feed, filter, pageSize, onItemClick, footer, close }} />
        </div>
      )}
    </div>
  );
}
