// People who look at their feeds over HTTP: what it costs a server process to hold them, and how long after the call a
// message is on their screens.
import { createTokenKeys } from "../src/engine/viewer/keys.ts";
import { signUserToken } from "../src/engine/viewer/sign-user-token.ts";
import { type FeedServer, startFeedServer } from "../test/knock/processes/start-feed-server.ts";
import { lookOn, type Onlooker, type Told } from "../test/support/onlookers.ts";
import { percentiles } from "./percentiles.ts";

/** Sockets that are opened at once: more than a listening socket lets wait are turned away. */
const AT_ONCE = 200;
const PER_CALL = 100;
const IDLE_MS = 20_000;

const keys = createTokenKeys();

const wait = (milliseconds: number) => new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));

interface Watched {
  onlooker: Onlooker;
  told: Told[];
}

async function watch(userId: string, port: number, onTold: (told: Told) => void): Promise<Watched> {
  const token = await signUserToken({ userId, privateKey: keys.privateKey });
  const told: Told[] = [];
  const begun = Promise.withResolvers<void>();
  const onlooker = lookOn({
    userId,
    port,
    headers: { "x-knock-user-token": token },
    onTold(what) {
      told.push(what);
      begun.resolve();
      onTold(what);
    },
    onEnd: () => begun.reject(new Error("the connection broke")),
  });
  await begun.promise;
  return { onlooker, told };
}

/** Lets people look on, evenly over the servers. */
async function crowd(servers: readonly FeedServer[], size: number, onTold: (told: Told) => void = () => {}) {
  const watched: Watched[] = [];
  for (let from = 0; from < size; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, size - from) }, (_, index) => from + index);
    const opened = some.map((index) => watch(`person_${index}`, servers[index % servers.length]!.port, onTold));
    watched.push(...(await Promise.all(opened)));
  }
  return watched;
}

/** What one process needs for people who look on while nothing happens. */
export async function measureOpen(url: string, size: number) {
  const server = await startFeedServer({ url, publicKey: keys.publicKey });
  const watched = await crowd([server], 100);
  const before = await server.usage();
  watched.forEach(({ onlooker }) => onlooker.close());
  const opening = performance.now();
  const all = await crowd([server], size);
  const opened = performance.now() - opening;
  const after = await server.usage();
  await wait(IDLE_MS);
  const { cpu } = await server.usage();
  all.forEach(({ onlooker }) => onlooker.close());
  await server.kill();
  return {
    opened,
    rss: after.rss,
    each: (after.rss - before.rss) / size,
    heapEach: (after.heap - before.heap) / size,
    idle: (cpu - after.cpu) / IDLE_MS,
  };
}

const NOTIFY = `mutation ($input: NotifyDynamicInput!) { notifyDynamic(input: $input) { __typename } }`;

async function notify(port: number, recipients: string[], title: string): Promise<void> {
  const input = { workflow: "announcement", data: { title }, recipients };
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: NOTIFY, variables: { input } }),
  });
  const text = await response.text();
  if (!text.includes("NotifySuccess")) throw new Error(text);
}

/** Everybody's messages, and how long each took from its call to the one who looks on. */
export async function measureTelling(
  url: string,
  { people, messages, pause }: { people: number; messages: number; pause: number },
) {
  const options = { url, publicKey: keys.publicKey };
  const worker = await startFeedServer({ ...options, work: true });
  const servers = await Promise.all([startFeedServer(options), startFeedServer(options)]);
  const latencies: number[] = [];
  const done = Promise.withResolvers<void>();
  const watched = await crowd(servers, people, ({ item }) => {
    if (!item) return;
    latencies.push(performance.now() - Number(item.body.split(" ")[0]));
    if (latencies.length === messages) done.resolve();
  });
  const before = await Promise.all(servers.map((server) => server.usage()));
  const started = performance.now();
  const calls: Promise<void>[] = [];
  for (let from = 0; from < messages; from += PER_CALL) {
    const recipients = Array.from({ length: PER_CALL }, (_, index) => `person_${(from + index) % people}`);
    calls.push(notify(worker.port, recipients, `${performance.now()} ${from}`));
    await wait(pause);
  }
  await Promise.all(calls);
  await done.promise;
  const milliseconds = performance.now() - started;
  const after = await Promise.all(servers.map((server) => server.usage()));
  const each = messages / people;
  const right = watched.every(({ told }, index) => {
    const bodies = told.flatMap(({ item }) => (item ? [Number(item.body.split(" ")[1])] : []));
    const counts = told.at(-1)!.counts;
    const first = index - (index % PER_CALL);
    const expected = Array.from({ length: each }, (_, round) => first + round * people);
    return JSON.stringify(bodies) === JSON.stringify(expected) && counts.unreadCount === each;
  });
  watched.forEach(({ onlooker }) => onlooker.close());
  await Promise.all([worker, ...servers].map((server) => server.kill()));
  return {
    milliseconds,
    right,
    ...percentiles(latencies),
    worst: Math.max(...latencies),
    servers: after.map(({ rss, cpu }, index) => ({ rss, cpu: cpu - before[index]!.cpu })),
  };
}
