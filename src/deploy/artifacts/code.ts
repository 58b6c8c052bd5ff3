// How artifacts are addressed: by the hash of their code, in a scheme of their own.
import { createHash } from "node:crypto";

const SCHEME = "knock://artifact/";
const ADDRESS = /knock:\/\/artifact\/([0-9a-f]{64})/g;

/** What code is called that imports the artifact. */
export const artifactUrl = (hash: string): string => `${SCHEME}${hash}`;

/** The hash in the address of an artifact, or `null` for any other address. */
export const hashInUrl = (url: string): string | null =>
  url.startsWith(SCHEME) && url.length === SCHEME.length + 64 ? url.slice(SCHEME.length) : null;

/** Whether an address is one of ours, right or not. */
export const isArtifactUrl = (url: string): boolean => url.startsWith(SCHEME);

/** SHA-256 of code, in hexadecimal. */
export const hashOfCode = (code: string): string => createHash("sha256").update(code).digest("hex");

/** The hashes of the artifacts that code mentions, each once. */
export const importsOfCode = (code: string): string[] => [
  ...new Set(Array.from(code.matchAll(ADDRESS), (match) => match[1]!)),
];
