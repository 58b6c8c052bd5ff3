// Tokens that the SDKs of the hosted product sign, which backends go on using.
import { buildUserTokenGrant, signUserToken } from "@knocklabs/node/lib/tokenSigner";
import { Grants, Knock } from "knock-node-0-6";
import { expect, test } from "vitest";
import { createTokenKeys, privateTokenKey } from "../../../src/engine/viewer/keys.ts";
import { userTokenVerifier } from "../../../src/engine/viewer/user-token.ts";

const { publicKey, privateKey } = createTokenKeys("rsa");
const pem = privateTokenKey(privateKey).key.export({ type: "pkcs8", format: "pem" }).toString();
const verify = userTokenVerifier([publicKey]);

const tenant = (id: string) => ({ type: "tenant", id }) as const;

type Sign = (options: { expiresInSeconds?: number; tenants?: string[]; extra?: boolean }) => Promise<string>;

/** Both generations, with the key as `knock tokens keys --rsa` prints it and as PEM. */
const generations: [string, Sign][] = [privateKey, pem].flatMap((signingKey, index): [string, Sign][] => [
  [
    `0.6, ${index ? "PEM" : "base64"}`,
    async ({ tenants, extra, ...options }) =>
      Knock.signUserToken("ada", {
        signingKey,
        ...options,
        ...(tenants && {
          grants: [
            ...tenants.map((id) => Knock.buildUserTokenGrant(tenant(id), [Grants.UserFeedRead])),
            ...(extra ? [Knock.buildUserTokenGrant({ type: "user", id: "ada" }, [Grants.ChannelDataRead])] : []),
          ],
        }),
      }),
  ],
  [
    `1.x, ${index ? "PEM" : "base64"}`,
    async ({ tenants, extra, ...options }) =>
      signUserToken("ada", {
        signingKey,
        ...options,
        ...(extra && { shouldGenerateJti: true }),
        ...(tenants && {
          grants: [
            ...tenants.map((id) => buildUserTokenGrant(tenant(id), ["user/feed_read" as never])),
            ...(extra
              ? [buildUserTokenGrant({ type: "object", collection: "videos", id: "7" }, ["channel_data/read" as never])]
              : []),
          ],
        }),
      }),
  ],
]);

test.each(generations)("the SDK %s signs tokens that are accepted", async (_name, sign) => {
  const now = new Date();
  const viewer = await verify(await sign({}), now);
  expect(viewer).toMatchObject({ userId: "ada", tenants: null });
  expect(Math.abs(viewer.expiresAt.getTime() - now.getTime() - 3_600_000)).toBeLessThan(5_000);
  const limited = await verify(await sign({ tenants: ["acme", "50% off/b"], extra: true, expiresInSeconds: 60 }), now);
  expect(limited.tenants).toEqual(["acme", "50% off/b"]);
  expect((await verify(await sign({ tenants: [] }), now)).tenants).toBeNull();
  expect((await verify(await sign({ tenants: [], extra: true }), now)).tenants).toBeNull();
});

test.each(generations)("and the SDK %s tokens that are refused when they have ended", async (_name, sign) => {
  await expect(verify(await sign({ expiresInSeconds: -60 }), new Date())).rejects.toMatchObject({
    message: "The user token has expired.",
  });
});
