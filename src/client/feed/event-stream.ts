// Server-sent events as the HTML standard has them, read from a fetch: EventSource cannot send headers.

/** One frame of a stream. */
export interface StreamEvent {
  /** `message` when the frame names none. */
  event: string;
  data: string;
}

/**
 * Reads frames from text that may be split anywhere. Comments and unknown fields are left out; what has no end yet waits
 * for more.
 *
 * @example const parse = eventParser(); parse("event: ne"); parse("xt\ndata: 1\n\n"); // [{ event: "next", data: "1" }]
 */
export function eventParser(): (text: string) => StreamEvent[] {
  let rest = "";
  let event = "";
  let data: string[] = [];
  let first = true;
  const readLine = (line: string): void => {
    const [, field, value] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === "event") event = value ?? "";
    if (field === "data") data.push(value ?? "");
  };
  return (text) => {
    const found: StreamEvent[] = [];
    if (first && text !== "") {
      text = text.replace(/^\uFEFF/, "");
      first = false;
    }
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    // A carriage return at the very end may be half of an end of line.
    rest = lines.pop()!;
    for (const line of lines) {
      if (line !== "") {
        readLine(line);
        continue;
      }
      if (data.length > 0) found.push({ event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
    }
    return found;
  };
}

/** The frames of a body, those that came together together. Ends with the body; throws what reading it throws. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent[], void> {
  const parse = eventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // Also when there is none: that something came at all shows that the connection lives.
      yield parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
