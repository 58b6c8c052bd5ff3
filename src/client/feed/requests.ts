// Requests on behalf of a person: with the user token, which is got anew when the server no longer takes it.
import { type Body, bodyOf, failed, open, unreachable } from "../post.ts";
import { refusalIn } from "./refusal.ts";
import type { FeedConnection } from "./types.ts";

/** Sends operations. Throws a `KnockError`. */
export interface Requests {
  /** The data of a query or a mutation. */
  send<Data>(query: string, variables: object): Promise<Data>;
  /** The body of a subscription, as it comes in. */
  stream(query: string, variables: object, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** The next request gets a fresh token. */
  forgetToken(): void;
  /** Whether there can be another token than the last one. */
  readonly renewable: boolean;
}

const EVENTS = "text/event-stream";
const JSON_TYPE = "application/graphql-response+json";

/** The data of an answer. Throws what it says instead of data. */
export function dataOf<Data>(url: string, { data, errors }: Body): Data {
  const [error] = errors ?? [];
  if (error) throw refusalIn(failed(url, error), "The question");
  if (!data) throw unreachable(url, "what answers is no knock server");
  return data as Data;
}

/** Makes the way to a server. Nothing is sent before it is asked to. */
export function createRequests({ url, token, apiKey, fetch: send }: FeedConnection): Requests {
  let known: Promise<string> | null = null;
  const getToken = async (): Promise<string> => {
    try {
      return await (typeof token === "string" ? token : token());
    } catch (error) {
      // As a server that is away: what could not sign now may be able to in a moment.
      throw unreachable(url, "the function that gets user tokens failed", error);
    }
  };
  const forgetToken = () => void (known = null);

  async function tokenNow(): Promise<string> {
    const used = (known ??= getToken());
    try {
      return await used;
    } catch (error) {
      if (known === used) known = null;
      throw error;
    }
  }

  async function attempt(body: object, accept: string, signal?: AbortSignal): Promise<Response> {
    const headers = { accept, "x-knock-user-token": await tokenNow() };
    const used = known;
    const response = await open({ url, apiKey, fetch: send }, { body, headers, signal });
    if (response.status === 401 && known === used) known = null;
    return response;
  }

  /** A token that was good may have expired since: one that is fresh gets another try. */
  async function request(body: object, accept: string, signal?: AbortSignal): Promise<Response> {
    const before = known;
    const response = await attempt(body, accept, signal);
    if (response.status !== 401 || before === null || typeof token === "string") return response;
    await response.body?.cancel();
    return attempt(body, accept, signal);
  }

  return {
    forgetToken,
    renewable: typeof token !== "string",
    send: async (query, variables) => dataOf(url, await bodyOf(url, await request({ query, variables }, JSON_TYPE))),
    async stream(query, variables, signal) {
      const response = await request({ query, variables }, `${EVENTS}, ${JSON_TYPE}`, signal);
      if (response.body && response.headers.get("content-type")?.startsWith(EVENTS)) return response.body;
      dataOf(url, await bodyOf(url, response));
      throw unreachable(url, "it answered a subscription without a stream");
    },
  };
}
