"use client";
// Who looks, where the server is, and how everything below looks.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";
import type { FeedConnection } from "../client/feed/types.ts";
import { styles } from "./styles.ts";
import { english, type Words } from "./words.ts";

/** What `KnockProvider` takes. */
export interface KnockProviderProps extends FeedConnection {
  /** For messages and preferences of this tenant. */
  tenant?: string | undefined;
  /** Default: `auto`, as the system has it. */
  theme?: "light" | "dark" | "auto" | undefined;
  /** BCP 47, for times. Default: that of the browser. */
  locale?: string | undefined;
  /** Texts in another language; those that are left out are English. */
  words?: Partial<Words> | undefined;
  /** Of the page's content security policy, for the one `<style>`. */
  nonce?: string | undefined;
  /** `false` when the page brings `styles` itself. Default: true. */
  injectStyles?: boolean | undefined;
  children?: ReactNode;
}

/** What components find around them. */
export interface KnockContext {
  connection: FeedConnection & { tenant?: string | undefined };
  theme: "light" | "dark" | "auto";
  locale: string | undefined;
  words: Words;
}

const Surroundings = createContext<KnockContext | null>(null);

/** What the nearest `KnockProvider` says. Throws when there is none. */
export function useKnock(): KnockContext {
  const found = useContext(Surroundings);
  if (!found) throw new Error("There is no <KnockProvider> around this component.");
  return found;
}

/** A connection that stays the same while `token` is another function with each rendering. */
function useConnection({ url, token, apiKey, tenant, fetch }: KnockProviderProps): KnockContext["connection"] {
  const latest = useRef(token);
  useEffect(() => {
    latest.current = token;
  });
  const text = typeof token === "string" ? token : null;
  return useMemo(() => {
    const current = () => (typeof latest.current === "function" ? latest.current() : latest.current);
    return { url, apiKey, tenant, fetch, token: text ?? current };
  }, [url, apiKey, tenant, fetch, text]);
}

/**
 * Lets everything below reach a server on behalf of one person.
 *
 * @example <KnockProvider url="https://knock.example.com" apiKey="pk_…" token={fetchToken}><Inbox /></KnockProvider>
 */
export function KnockProvider(props: KnockProviderProps) {
  const { theme = "auto", locale, words, nonce, injectStyles = true, children } = props;
  const connection = useConnection(props);
  const value = useMemo(
    () => ({ connection, theme, locale, words: { ...english, ...words } }),
    [connection, theme, locale, words],
  );
  return (
    <Surroundings.Provider value={value}>
      {injectStyles && <style nonce={nonce} dangerouslySetInnerHTML={{ __html: styles }} />}
      {children}
    </Surroundings.Provider>
  );
}
