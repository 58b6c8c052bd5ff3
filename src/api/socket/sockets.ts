// The sockets of a server: who may open one, and when it is closed.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Viewer } from "../../engine/viewer/viewer.ts";
import type { Authenticate } from "../auth/authenticate.ts";
import { grantedTo } from "../auth/identity.ts";
import { feedChannelKeyOf } from "../rest/channel-id.ts";
import { type Conversation, createConversation } from "./conversation.ts";

/** What is needed to answer sockets. */
export interface SocketOptions {
  engine: Engine;
  /** Finds the caller. */
  authenticate: Authenticate;
}

/** The sockets of a server. */
export interface Sockets {
  /** Takes over a connection whose request asks for a socket. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** How many are open. */
  readonly open: number;
  /** Closes all of them, in a way that makes clients come back, and takes no new ones. */
  close(): Promise<void>;
}

const PATH = "/ws/v1/websocket";
/** Larger than the options of all feeds of a page; clients say nothing else. */
const LARGEST_FRAME = 64 * 1024;
/** What a client may leave unread before it is given up, in bytes: some thousand pushes. */
const MOST_UNREAD = 1024 * 1024;
/** What a client may say before the first of it was answered: more than all feeds of a page. */
const MOST_WAITING = 100;
const SWEEP_MS = 5_000;
/** After this much silence a socket is pinged. Clients of today say something every 30 seconds. */
const PING_AFTER_MS = 40_000;
/** After this much silence it is gone. */
const GONE_AFTER_MS = 75_000;
const CLOSE_GRACE_MS = 1_000;

/** Closed for good: clients do not come back with the same token. */
const ENDED = 1000;
/** A client that says more than can be answered. */
const TOO_MUCH = 1008;
/** Clients come back a moment later. */
const RESTARTING = 1012;

/** One open socket. */
interface Open {
  socket: WebSocket;
  conversation: Conversation;
  viewer: Viewer | null;
  heardAt: number;
}

function refuse(connection: Duplex, status: number): void {
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Who opens a socket, or the status with which it is refused. Parameters that a client has no value for are empty. */
async function callerOf(url: URL, authenticate: Authenticate): Promise<{ viewer: Viewer | null } | number> {
  const given = (name: string) => url.searchParams.get(name) || null;
  if (url.pathname !== PATH) return 404;
  if (!(given("vsn") ?? "2.").startsWith("2.")) return 400;
  try {
    const identity = await authenticate({ key: given("api_key"), userToken: given("user_token") });
    return identity.viewer || grantedTo(identity).read ? { viewer: identity.viewer } : 403;
  } catch (error) {
    if (KnockError.is(error, "UNAUTHENTICATED")) return 403;
    throw error;
  }
}

/** What becomes of a socket as time goes by. */
function sweep({ socket, viewer, heardAt }: Open, clock: Clock): void {
  const now = clock.now().getTime();
  if (viewer && viewer.expiresAt.getTime() <= now) return socket.close(ENDED, "the user token has expired");
  if (now - heardAt > GONE_AFTER_MS) return socket.terminate();
  if (now - heardAt > PING_AFTER_MS) socket.ping();
}

/** Makes the sockets of a server, for `/ws/v1/websocket`. */
export function createSockets({ engine, authenticate }: SocketOptions): Sockets {
  const { clock, logger } = engine.context;
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME, perMessageDeflate: false });
  const sockets = new Set<Open>();
  let closed = false;
  let cancelSweep: (() => void) | null = null;

  function send(socket: WebSocket, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNREAD) return socket.terminate();
    socket.send(text);
  }

  function begin(socket: WebSocket, viewer: Viewer | null): void {
    const conversation = createConversation({
      feeds: engine.feeds,
      clock,
      logger,
      viewer,
      channelOf: (given) => feedChannelKeyOf(engine.context, given),
      send: (text) => send(socket, text),
    });
    const open: Open = { socket, conversation, viewer, heardAt: clock.now().getTime() };
    const heard = () => (open.heardAt = clock.now().getTime());
    sockets.add(open);
    cancelSweep ??= clock.after(SWEEP_MS, sweepAll);
    socket.on("pong", heard);
    let waiting = 0;
    let handled = Promise.resolve();
    socket.on("message", (data: Buffer, binary) => {
      heard();
      if (binary || socket.readyState !== socket.OPEN) return;
      if (waiting >= MOST_WAITING) return socket.close(TOO_MUCH, "too much at once");
      waiting++;
      // One after the other, so that nobody has the database answer thousands of joins at the same time.
      handled = handled.then(() => conversation.receive(data.toString())).finally(() => waiting--);
    });
    // What is too large, or no frame of the protocol: the library closes the socket.
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(open);
      conversation.end();
    });
  }

  function sweepAll(): void {
    for (const open of sockets) sweep(open, clock);
    cancelSweep = sockets.size > 0 ? clock.after(SWEEP_MS, sweepAll) : null;
  }

  async function accept(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    const url = URL.parse(request.url ?? "/", "http://localhost");
    const caller = url ? await callerOf(url, authenticate) : 400;
    if (typeof caller === "number") return refuse(connection, caller);
    if (closed) return refuse(connection, 503);
    server.handleUpgrade(request, connection, head, (socket) => begin(socket, caller.viewer));
  }

  return {
    upgrade(request, connection, head) {
      connection.on("error", () => connection.destroy());
      accept(request, connection, head).catch((error: unknown) => {
        logger.error("a socket could not be opened", { error });
        refuse(connection, 500);
      });
    },
    get open() {
      return sockets.size;
    },
    async close() {
      closed = true;
      cancelSweep?.();
      const all = [...sockets];
      const gone = Promise.all(all.map(({ socket }) => new Promise((resolve) => socket.once("close", resolve))));
      for (const { socket } of all) socket.close(RESTARTING, "the server restarts");
      const cancel = clock.after(CLOSE_GRACE_MS, () => {
        for (const { socket } of all) socket.terminate();
      });
      await gone;
      cancel();
    },
  };
}
