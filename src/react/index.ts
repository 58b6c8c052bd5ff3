"use client";
// What an app shows of notifications, ready made: needs React and nothing else.
export { Inbox, type InboxProps } from "./inbox.tsx";
export { Preferences, type PreferencesProps } from "./preferences.tsx";
export { KnockProvider, type KnockProviderProps } from "./provider.tsx";
export { useFeed, type UseFeed, type UseFeedOptions, usePreferences } from "./use-feed.ts";
export { styles } from "./styles.ts";
export type { Words } from "./words.ts";
export type { FeedItem } from "../client/feed/types.ts";
