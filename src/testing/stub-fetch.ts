import type { HttpClient, HttpRequest } from "../channels/network.ts";

/** Answers the calls of fetch steps. What it throws is what the network would throw. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/** Stands in for the network. */
export interface StubFetch extends HttpClient {
  /** Answers all calls from now on. */
  answerWith(handler: FetchHandler): void;
}

const nobody: FetchHandler = ({ method, url }) => {
  throw new Error(`no test answers ${method} ${url}: give createTestKnock the option fetch, or call knock.fetch`);
};

const requestOf = (url: URL, { method, headers, body, signal }: HttpRequest): Request =>
  new Request(url, { method, headers, signal, ...(body !== "" && { body }) });

/** A network of one function. Without one every call fails, with words that say so. */
export function stubFetch(first: FetchHandler = nobody): StubFetch {
  let handler = first;
  return {
    request: async (url, request) => handler(requestOf(url, request)),
    answerWith: (next) => void (handler = next),
    close() {},
  };
}
