// Between Node's request and response and those of the web platform, which the API speaks.
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";

/** A body that is larger than the limit. */
export class BodyTooLarge extends Error {
  constructor() {
    super("the body is too large");
    this.name = "BodyTooLarge";
  }
}

/** A method that the web platform does not have, or a target that is no address. */
export class UnusableRequest extends Error {
  constructor(options?: ErrorOptions) {
    super("the method or the target of the request is not usable", options);
    this.name = "UnusableRequest";
  }
}

/** Up to how many times the limit is read, and thrown away, before a body is refused. */
const DRAINED = 8;

/**
 * The whole body, or `BodyTooLarge` without holding more than `limit` bytes. What is somewhat too large
 * is read to its end first: most clients do not look at an answer while they are still sending.
 */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer<ArrayBuffer>> {
  if (Number(request.headers["content-length"] ?? 0) > limit * DRAINED) throw new BodyTooLarge();
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit * DRAINED) throw new BodyTooLarge();
    if (size > limit) chunks = [];
    else chunks.push(chunk);
  }
  if (size > limit) throw new BodyTooLarge();
  return Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    headers.append(request.rawHeaders[index]!, request.rawHeaders[index + 1]!);
  }
  return headers;
}

/**
 * The request for a fetch handler. Its signal is aborted when the caller goes away.
 *
 * @throws BodyTooLarge, UnusableRequest
 */
export async function toRequest(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Request> {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  const method = request.method ?? "GET";
  const body = method === "GET" || method === "HEAD" ? null : await readBody(request, limit);
  const target = request.url ?? "/";
  try {
    // The host is for building a URL only; nothing is decided by it.
    const url = new URL(target.startsWith("/") ? `http://localhost${target}` : target, "http://localhost");
    return new Request(url, { method, headers: headersOf(request), body, signal: controller.signal });
  } catch (error) {
    throw new UnusableRequest({ cause: error });
  }
}

async function stream(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader();
  response.once("close", () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done || response.destroyed) break;
    if (!response.write(value)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
}

/** Sends what a fetch handler answered; a stream is passed on as it comes. */
export async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  if (answer.body) await stream(answer.body, response);
  response.end();
}
