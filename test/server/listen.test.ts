import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import type { KnockError } from "../../src/base/errors.ts";
import { closeGracefully, isLoopback, listen } from "../../src/server/listen.ts";

function server(handler: Parameters<typeof createServer>[1] = (_request, response) => response.end("{}")): Server {
  const made = createServer(handler);
  onTestFinished(() => {
    made.closeAllConnections();
    made.close();
  });
  return made;
}

const refusal = async (work: Promise<unknown>): Promise<KnockError> =>
  work.then(
    () => expect.fail("it listens"),
    (error: KnockError) => error,
  );

test("a port in use is refused with one that is free, and says when a knock holds it", async () => {
  const other = await listen(server(), "127.0.0.1", 0);
  const error = await refusal(listen(server(), "127.0.0.1", other));
  expect(error).toMatchObject({ code: "PORT_IN_USE", details: { port: other, knock: false } });
  const { free } = (error as KnockError<"PORT_IN_USE">).details;
  expect(free).toBeGreaterThan(other);
  const knock = server((_request, response) => response.end('{"service":"knock"}'));
  const held = await listen(knock, "localhost", 0);
  const again = await refusal(listen(server(), (knock.address() as AddressInfo).address, held));
  expect(again).toMatchObject({ code: "PORT_IN_USE", details: { knock: true } });
  expect(again.hint).toContain(`http://localhost:${held}`);
});

test("an address that this machine does not have is a mistake of the configuration", async () => {
  expect(await refusal(listen(server(), "192.0.2.1", 0))).toMatchObject({ code: "INVALID_CONFIG" });
});

test("closing lets an open request finish and accepts no other", async () => {
  const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
  const { promise: go, resolve: letGo } = Promise.withResolvers<void>();
  const slow = server(async (_request, response) => {
    enter();
    await go;
    response.end("done");
  });
  const port = await listen(slow, "127.0.0.1", 0);
  const open = fetch(`http://127.0.0.1:${port}`);
  await entered;
  const closed = closeGracefully(slow, systemClock, 10_000);
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  letGo();
  expect(await (await open).text()).toBe("done");
  await closed;
});

test("closing cuts what does not finish in time", async () => {
  const stuck = server((_request, response) => void response.write("begun"));
  const port = await listen(stuck, "127.0.0.1", 0);
  const response = await fetch(`http://127.0.0.1:${port}`);
  await closeGracefully(stuck, systemClock, 10);
  await expect(response.text()).rejects.toThrow();
});

test("which addresses only this machine can reach", () => {
  expect(["localhost", "127.0.0.1", "127.1.2.3", "::1"].every(isLoopback)).toBe(true);
  expect(["0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"].some(isLoopback)).toBe(false);
});
