import { createAuthenticate } from "../../src/api/auth/authenticate.ts";
import { createGraphql, type GraphqlHandler, type GraphqlOptions } from "../../src/api/graphql/yoga.ts";
import type { Logger } from "../../src/base/logger.ts";
import type { Engine } from "../../src/engine/engine.ts";

/** One entry of an answer's `errors`. */
export interface WireError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; hint?: string; issues?: { path: string; message: string; code: string }[] };
}

/** An answer. Its data is whatever the test asked for. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Each test knows what it asked for and asserts on it.
  data: Record<string, never> | null | undefined;
  errors: WireError[];
}

export interface Api {
  handle: GraphqlHandler;
  /** Sends an operation and reads the answer. */
  send(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Sends an operation that must succeed and gives its data. */
  ask<Data = Record<string, unknown>>(
    query: string,
    variables?: object,
    headers?: Record<string, string>,
  ): Promise<Data>;
}

export const postJson = (body: unknown, headers: Record<string, string> = {}): Request =>
  new Request("http://localhost/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

interface ApiOptions extends Partial<Omit<GraphqlOptions, "engine" | "authenticate">> {
  /** Whether callers have to show a key. Default: false. */
  auth?: boolean;
  logger?: Logger;
}

/** The way to find callers of an engine. */
export const authenticateFor = (
  { context }: Engine,
  { required, deploys = false }: { required: boolean; deploys?: boolean },
) =>
  createAuthenticate({
    db: context.database.db,
    clock: context.clock,
    required,
    deploys,
    publicKeys: context.userTokenKeys,
  });

/** The API in front of an engine, without HTTP. */
export function apiOf(engine: Engine, options: ApiOptions = {}): Api {
  const { logger = engine.context.logger, auth = false, dev = false, deploys = null, closing = null } = options;
  const authenticate = authenticateFor(engine, { required: auth, deploys: deploys !== null });
  const context = { ...engine.context, logger };
  const handle = createGraphql({ engine: { ...engine, context }, authenticate, dev, deploys, closing });
  async function send(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer> {
    const response = await handle(postJson({ query, variables }, headers));
    const text = await response.text();
    const { data, errors = [] } = JSON.parse(text) as Pick<Answer, "data" | "errors">;
    return { status: response.status, headers: response.headers, text, data, errors };
  }
  return {
    handle,
    send,
    async ask<Data>(query: string, variables?: object, headers?: Record<string, string>) {
      const { data, errors } = await send(query, variables, headers);
      if (errors.length > 0) throw new Error(`the operation failed: ${JSON.stringify(errors)}`);
      return data as Data;
    },
  };
}
