// One row: what happened, and what can be done with it.
import type { KeyboardEvent, MouseEvent } from "react";
import type { FeedItem } from "../client/feed/types.ts";
import type { Marking } from "../client/user-feed.ts";
import { Avatars } from "./avatar.tsx";
import { ArchiveIcon, CheckIcon, DotIcon, RestoreIcon } from "./icons.tsx";
import { useKnock } from "./provider.tsx";
import { relativeTime } from "./relative-time.ts";

interface InboxItemProps {
  item: FeedItem;
  now: Date;
  onOpen(item: FeedItem, event: MouseEvent): void;
  onMark(item: FeedItem, as: Marking): void;
}

/** Links of other kinds, such as `javascript:`, are not followed. */
const linkOf = (url: string | null): string | undefined =>
  url !== null && (/^(https?:|mailto:|tel:)/i.test(url) || !/^[^/?#]*:/.test(url)) ? url : undefined;

function Actions({ item, onMark }: Pick<InboxItemProps, "item" | "onMark">) {
  const { words } = useKnock();
  const action = (as: Marking, label: string, Icon: typeof CheckIcon) => (
    <button type="button" className="knock-action" aria-label={label} title={label} onClick={() => onMark(item, as)}>
      <Icon size={16} />
    </button>
  );
  return (
    <span className="knock-actions">
      {item.readAt ? action("UNREAD", words.markUnread, DotIcon) : action("READ", words.markRead, CheckIcon)}
      {item.archivedAt
        ? action("UNARCHIVED", words.unarchive, RestoreIcon)
        : action("ARCHIVED", words.archive, ArchiveIcon)}
    </span>
  );
}

/** Up and down, and to both ends of the list. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const mains = [...(event.currentTarget.closest("ul")?.querySelectorAll<HTMLElement>(".knock-main") ?? [])];
  const at = mains.indexOf(event.currentTarget.querySelector<HTMLElement>(".knock-main")!);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: mains.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  mains[Math.max(0, Math.min(mains.length - 1, next))]?.focus();
}

/** One item of the inbox. */
export function InboxItem({ item, now, onOpen, onMark }: InboxItemProps) {
  const { words, locale } = useKnock();
  const href = linkOf(item.actionUrl);
  const content = (
    <>
      {!item.readAt && <span className="knock-hidden">{words.unreadItem}: </span>}
      {item.title && (
        <span className="knock-item-title">
          <bdi>{item.title}</bdi>
        </span>
      )}
      <span className="knock-item-body">
        <bdi>{item.body}</bdi>
      </span>
      <time className="knock-time" dateTime={item.arrivedAt} title={new Date(item.arrivedAt).toLocaleString(locale)}>
        {relativeTime(item.arrivedAt, now, { locale, justNow: words.justNow })}
      </time>
    </>
  );
  const open = (event: MouseEvent) => onOpen(item, event);
  return (
    <li className="knock-item" data-unread={item.readAt === null} data-id={item.id} onKeyDown={moveFocus}>
      <Avatars item={item} />
      {href ? (
        <a className="knock-main" href={href} onClick={open}>
          {content}
        </a>
      ) : (
        <button type="button" className="knock-main" onClick={open}>
          {content}
        </button>
      )}
      <Actions item={item} onMark={onMark} />
    </li>
  );
}
