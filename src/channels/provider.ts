// A provider: what hands a message to the outside. `defineProvider` turns one function into a
// configurable value that checks its options, hides them, and can be resolved from the environment.
import type { z } from "zod";
import type { Duration } from "../base/duration.ts";
import { parseDuration } from "../base/duration.ts";
import { KnockError } from "../base/errors.ts";
import { resolveEnv } from "./env.ts";
import type { Environment, WithEnv } from "./env.ts";
import type { Address, ChannelType, RenderedMessage } from "./messages.ts";
import type { Outcome } from "./outcome.ts";
import { checkOptions } from "./provider-options.ts";
import { printedAs, scrubber, shownOptions } from "./redaction.ts";

/** Whose message it is. */
export interface SendMetadata {
  workflow: string;
  recipientId: string;
  tenant: string | null;
}

/** What a provider is handed besides the message. */
export interface SendContext<Type extends ChannelType = ChannelType> {
  to: Address<Type>;
  /** The message id: the same for every attempt of one message, never for two messages. */
  idempotencyKey: string;
  /** Number of this attempt, from 1. */
  attempt: number;
  /** Aborted when the time for the answer is over. Pass it on to whatever waits. */
  signal: AbortSignal;
  fetch: typeof globalThis.fetch;
  now: Date;
  metadata: SendMetadata;
}

/** How many sends at once, how many in a period, and how long one may take. */
export interface ProviderLimits {
  /** Sends at the same time. Default 16. */
  concurrency?: number;
  /** At most `count` sends begin within any period of `per`. Default: no limit. */
  rate?: { count: number; per: Duration };
  /** How long to wait for an answer. Default `"15s"`. */
  timeout?: Duration;
}

/** What `defineProvider` takes. */
export interface ProviderDefinition<
  Type extends ChannelType,
  Schema extends z.ZodType<object>,
  Connection,
> extends ProviderLimits {
  /** Name of the provider, in attempts and logs. */
  key: string;
  /** The channel type whose messages it sends. */
  channel: Type;
  /** Schema of the options; `z.strictObject` refuses misspelt ones. */
  options: Schema;
  /** Options that may be printed, such as a host name. Everything else is treated as a secret. */
  visible?: readonly (keyof z.output<Schema> & string)[];
  /** Makes what all sends share, such as a connection pool. Called before the first send. */
  open?(options: z.output<Schema>): Connection | Promise<Connection>;
  /** Hands one message to the outside and says what came of it. A throw counts as `retry`. */
  send(
    message: RenderedMessage<Type>,
    context: SendContext<Type> & { options: z.output<Schema>; connection: Connection },
  ): Outcome | Promise<Outcome>;
  /** Gives back what `open` made. */
  close?(connection: Connection): void | Promise<void>;
}

/** A configured provider, as it stands in the config under a channel's key. */
export interface Provider<Type extends ChannelType = ChannelType> {
  readonly key: string;
  readonly channel: Type;
  /** The parsed options; as given, as long as they hold unresolved references. Printing them shows no secret. */
  readonly options: object;
  readonly concurrency: number;
  readonly rate: { count: number; per: Duration } | null;
  readonly timeoutMs: number;
  /** Sends one message. May throw: `attemptSend` is the safe way to call it. */
  send(message: RenderedMessage<Type>, context: SendContext<Type>): Promise<Outcome>;
  /**
   * The provider with its environment references replaced and all options checked; itself when it has none.
   *
   * @throws KnockError INVALID_CONFIG naming what is missing or wrong.
   */
  resolve(environment: Environment): Provider<Type>;
  /** Removes the provider's secrets from a text. */
  scrub(text: string): string;
  /** Gives back connections. A later send opens them again. */
  close(): Promise<void>;
}

/** The options as an author gives them: each may be an `env()` reference. */
export type OptionsInput<Schema extends z.ZodType<object>> = {
  [K in keyof z.input<Schema>]: WithEnv<z.input<Schema>[K]>;
};

