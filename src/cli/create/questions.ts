// Questions to the person at the terminal.
import { createInterface } from "node:readline/promises";
import type { Terminal } from "../terminal.ts";

/** Asks until the answer is one. */
export interface Questions {
  /**
   * @param fallback what an empty answer means
   * @param read the value of an answer, or in words why it is none
   */
  ask<Value>(
    question: string,
    fallback: string,
    read: (answer: string) => { value: Value } | { problem: string },
  ): Promise<Value>;
  close(): void;
}

/** `null` where nobody could answer: the input or the output is no terminal. */
export function questionsAt({ interactive, out, paint }: Terminal): Questions | null {
  if (!interactive || !process.stdin.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return {
    async ask(question, fallback, read) {
      for (;;) {
        const shown = `${paint.cyan("?")} ${question} ${fallback ? paint.dim(`(${fallback}) `) : ""}`;
        const answered = read((await lines.question(shown)).trim() || fallback);
        if ("value" in answered) return answered.value;
        out(`  ${paint.red("✗")} ${answered.problem}`);
      }
    },
    close: () => lines.close(),
  };
}
