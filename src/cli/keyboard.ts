import { emitKeypressEvents } from "node:readline";

interface Key {
  name?: string;
  ctrl?: boolean;
}

/**
 * Calls the handler of a key when it is pressed. Only where somebody sits at a keyboard.
 *
 * @returns gives the keyboard back
 */
export function listenToKeys(handlers: Readonly<Record<string, () => void>>, interrupt: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  emitKeypressEvents(stdin);
  // Without it a key would wait for Enter; with it Ctrl-C is a key like any other.
  stdin.setRawMode(true);
  const onKey = (_text: string | undefined, { name = "", ctrl }: Key) =>
    ctrl && name === "c" ? interrupt() : handlers[name]?.();
  stdin.on("keypress", onKey);
  stdin.resume();
  return () => {
    stdin.off("keypress", onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
