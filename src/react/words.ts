/** Every text of the components, so that an app can say them in its own language. */
export interface Words {
  title: string;
  /** Name of the bell: how much is unread. */
  bell: (unread: number) => string;
  all: string;
  unread: string;
  archived: string;
  markAllRead: string;
  markRead: string;
  markUnread: string;
  archive: string;
  unarchive: string;
  close: string;
  loading: string;
  retry: string;
  /** What is wrong when nothing can be shown. */
  failed: string;
  offline: string;
  emptyAll: string;
  emptyAllHint: string;
  emptyUnread: string;
  emptyUnreadHint: string;
  emptyArchived: string;
  emptyArchivedHint: string;
  /** Told to screen readers when items come. */
  arrived: (count: number, newest: string) => string;
  /** Before an unread item, for screen readers. */
  unreadItem: string;
  more: string;
  end: string;
  justNow: string;
  preferences: string;
  required: string;
  /** A condition decides from message to message. */
  conditional: string;
  notSaved: string;
  channels: Record<"IN_APP" | "EMAIL" | "SMS" | "PUSH" | "CHAT" | "WEBHOOK", string>;
}

/** The texts in English. */
export const english: Words = {
  title: "Notifications",
  bell: (unread) => (unread === 0 ? "Notifications" : `Notifications, ${unread} unread`),
  all: "All",
  unread: "Unread",
  archived: "Archived",
  markAllRead: "Mark all as read",
  markRead: "Mark as read",
  markUnread: "Mark as unread",
  archive: "Archive",
  unarchive: "Move back to inbox",
  close: "Close",
  loading: "Loading notifications",
  retry: "Try again",
  failed: "Your notifications could not be loaded.",
  offline: "You are offline. Trying to reconnect…",
  emptyAll: "You're all caught up",
  emptyAllHint: "New notifications will appear here.",
  emptyUnread: "Nothing unread",
  emptyUnreadHint: "You have read everything.",
  emptyArchived: "Nothing archived",
  emptyArchivedHint: "What you archive is kept here.",
  arrived: (count, newest) => (count === 1 ? `New notification: ${newest}` : `${count} new notifications`),
  unreadItem: "Unread",
  more: "Load more",
  end: "That's everything",
  justNow: "now",
  preferences: "Notification preferences",
  required: "Always on",
  conditional: "Depends on the message",
  notSaved: "That could not be saved.",
  channels: { IN_APP: "In-app", EMAIL: "Email", SMS: "SMS", PUSH: "Push", CHAT: "Chat", WEBHOOK: "Webhook" },
};
