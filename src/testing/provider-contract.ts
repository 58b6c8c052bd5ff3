// What every provider must do, whatever stands behind it. Runs in any test framework that has `test`
// and `expect`; the provider's author brings a fake of the service.
import { inspect } from "node:util";
import type { Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Address, ChannelType, RenderedMessage } from "../channels/messages.ts";
import type { Outcome } from "../channels/outcome.ts";
import type { Provider } from "../channels/provider.ts";
import { attemptSend } from "../channels/send.ts";

/**
 * How the fake service answers from now on:
 * `accept` takes the message; `rateLimit` asks to wait 7 seconds (429 with `Retry-After: 7`);
 * `fail` fails in a way that may pass (500); `hang` takes the request and never answers;
 * `reject` refuses for good (a permanent 4xx, or 5xx in SMTP).
 * Where it can, the service repeats the credentials it was given in its answer.
 */
export type Behaviour = "accept" | "rateLimit" | "fail" | "hang" | "reject";

/** How long the fake service asks to wait when it behaves as `rateLimit`, in milliseconds. */
export const contractWaitMs = 7_000;

/** A provider beside the fake service it talks to. */
export interface ContractSubject<Type extends ChannelType> {
  /** Ready to send to the fake service. */
  provider: Provider<Type>;
  message: RenderedMessage<Type>;
  to: Address<Type>;
  behave(behaviour: Behaviour): void | Promise<void>;
  /** The idempotency key of every message that reached the service, oldest first, refused ones too. */
  received(): string[];
  /** Resolves once the service holds a request that it does not answer. */
  held(): Promise<unknown>;
  /** The secrets among the provider's options. */
  secrets: string[];
  /** Options that must be refused, each with the option to be named. */
  invalid: { field: string; make(): unknown }[];
  /** Stops the service. */
  close(): void | Promise<void>;
}

/** What `providerContract` checks. */
export interface ProviderContract<Type extends ChannelType> {
  open(): ContractSubject<Type> | Promise<ContractSubject<Type>>;
  /** Behaviours that the service cannot have, with the reason: SMTP knows no `Retry-After`. */
  without?: Partial<Record<Exclude<Behaviour, "accept">, string>>;
}

/** The parts of a test framework that are used. */
export interface TestFramework {
  test(name: string, run: () => Promise<void>): unknown;
  expect(value: unknown, message?: string): Expectation & { not: Expectation };
}

interface Expectation {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toContain(expected: string): void;
}

/** A clock that stands still until `expire` lets every timer fire. */
function stoppedClock(): Clock & { expire(): void } {
  const now = new Date("2026-01-05T09:00:00.000Z");
  const callbacks = new Set<() => void>();
  return {
    now: () => now,
    after(_milliseconds, callback) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    expire: () => callbacks.forEach((callback) => callback()),
  };
}

function senderTo<Type extends ChannelType>({ provider, message, to }: ContractSubject<Type>) {
  const metadata = { workflow: "contract", recipientId: "user_1", tenant: null };
  return async (idempotencyKey: string, attempt = 1, clock: Clock = stoppedClock()): Promise<Outcome> => {
    const { outcome } = await attemptSend(provider, message, { to, idempotencyKey, attempt, metadata, clock });
    return outcome;
  };
}

type Send = ReturnType<typeof senderTo>;
type Case = <Type extends ChannelType>(
  subject: ContractSubject<Type>,
  send: Send,
  expect: TestFramework["expect"],
) => Promise<void>;

const acceptance: Case = async (service, send, expect) => {
  await service.behave("accept");
  const { kind } = await send("message-1");
  expect(["sent", "delivered"].includes(kind), `an accepted message was answered "${kind}"`).toBe(true);
  expect(service.received()).toEqual(["message-1"]);
};

const rateLimit: Case = async (service, send, expect) => {
  await service.behave("rateLimit");
  const outcome = await send("message-1");
  expect(outcome.kind).toBe("rateLimited");
  expect("afterMs" in outcome && outcome.afterMs).toBe(contractWaitMs);
};

const failure: Case = async (service, send, expect) => {
  await service.behave("fail");
  expect((await send("message-1")).kind).toBe("retry");
};

