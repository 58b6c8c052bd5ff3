// People who look at their feeds over HTTP, as many as a machine has sockets: each is one connection and no more.
import { connect, type Socket } from "node:net";

/** What a stream tells, as far as these people look at it. */
export interface Told {
  reason: "READY" | "ARRIVED" | "MARKED" | "RESET";
  cursor: string;
  counts: { totalCount: number; unreadCount: number; unseenCount: number };
  item: { id: string; title: string | null; body: string } | null;
}

/** Somebody who looks on. */
export interface Onlooker {
  readonly userId: string;
  /** Goes on elsewhere, behind what was last told. */
  moveTo(port: number): void;
  close(): void;
}

interface Watching {
  userId: string;
  port: number;
  headers: Record<string, string>;
  onTold(told: Told): void;
  /** The connection broke, or the stream ended. */
  onEnd?(onlooker: Onlooker): void;
}

const QUERY = `subscription ($after: String) { feedChanged(after: $after) {
  reason cursor counts { totalCount unreadCount unseenCount } item { id title body } } }`;

/** Takes the bodies of chunks out of a connection, and the lines out of these. */
function linesOf(onLine: (line: string) => void): (bytes: string) => void {
  let raw = "";
  let text = "";
  let inHead = true;
  return (bytes) => {
    raw += bytes;
    if (inHead) {
      const end = raw.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!raw.startsWith("HTTP/1.1 200")) throw new Error(raw.slice(0, 500));
      raw = raw.slice(end + 4);
      inHead = false;
    }
    for (;;) {
      const end = raw.indexOf("\r\n");
      if (end < 0) break;
      const size = Number.parseInt(raw.slice(0, end), 16);
      if (raw.length < end + 2 + size + 2) break;
      text += raw.slice(end + 2, end + 2 + size);
      raw = raw.slice(end + 2 + size + 2);
    }
    const lines = text.split("\n");
    text = lines.pop()!;
    lines.forEach(onLine);
  };
}

/** Begins to look at a feed. Latin-1 alone: these people read test messages. */
export function lookOn({ userId, port, headers, onTold, onEnd }: Watching): Onlooker {
  let cursor: string | null = null;
  let socket: Socket;
  function open(at: number): void {
    const body = JSON.stringify({ query: QUERY, variables: { after: cursor } });
    const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const read = linesOf((line) => {
      if (!line.startsWith("data: ")) return;
      const { data, errors } = JSON.parse(line.slice(6)) as { data?: { feedChanged: Told } | null; errors?: object };
      if (!data) throw new Error(JSON.stringify(errors));
      cursor = data.feedChanged.cursor;
      onTold(data.feedChanged);
    });
    const opened = connect(at, "127.0.0.1");
    socket = opened;
    opened.setEncoding("latin1").on("data", read);
    opened.on("error", () => {});
    opened.on("close", () => {
      if (socket === opened) onEnd?.(onlooker);
    });
    opened.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n${given.join("")}\r\n${body}`,
    );
  }
  const onlooker: Onlooker = {
    userId,
    moveTo: open,
    close() {
      onEnd = undefined;
      socket.destroy();
    },
  };
  open(port);
  return onlooker;
}
