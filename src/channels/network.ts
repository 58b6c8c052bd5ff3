// Requests to addresses that data may choose: only public ones, and the connection goes to the very
// address that was checked, so that a second DNS answer cannot lead it elsewhere.
import { lookup as resolveName } from "node:dns";
import http from "node:http";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";

const PRIVATE = "PRIVATE_ADDRESS";

// Enough for any receipt; a longer body must not fill the memory or hold the connection.
const LONGEST_BODY_BYTES = 65_536;

/** What belongs to the connection. A request that sets them itself could change where its body ends. */
export const connectionHeaders: readonly string[] = [
  "connection",
  "content-length",
  "expect",
  "host",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const special = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8], // this host
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, metadata services of clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 3], // multicast, reserved, broadcast
] as const) {
  special.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["2001::", 23], // protocol assignments, Teredo
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, holds any IPv4 address
  ["3fff::", 20], // documentation
] as const) {
  special.addSubnet(network, prefix, "ipv6");
}
const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");
// All that is routed in public lies here; loopback, link-local, unique-local and NAT64 do not.
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is one of the public internet. IPv4 inside IPv6 is judged as IPv4; text that is no address is not. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !special.check(address, "ipv4");
  if (version !== 6 || address.includes("%")) return false;
  // The block list compares a mapped address with the IPv4 ranges by itself.
  if (mapped.check(address, "ipv6")) return !special.check(address, "ipv6");
  return globalUnicast.check(address, "ipv6") && !special.check(address, "ipv6");
}

function refusal(host: string): Error {
  return Object.assign(new Error(`"${host}" is not an address of the public internet`), { code: PRIVATE });
}

/** Whether a request failed because it would have gone to a private, loopback or reserved address. */
export const isPrivateAddressError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === PRIVATE;

/** Resolves a name like the platform does, and fails when any of its addresses is not public. */
export const publicLookup: LookupFunction = (host, options, callback) => {
  resolveName(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "");
    if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(refusal(host), "");
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

/** One HTTP request. */
export interface HttpRequest {
  method: string;
  headers: Headers;
  body: string;
  signal: AbortSignal;
}

/** Connections for HTTP requests. */
export interface HttpClient {
  /** Sends a request. Follows no redirect; reads at most so much of the answer as the client is made for. */
  request(url: URL, request: HttpRequest): Promise<Response>;
  close(): void;
}

const NO_BODY = [204, 205, 304];

const unfinished = new WeakSet<Response>();

/** Whether the body of an answer is only the beginning: it was too long, or the connection was cut. */
export const isUnfinished = (response: Response): boolean => unfinished.has(response);

/** Throws for what is no answer of HTTP, such as a status of 999. */
function responseOf(answer: IncomingMessage, given: Buffer<ArrayBuffer>): Response {
  const { statusCode: status = 500, statusMessage: statusText = "" } = answer;
  if (status < 200 || status > 599) throw new Error(`the answer has the status ${status}, which HTTP does not know`);
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = NO_BODY.includes(status) ? null : given;
  const response = new Response(body, { status, statusText: statusText.replaceAll(/[^\x20-\x7e]/g, ""), headers });
  if (!answer.complete) unfinished.add(response);
  return response;
}

function readAnswer(
  answer: IncomingMessage,
  longest: number,
  { resolve, reject }: Pick<PromiseWithResolvers<Response>, "resolve" | "reject">,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= longest) answer.destroy();
  });
  // "close" comes after "end", and also when the connection was cut; the status has been received either way.
  answer.on("error", () => {});
  answer.on("close", () => {
    // Thrown here, an error would end the process: anybody's server could do that.
    try {
      resolve(responseOf(answer, Buffer.concat(chunks).subarray(0, longest)));
    } catch (error) {
      reject(error);
    }
  });
}

/** How a client is made. */
export interface HttpClientOptions {
  /** Private, loopback and reserved addresses too. */
  allowPrivateNetwork: boolean;
  /** Bytes of an answer's body that are read. Default: 64 KiB. */
  longestBody?: number;
}

/**
 * A client that keeps connections open between requests. Private, loopback and reserved addresses are
 * refused unless `allowPrivateNetwork` is set; see `isPrivateAddressError`.
 */
export function createHttpClient({
  allowPrivateNetwork,
  longestBody = LONGEST_BODY_BYTES,
}: HttpClientOptions): HttpClient {
  // Agents of its own: a connection that another client opened to an unchecked address must not be reused.
  const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };
  return {
    request(url, { method, headers, body, signal }) {
      const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
      if (url.protocol !== "http:" && url.protocol !== "https:")
        return Promise.reject(new TypeError("the URL is not http or https"));
      // An address needs no lookup, so the guard in the lookup would not see it.
      if (!allowPrivateNetwork && isIP(host) && !isPublicAddress(host)) return Promise.reject(refusal(host));
      const { protocol } = url;
      return new Promise((resolve, reject) => {
        const settings = {
          method,
          headers: Object.fromEntries(headers),
          signal,
          agent: agents[protocol],
          ...(allowPrivateNetwork ? {} : { lookup: publicLookup }),
        };
        const request = protocol === "http:" ? http.request(url, settings) : https.request(url, settings);
        request.on("response", (answer) => readAnswer(answer, longestBody, { resolve, reject }));
        request.on("error", reject);
        request.end(body);
      });
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}
