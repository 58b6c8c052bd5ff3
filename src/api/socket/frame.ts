// Frames of the Phoenix socket, version 2: `[join_ref, ref, topic, event, payload]` as JSON.

/** What is said on a socket, in either direction. */
export interface Frame {
  /** Number of the join to which it belongs; `null` outside of one. */
  joinRef: string | null;
  /** Number of the message that it is, or answers; `null` for what is pushed. */
  ref: string | null;
  topic: string;
  event: string;
  payload: Readonly<Record<string, unknown>>;
}

const isRef = (value: unknown): value is string | null => value === null || typeof value === "string";

const isPayload = (value: unknown): value is Frame["payload"] =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The frame that a text holds; `null` for anything else. */
export function parseFrame(text: string): Frame | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed) || parsed.length !== 5) return null;
  const [joinRef, ref, topic, event, payload] = parsed as unknown[];
  if (!isRef(joinRef) || !isRef(ref) || typeof topic !== "string" || typeof event !== "string") return null;
  return isPayload(payload) ? { joinRef, ref, topic, event, payload } : null;
}

/** A frame as text. */
export const encodeFrame = ({ joinRef, ref, topic, event, payload }: Frame): string =>
  JSON.stringify([joinRef, ref, topic, event, payload]);

/** The answer to a frame. */
export const replyTo = (
  { joinRef, ref, topic }: Frame,
  status: "ok" | "error",
  response: Record<string, unknown> = {},
): Frame => ({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
