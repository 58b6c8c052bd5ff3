import { createRest, type RestHandler, type RestOptions } from "../../src/api/rest/router.ts";
import type { Route } from "../../src/api/rest/route.ts";
import type { Knock } from "../../src/knock.ts";
import { authenticateFor } from "./graphql.ts";

/** An answer. Its body is whatever the test asked for. */
export interface RestResponse<Body = Record<string, never>> {
  status: number;
  headers: Headers;
  body: Body;
}

interface Call {
  body?: unknown;
  headers?: Record<string, string>;
}

/** The REST surface in front of a system, without HTTP. */
export interface Rest {
  handle: RestHandler;
  /** `await rest.call("GET", "/v1/users/ada")`. A body that is text is sent as it is. */
  call<Body = Record<string, never>>(method: string, path: string, call?: Call): Promise<RestResponse<Body>>;
  get<Body = Record<string, never>>(path: string, headers?: Record<string, string>): Promise<RestResponse<Body>>;
  post<Body = Record<string, never>>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<RestResponse<Body>>;
  put<Body = Record<string, never>>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<RestResponse<Body>>;
  delete<Body = Record<string, never>>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<RestResponse<Body>>;
}

/** Throws when an answer is not what its route promises in the OpenAPI document. */
export function keepsPromise(route: Route, { status, body }: { status: number; body?: unknown }): void {
  const place = `${route.method} ${route.path} ${status}`;
  const promised = route.responses[status];
  if (promised === undefined) throw new Error(`${place} is not among the responses of the route`);
  if (promised === null) {
    if (body !== undefined) throw new Error(`${place} has a body, and promised none`);
    return;
  }
  const parsed = promised.safeParse(JSON.parse(JSON.stringify(body)));
  if (parsed.error) throw new Error(`${place} is not as promised: ${parsed.error.message}`);
}

/**
 * The REST surface in front of a system. Every 2xx answer is compared with the schema of its route: an answer that is not
 * as promised throws.
 */
export function restOf(
  { engine }: Pick<Knock, "engine">,
  options: Partial<RestOptions> & { auth?: boolean } = {},
): Rest {
  const { auth = false, ...others } = options;
  let broken: unknown = null;
  const handle = createRest({
    engine,
    authenticate: authenticateFor(engine, { required: auth }),
    onAnswer(route, answer) {
      try {
        keepsPromise(route, answer);
      } catch (error) {
        broken = error;
      }
    },
    ...others,
  });
  async function call<Body>(
    method: string,
    path: string,
    { body, headers = {} }: Call = {},
  ): Promise<RestResponse<Body>> {
    const sent = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    const response = await handle(
      new Request(`http://localhost${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        body: method === "GET" ? null : sent,
      }),
    );
    if (broken) throw broken;
    const text = await response.text();
    const parsed = (text === "" ? null : JSON.parse(text)) as Body;
    return { status: response.status, headers: response.headers, body: parsed };
  }
  const withBody =
    (method: string): Rest["post"] =>
    (path, body, headers = {}) =>
      call(method, path, { body, headers });
  return {
    handle,
    call,
    get: (path, headers = {}) => call("GET", path, { headers }),
    post: withBody("POST"),
    put: withBody("PUT"),
    delete: withBody("DELETE"),
  };
}
