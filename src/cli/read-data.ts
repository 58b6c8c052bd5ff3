// JSON from the command line.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { JsonObject } from "../base/canonical-json.ts";
import { KnockError } from "../base/errors.ts";

const refuse = (message: string): KnockError =>
  new KnockError("INVALID_INPUT", {
    subject: "The argument",
    issues: [{ path: [], message, code: "invalid_json" }],
    fix: 'Quote it for the shell, such as \'{"title":"Hello"}\', or write it into a file: @data.json.',
  });

/** The data as given: JSON, or `@` and the name of a file that holds it. */
export async function readData(cwd: string, given: string): Promise<JsonObject> {
  let text = given;
  if (given.startsWith("@")) {
    text = await readFile(resolve(cwd, given.slice(1)), "utf8").catch(() => {
      throw refuse(`there is no readable file ${given.slice(1)}`);
    });
  }
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw refuse(`it is not JSON: ${(error as Error).message}`);
  }
}
