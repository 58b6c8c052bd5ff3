"use client";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { systemClock } from "../base/clock.ts";
import { createFeed } from "../client/feed/create-feed.ts";
import type { FeedState, FeedStore } from "../client/feed/types.ts";
import { createPreferences } from "../client/preferences/create-preferences.ts";
import type { PreferencesState, PreferencesStore } from "../client/preferences/types.ts";
import type { FeedSelection } from "../client/user-feed.ts";
import { useKnock } from "./provider.tsx";

/** What `useFeed` takes. */
export interface UseFeedOptions {
  filter?: FeedSelection | undefined;
  /** Items of a page, at most 100. Default: 25. */
  pageSize?: number | undefined;
}

/** A feed: what it shows now, and what can be done with it. */
export type UseFeed = FeedState & Omit<FeedStore, "getSnapshot" | "subscribe" | "close">;

/**
 * The feed of the person of the nearest `KnockProvider`, live while the component is mounted.
 *
 * @example const { items, counts, markAs } = useFeed({ filter: { category: "comments" } });
 */
export function useFeed({ filter, pageSize }: UseFeedOptions = {}): UseFeed {
  const { connection } = useKnock();
  // Filters are written in place, and so another object each time.
  const asked = JSON.stringify(filter ?? {});
  const feed = useMemo(
    () => createFeed({ ...connection, pageSize, filter: JSON.parse(asked) as FeedSelection }),
    [connection, pageSize, asked],
  );
  const state = useSyncExternalStore(feed.subscribe, feed.getSnapshot, feed.getSnapshot);
  return useMemo(() => {
    const { fetchMore, refresh, markAs, markAllAs, setFilter } = feed;
    return { ...state, fetchMore, refresh, markAs, markAllAs, setFilter };
  }, [feed, state]);
}

/** What the person of the nearest `KnockProvider` wants to receive. */
export function usePreferences(): PreferencesState & Pick<PreferencesStore, "set" | "refresh"> {
  const { connection } = useKnock();
  const preferences = useMemo(() => createPreferences(connection), [connection]);
  const state = useSyncExternalStore(preferences.subscribe, preferences.getSnapshot, preferences.getSnapshot);
  return useMemo(() => ({ ...state, set: preferences.set, refresh: preferences.refresh }), [preferences, state]);
}

const NOW_EVERY_MS = 30_000;

/** The present moment, somewhat behind. */
export function useNow(): Date {
  const [now, setNow] = useState(systemClock.now);
  useEffect(() => systemClock.after(NOW_EVERY_MS, () => setNow(systemClock.now())), [now]);
  return now;
}
