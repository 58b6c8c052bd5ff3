import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createHttpClient, isPublicAddress, publicLookup } from "../../src/channels/network.ts";

test.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:7f00:1",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "fe80::1",
  "fe80::1%eth0",
  "fc00::1",
  "fd12::1",
  "fec0::1",
  "ff02::1",
  "100::1",
  "2001:db8::1",
  "2001::1",
  "2002:7f00:1::",
  "3fff::1",
  "",
  "localhost",
  "example.com",
  "1.2.3",
  "999.1.1.1",
])("%j is not public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "192.167.1.1",
  "198.20.0.1",
  "223.255.255.255",
  "::ffff:8.8.8.8",
  "2606:4700::1111",
  "2a00::1",
])("%j is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([true, false])("a name that leads to this machine is refused (all: %j)", async (all) => {
  const error = await new Promise((resolve) => publicLookup("localhost", { all }, resolve));
  expect(error).toMatchObject({ code: "PRIVATE_ADDRESS", message: expect.stringContaining("localhost") });
});

test.each(["099 Early", "101 Switching Protocols", "600 Late", "999 Odd"])(
  "an answer of %s fails the request, and nothing else",
  async (status) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const client = createHttpClient({ allowPrivateNetwork: true });
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const request = { method: "GET", headers: new Headers(), body: "", signal: AbortSignal.timeout(5_000) };
    await expect(client.request(url, request)).rejects.toThrow(/which HTTP does not know|socket hang up/);
    client.close();
    server.close();
  },
);
