// Over HTTP: how many calls a server accepts, beside one that only inserts a row; and how long one call takes
// when there is nothing else to do.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { inParallel, percentiles, type Percentiles } from "./percentiles.ts";
import { news } from "./world.ts";

const CALLS = 10_000;
const WARM_UP = 2_000;
const IN_FLIGHT = 64;
const IDLE_CALLS = 200;

const NOTIFY = "mutation Call($input: NotifyInput!) { notify(input: $input) { __typename } }";

const OPERATIONS = {
  /** With a worker in the process. */
  knock: NOTIFY,
  accepting: NOTIFY,
  plain: "mutation Call($input: PlainInput!) { insert(input: $input) }",
};

const inputOf = (kind: keyof typeof OPERATIONS, person: string) =>
  kind === "plain" ? { recipient: person, ...news } : { workflow: { notice: news }, recipients: [person] };

interface Served {
  child: ChildProcess;
  call(person: string): Promise<void>;
  close(): Promise<void>;
}

function post(port: number, agent: Agent, body: string): Promise<string> {
  const answer = Promise.withResolvers<string>();
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const sending = request({ port, host: "127.0.0.1", path: "/graphql", method: "POST", agent, headers }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("end", () => answer.resolve(text));
  });
  sending.on("error", answer.reject);
  sending.end(body);
  return answer.promise;
}

async function start(kind: keyof typeof OPERATIONS, database: string): Promise<Served> {
  const child = fork(fileURLToPath(new URL("./http-server.ts", import.meta.url)), [kind, database]);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const agent = new Agent({ keepAlive: true });
  return {
    child,
    async call(person) {
      const variables = { input: inputOf(kind, person) };
      const text = await post(port, agent, JSON.stringify({ query: OPERATIONS[kind], variables }));
      if (text.includes('"errors"') || text.includes("Error")) throw new Error(text);
    },
    async close() {
      agent.destroy();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Calls a second that a server accepts. */
export async function measureAcceptRate(kind: keyof typeof OPERATIONS, database: string): Promise<number> {
  const server = await start(kind, database);
  const call = (index: number) => server.call(`person_${1 + (index % 1_000)}`);
  await inParallel(WARM_UP, IN_FLIGHT, call);
  const { milliseconds } = await inParallel(CALLS, IN_FLIGHT, call);
  await server.close();
  return (CALLS / milliseconds) * 1_000;
}

/** How long it takes until a call is answered, and until its in-app message is stored. */
export async function measureIdle(database: string): Promise<{ accepted: Percentiles; stored: Percentiles }> {
  const server = await start("knock", database);
  const accepted: number[] = [];
  const stored: number[] = [];
  for (let index = 0; index < IDLE_CALLS; index++) {
    const message = once(server.child, "message");
    const begun = performance.now();
    await server.call(`person_${1 + index}`);
    accepted.push(performance.now() - begun);
    await message;
    stored.push(performance.now() - begun);
  }
  await server.close();
  const warm = (latencies: number[]) => percentiles(latencies.slice(IDLE_CALLS / 10));
  return { accepted: warm(accepted), stored: warm(stored) };
}
