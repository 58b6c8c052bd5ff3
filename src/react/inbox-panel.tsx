// What the bell opens: title, tabs, items.
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useState } from "react";
import type { FeedItem } from "../client/feed/types.ts";
import type { FeedSelection } from "../client/user-feed.ts";
import { CheckAllIcon, CloseIcon } from "./icons.tsx";
import { InboxList, type InboxTab } from "./inbox-list.tsx";
import { useKnock } from "./provider.tsx";
import { type UseFeed, useFeed } from "./use-feed.ts";

const TABS: readonly InboxTab[] = ["all", "unread", "archived"];

/** Arrow keys go from tab to tab, in the direction in which they point. */
function useTabKeys(tab: InboxTab, select: (tab: InboxTab) => void) {
  return (event: KeyboardEvent<HTMLElement>) => {
    const forward = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
    const at = TABS.indexOf(tab);
    const steps: Record<string, number> = { ArrowRight: at + forward, ArrowLeft: at - forward, Home: 0, End: -1 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const chosen = TABS.at(next % TABS.length)!;
    select(chosen);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${chosen}"]`)?.focus();
  };
}

function Tabs({ tab, select, unread, id }: { tab: InboxTab; select(tab: InboxTab): void; unread: number; id: string }) {
  const { words } = useKnock();
  return (
    <div className="knock-tabs" role="tablist" aria-label={words.title} onKeyDown={useTabKeys(tab, select)}>
      {TABS.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`${id}-${one}`}
          data-tab={one}
          aria-selected={one === tab}
          aria-controls={`${id}-panel`}
          tabIndex={one === tab ? 0 : -1}
          className="knock-tab"
          onClick={() => select(one)}
        >
          {words[one]}
          {one === "unread" && unread > 0 && <span className="knock-pill">{unread > 99 ? "99+" : unread}</span>}
        </button>
      ))}
    </div>
  );
}

interface InboxPanelProps {
  /** The feed of the first tab, which also counts for the bell. */
  main: UseFeed;
  filter: FeedSelection;
  pageSize: number | undefined;
  onItemClick: ((item: FeedItem, event: MouseEvent) => void) | undefined;
  footer: ReactNode;
  close(): void;
}

type Opening = (item: FeedItem, event: MouseEvent) => void;

/** A tab with a feed of its own: it need not be there before somebody looks. */
function OwnFeed({
  tab,
  filter,
  pageSize,
  open,
}: Pick<InboxPanelProps, "filter" | "pageSize"> & { tab: InboxTab; open: Opening }) {
  const asked = tab === "unread" ? { ...filter, status: "UNREAD" as const } : { ...filter, archived: "ONLY" as const };
  const feed = useFeed({ filter: asked, pageSize });
  return <InboxList feed={feed} tab={tab} onOpen={open} />;
}

/** The dialog's content. */
export function InboxPanel({ main, filter, pageSize, onItemClick, footer, close }: InboxPanelProps) {
  const { words } = useKnock();
  const [tab, select] = useState<InboxTab>("all");
  const id = useId();
  const { counts, markAs, markAllAs } = main;
  useEffect(() => {
    if (counts.unseenCount > 0) void markAllAs("SEEN");
  }, [counts.unseenCount, markAllAs]);
  const open: Opening = (item, event) => {
    void markAs([item.id], item.actionUrl === null ? "READ" : "INTERACTED");
    onItemClick?.(item, event);
  };
  return (
    <>
      <header className="knock-head">
        <h2 className="knock-title" id={`${id}-title`}>
          {words.title}
        </h2>
        <button
          type="button"
          className="knock-head-action"
          aria-disabled={counts.unreadCount === 0}
          onClick={() => counts.unreadCount > 0 && void markAllAs("READ")}
        >
          <CheckAllIcon size={16} />
          <span>{words.markAllRead}</span>
        </button>
        <button type="button" className="knock-icon-button" aria-label={words.close} onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <Tabs tab={tab} select={select} unread={counts.unreadCount} id={id} />
      <div className="knock-scroll" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`} tabIndex={-1}>
        {tab === "all" ? (
          <InboxList feed={main} tab={tab} onOpen={open} />
        ) : (
          <OwnFeed key={tab} tab={tab} filter={filter} pageSize={pageSize} open={open} />
        )}
      </div>
      {footer && <footer className="knock-foot">{footer}</footer>}
    </>
  );
}