const refusal: Case = async (service, send, expect) => {
  await service.behave("reject");
  const { kind } = await send("message-1");
  expect(["rejected", "bounced"].includes(kind), `a permanent refusal was answered "${kind}"`).toBe(true);
};

const hang: Case = async (service, send, expect) => {
  await service.behave("hang");
  const clock = stoppedClock();
  const waiting = send("message-1", 1, clock);
  await service.held();
  clock.expire();
  expect((await waiting).kind).toBe("retry");
  // What hung must not be in the way of what comes after it.
  await service.behave("accept");
  expect(["sent", "delivered"].includes((await send("message-2")).kind), "nothing could be sent after a hang").toBe(
    true,
  );
};

const stableKey: Case = async (service, send, expect) => {
  await service.behave("fail");
  await send("message-1", 1);
  await service.behave("accept");
  await send("message-1", 2);
  await send("message-2", 1);
  expect(service.received()).toEqual(["message-1", "message-1", "message-2"]);
};

const reopening: Case = async (service, send, expect) => {
  await service.behave("accept");
  await send("message-1");
  await service.provider.close();
  await send("message-2");
  expect(service.received()).toEqual(["message-1", "message-2"]);
};

function errorOf(make: () => unknown): unknown {
  try {
    make();
    return null;
  } catch (error) {
    return error;
  }
}

const invalidOptions: Case = async ({ invalid, secrets }, _send, expect) => {
  for (const { field, make } of invalid) {
    const error = errorOf(make);
    expect(KnockError.is(error, "INVALID_CONFIG"), `a wrong "${field}" was not refused with INVALID_CONFIG`).toBe(true);
    expect((error as Error).message).toContain(`"${field}"`);
    for (const secret of secrets) expect(inspect(error, { depth: null })).not.toContain(secret);
  }
};

const hiddenSecrets: Case = async ({ provider, secrets }, _send, expect) => {
  const copy = { ...provider };
  const shown = [provider, copy, provider.options].flatMap((value) => [
    inspect(value, { depth: null }),
    JSON.stringify(value),
  ]);
  for (const text of shown) for (const secret of secrets) expect(text).not.toContain(secret);
};

const secretFreeReasons =
  (behaviours: readonly Behaviour[]): Case =>
  async (service, send, expect) => {
    for (const behaviour of behaviours) {
      await service.behave(behaviour);
      const outcome = JSON.stringify(await send(`message-${behaviour}`));
      for (const secret of service.secrets) expect(outcome).not.toContain(secret);
    }
  };

/**
 * Registers the tests that every provider must pass: success, rate limit, failure, hang, permanent
 * refusal, a stable idempotency key, closing, wrong options, and no secret in anything printed.
 *
 * @example
 * import { expect, test } from "vitest";
 * providerContract("pigeon-mail", { open: () => pigeonMailBesideAFakeService() }, { test, expect });
 */
export function providerContract<Type extends ChannelType>(
  name: string,
  { open, without = {} }: ProviderContract<Type>,
  { test, expect }: TestFramework,
): void {
  const answered = (["accept", "rateLimit", "fail", "reject"] as const).filter((behaviour) => !(behaviour in without));
  const cases: [needs: Behaviour, title: string, run: Case][] = [
    ["accept", "an accepted message is sent or delivered", acceptance],
    ["rateLimit", "429 with Retry-After waits as long as it is asked to", rateLimit],
    ["fail", "a passing failure is tried again", failure],
    ["reject", "a permanent refusal is not tried again", refusal],
    ["hang", "a hang ends with the timeout and blocks nothing", hang],
    ["fail", "the idempotency key arrives and stays the same across attempts", stableKey],
    ["accept", "a closed provider opens again", reopening],
    ["accept", "wrong options are refused by name", invalidOptions],
    ["accept", "printing the provider shows no secret", hiddenSecrets],
    ["accept", "no outcome contains a secret", secretFreeReasons(answered)],
  ];
  for (const [, title, run] of cases.filter(([needs]) => !(needs in without))) {
    test(`${name}: ${title}`, async () => {
      const subject = await open();
      try {
        await run(subject, senderTo(subject), expect);
      } finally {
        await subject.provider.close();
        await subject.close();
      }
    });
  }
}
