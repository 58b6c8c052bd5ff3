// PGlite prepares, describes and plans each statement anew, in seven exchanges with the database. Here each text is
// prepared once and then executed in one exchange: a third of the processor time, for every statement.
import {
  parse,
  type ParserOptions,
  type PGlite,
  protocol,
  type QueryOptions,
  type Results,
} from "@electric-sql/pglite";

const { serialize } = protocol;

/** Statements that are kept prepared; beyond, the one that was prepared first goes. */
const MOST = 500;

/** What changes tables, and so the answers of prepared statements. */
const CHANGES_TABLES = /^\s*(?:create|alter|drop|comment|grant|revoke)\b/i;

interface Prepared {
  name: string;
  /** Types of its parameters. */
  types: number[];
}

/** Makes an open PGlite prepare each statement once. */
export function prepareOnce(pglite: PGlite): void {
  const query = pglite.query.bind(pglite);
  const transaction = pglite.transaction.bind(pglite);
  const statements = new Map<string, Prepared>();
  const parsers = new WeakMap<ParserOptions, PGlite["parsers"]>();
  let count = 0;

  const send = (messages: Uint8Array[]) =>
    pglite.execProtocolStream(Buffer.concat([...messages, serialize.sync()]), { syncToFs: false });

  async function prepare(text: string): Promise<Prepared> {
    const name = `knock_${++count}`;
    const described = await send([serialize.parse({ name, text }), serialize.describe({ type: "S", name })]);
    const statement = { name, types: parse.parseDescribeStatementResults(described) };
    const [oldest] = statements;
    if (oldest && statements.size >= MOST) {
      statements.delete(oldest[0]);
      await send([serialize.close({ type: "S", name: oldest[1].name })]);
    }
    statements.set(text, statement);
    return statement;
  }

  function valueOf(value: unknown, type: number, options: QueryOptions | undefined): string | null {
    if (value === null || value === undefined) return null;
    const serializer = options?.serializers?.[type] ?? pglite.serializers[type];
    return serializer ? serializer(value) : String(value);
  }

  /** What reads the values of an answer. PGlite would merge some hundred parsers for each. */
  function parsersFor(own: ParserOptions | undefined): PGlite["parsers"] {
    if (!own) return pglite.parsers;
    const merged = parsers.get(own) ?? { ...pglite.parsers, ...own };
    parsers.set(own, merged);
    return merged;
  }

  async function execute<Row>(text: string, parameters: unknown[] = [], options?: QueryOptions): Promise<Results<Row>> {
    const { name, types } = statements.get(text) ?? (await prepare(text));
    const values = parameters.map((value, index) => valueOf(value, types[index]!, options));
    const answer = await send([
      serialize.bind({ statement: name, values }),
      serialize.describe({ type: "P" }),
      serialize.execute({}),
    ]);
    const { parsers: own, ...rest } = options ?? {};
    return parse.parseResults(answer, parsersFor(own), rest)[0] as Results<Row>;
  }

  pglite.query = <Row>(text: string, parameters?: unknown[], options?: QueryOptions): Promise<Results<Row>> => {
    if (CHANGES_TABLES.test(text)) return query<Row>(text, parameters, options).finally(() => statements.clear());
    return pglite._runExclusiveTransaction(() =>
      pglite._runExclusiveQuery(async () => {
        const answer = await execute<Row>(text, parameters, options);
        await pglite.syncToFs();
        return answer;
      }),
    );
  };

  pglite.transaction = (work) =>
    transaction((tx) => {
      const inTransaction = tx.query.bind(tx);
      tx.query = <Row>(text: string, parameters?: unknown[], options?: QueryOptions): Promise<Results<Row>> => {
        if (tx.closed || CHANGES_TABLES.test(text))
          return inTransaction<Row>(text, parameters, options).finally(() => statements.clear());
        return pglite._runExclusiveQuery(() => execute<Row>(text, parameters, options));
      };
      return work(tx);
    });
}