/** What `defineProvider` returns: options and limits in, provider out. */
export type ProviderFactory<Type extends ChannelType, Schema extends z.ZodType<object>> = (
  ...given: {} extends OptionsInput<Schema>
    ? [options?: OptionsInput<Schema>, limits?: ProviderLimits]
    : [options: OptionsInput<Schema>, limits?: ProviderLimits]
) => Provider<Type>;

/**
 * Defines a provider for one channel type.
 *
 * @example
 * export const pigeonMail = defineProvider({
 *   key: "pigeon-mail",
 *   channel: "email",
 *   options: z.strictObject({ token: z.string() }),
 *   async send(message, { to, options, fetch, signal, idempotencyKey, now }) {
 *     const headers = { authorization: `Bearer ${options.token}`, "idempotency-key": idempotencyKey };
 *     const body = JSON.stringify({ to: to.email, subject: message.subject, html: message.html });
 *     return outcomeOfResponse(await fetch("https://api.pigeon.example/send", { method: "POST", headers, body, signal }), now);
 *   },
 * });
 * @throws KnockError INVALID_CONFIG, from the returned function, naming the option that is wrong.
 */
export function defineProvider<Type extends ChannelType, Schema extends z.ZodType<object>, Connection = undefined>(
  definition: ProviderDefinition<Type, Schema, Connection>,
): ProviderFactory<Type, Schema> {
  return (...[options, limits]) => createProvider(definition, options ?? {}, limits ?? {});
}

function checkedLimits({ key, ...definition }: ProviderLimits & { key: string }, given: ProviderLimits) {
  const { concurrency = 16, rate = null, timeout = "15s" } = { ...definition, ...given };
  const refuse = (problem: string): never => {
    throw new KnockError("INVALID_CONFIG", { problem: `provider "${key}": ${problem}` });
  };
  const positive = (count: number) => Number.isSafeInteger(count) && count > 0;
  const timeoutMs = parseDuration(timeout);
  if (!positive(concurrency)) refuse("concurrency must be a whole number from 1");
  if (rate && !positive(rate.count)) refuse("rate.count must be a whole number from 1");
  if (rate && !parseDuration(rate.per)) refuse('rate.per must be a duration such as "1s"');
  if (!timeoutMs) return refuse('timeout must be a duration such as "15s"');
  return { concurrency, rate, timeoutMs };
}

/** What is opened once, before the first send, and again after `close` or a failure. */
function sharedConnection<Connection>(
  open: () => Connection | Promise<Connection>,
  close: (connection: Connection) => void | Promise<void>,
) {
  let opening: Promise<Connection> | null = null;
  return {
    get(): Promise<Connection> {
      opening ??= Promise.resolve()
        .then(open)
        .catch((error: unknown) => {
          opening = null;
          throw error;
        });
      return opening;
    },
    async close(): Promise<void> {
      const closing = opening;
      opening = null;
      if (closing) await close(await closing);
    },
  };
}

function createProvider<Type extends ChannelType, Schema extends z.ZodType<object>, Connection>(
  definition: ProviderDefinition<Type, Schema, Connection>,
  given: object,
  limits: ProviderLimits,
): Provider<Type> {
  const { key, channel, visible = [] } = definition;
  const checked = checkedLimits(definition, limits);
  const parsed = checkOptions(definition, given);
  const options = parsed ?? { ...given };
  const shown = () => shownOptions(options, visible);
  const connection = sharedConnection(
    () => definition.open?.(parsed!) as Connection,
    (opened) => definition.close?.(opened),
  );

  const provider: Provider<Type> = {
    key,
    channel,
    options: printedAs(options, shown),
    ...checked,
    async send(message, context) {
      // Fails with the names of the variables: without this a reference object would be sent as a password.
      if (!parsed) resolveEnv(given, {});
      return definition.send(message, { ...context, options: parsed!, connection: await connection.get() });
    },
    resolve: (environment) => (parsed ? provider : createProvider(definition, resolveEnv(given, environment), limits)),
    scrub: scrubber(options, visible),
    close: connection.close,
  };
  return printedAs(provider, () => ({ key, channel, options: shown(), ...checked }));
}
