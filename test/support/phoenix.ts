// A client that speaks frames of the Phoenix socket and nothing more.
import { once } from "node:events";
import { WebSocket } from "ws";

/** `[join_ref, ref, topic, event, payload]`. */
export type WireFrame = [string | null, string | null, string, string, Record<string, unknown>];

/** An open socket of a client. */
export interface PhoenixClient {
  socket: WebSocket;
  /** Everything that the server said, in order. */
  frames: WireFrame[];
  /** Code and reason, when the server has closed it. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Says a frame, or a text that is none. */
  say(frame: WireFrame | string): void;
  /** The next frame that was not taken yet and fits. */
  next(fits?: (frame: WireFrame) => boolean): Promise<WireFrame>;
  close(): void;
}

/** Opens a socket. Fails with the status of the answer where it is refused. */
export async function openPhoenix(url: string, headers: Record<string, string> = {}): Promise<PhoenixClient> {
  const socket = new WebSocket(url, { headers });
  const frames: WireFrame[] = [];
  const taken = new Set<WireFrame>();
  socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString()) as WireFrame));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("unexpected-response", (_request, { statusCode }) => reject(new Error(`refused: ${statusCode}`)));
    socket.once("error", reject);
  });
  return {
    socket,
    frames,
    closed,
    say: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    async next(fits = () => true) {
      for (;;) {
        const found = frames.find((frame) => !taken.has(frame) && fits(frame));
        if (found) {
          taken.add(found);
          return found;
        }
        await once(socket, "message");
      }
    },
    close: () => socket.close(),
  };
}
