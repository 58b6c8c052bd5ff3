import { type Server, createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";

const PORTS_TO_TRY = 20;
const PROBE_MS = 500;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** Whether an address is reachable from this machine alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** An address as it stands in a URL; the one for all addresses is reached as this machine. */
export function urlOf(host: string, port: number): string {
  if (isLoopback(host) || host === "0.0.0.0" || host === "::") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, host);
  try {
    await once(probe, "listening");
    probe.close();
    return true;
  } catch {
    return false;
  }
}

async function freePortAfter(host: string, port: number): Promise<number | null> {
  for (let candidate = port + 1; candidate <= Math.min(65_535, port + PORTS_TO_TRY); candidate++) {
    if (await isFree(host, candidate)) return candidate;
  }
  return null;
}

async function isKnock(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://localhost:${port}/healthz`, { signal: AbortSignal.timeout(PROBE_MS) });
    return ((await response.json()) as { service?: unknown } | null)?.service === "knock";
  } catch {
    return false;
  }
}

/**
 * Begins to listen and tells the port, which the system chooses when 0 is asked for.
 *
 * @throws KnockError PORT_IN_USE with one that is free; INVALID_CONFIG when the host cannot be bound.
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      const [free, knock] = await Promise.all([freePortAfter(host, port), isKnock(port)]);
      throw new KnockError("PORT_IN_USE", { port, free, knock }, { cause: error });
    }
    const problem =
      code === "EACCES" ? `this user may not listen on port ${port}` : `this machine has no address ${host} (${code})`;
    throw new KnockError("INVALID_CONFIG", { problem, fix: "Correct --host and --port." }, { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

const LOOK_AGAIN_MS = 50;

/** Accepts nothing new, lets open requests finish for `grace` milliseconds, then cuts what is left (such as subscriptions). */
export async function closeGracefully(server: Server, clock: Clock, grace: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection that is kept alive is idle only once its last answer has ended.
  let cancelLook = () => {};
  const look = () => {
    server.closeIdleConnections();
    cancelLook = clock.after(LOOK_AGAIN_MS, look);
  };
  look();
  const cancel = clock.after(grace, () => server.closeAllConnections());
  await closed;
  cancelLook();
  cancel();
}
