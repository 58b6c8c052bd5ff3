import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came in. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** Answers a request; the body has been read. */
export type Answering = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server on a free port of this machine. */
export interface HttpServer {
  url: string;
  /** All requests so far. */
  seen: SeenRequest[];
  /** How the next requests are answered. */
  answer: Answering;
  close(): Promise<void>;
}

/** Answers with JSON. */
export const json =
  (value: unknown, status = 200): Answering =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

/** Starts a server that answers `{}` until told otherwise. */
export async function startHttpServer(): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const seen = { method, path, headers, body: Buffer.concat(chunks).toString() };
      started.seen.push(seen);
      started.answer(seen, response);
    });
  });
  const started: HttpServer = {
    url: "",
    seen: [],
    answer: json({}),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  started.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return started;
}
