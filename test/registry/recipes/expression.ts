// Workflow files as trees, so that one meaning can be written in many ways, and each part of it changed.

/** A part of a workflow file. */
export type Expression =
  | { kind: "text"; value: string }
  | { kind: "number"; value: number }
  | { kind: "flag"; value: boolean }
  /** Milliseconds, written in any unit. */
  | { kind: "duration"; value: number }
  /** One of a few texts. */
  | { kind: "choice"; value: string; of: readonly string[] }
  /** One of the paths that a selector can read. */
  | { kind: "path"; value: string; of: readonly string[] }
  /** Code whose words are no part of the structure. */
  | { kind: "content"; ways: readonly string[] }
  /** Several ways to write the same. */
  | { kind: "same"; ways: readonly Expression[] }
  | { kind: "object"; members: readonly (readonly [string, Expression])[]; named?: boolean }
  | { kind: "list"; items: readonly Expression[]; unordered?: boolean }
  | { kind: "call"; name: string; args: readonly Expression[]; of?: readonly string[] }
  | { kind: "chain"; on: Expression; calls: readonly Call[]; steps?: boolean }
  /** A function of references. */
  | { kind: "selector"; body: Expression }
  /** A function from a chain to a longer one. */
  | { kind: "way"; parameter: string; calls: readonly Call[] };

/** A method that is called. What is quiet means nothing; what is `anywhere` means the same at any place. */
export interface Call {
  name: string;
  args: readonly Expression[];
  quiet?: boolean;
  anywhere?: boolean;
}

/** Chooses among so many ways to write something: 0 is the plainest. */
export type Style = (ways: number) => number;

/** Writes everything in the plainest way. */
export const plainly: Style = () => 0;

/** Writes everything in a way that follows from the seed. */
export function oddly(seed: number): Style {
  let state = seed;
  return (ways) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * ways);
  };
}

const UNITS: readonly (readonly [string, number])[] = [
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
];

function shuffled<T>(items: readonly T[], style: Style): T[] {
  const left = [...items];
  return items.map(() => left.splice(style(left.length), 1)[0]!);
}

const quoted = (value: string, style: Style): string => {
  const inner = JSON.stringify(value).slice(1, -1);
  if (/["'`$\\]/.test(inner)) return JSON.stringify(value);
  const quote = ['"', "'", "`"][style(3)]!;
  return `${quote}${inner}${quote}`;
};

function duration(value: number, style: Style): string {
  const fitting = UNITS.filter(([, size]) => value % size === 0);
  const [unit, size] = fitting[fitting.length - 1 - style(fitting.length)]!;
  return quoted(`${value / size}${unit}`, style);
}

/** A selector's parameter, and how paths are read from it. */
const SCOPES: readonly (readonly [string, (path: string) => string])[] = [
  ["({ data })", (path) => path],
  ["({ data: given })", (path) => path.replace(/^data/, "given")],
  ["(scope)", (path) => `scope.${path}`],
];

const gap = (style: Style): string => ["", " ", "\n  ", " /* so */ ", " // so\n"][style(5)]!;

/** Writes an expression. */
export function write(expression: Expression, style: Style, read: (path: string) => string = (path) => path): string {
  const inner = (part: Expression): string => write(part, style, read);
  const calls = (list: readonly Call[]): string =>
    list
      .filter(({ quiet }) => !quiet || style(2) === 1)
      .map(({ name, args }) => `${gap(style)}.${name}(${args.map(inner).join(",")})`)
      .join("");
  switch (expression.kind) {
    case "text":
    case "choice":
      return quoted(expression.value, style);
    case "number":
    case "flag":
      return String(expression.value);
    case "duration":
      return duration(expression.value, style);
    case "path":
      return read(expression.value);
    case "content":
      return expression.ways[style(expression.ways.length)]!;
    case "same":
      return inner(expression.ways[style(expression.ways.length)]!);
    case "object":
      return `{${shuffled(expression.members, style)
        .map(([name, value]) => `${gap(style)}${name}: ${inner(value)}`)
        .join(",")}}`;
    case "list":
      return `[${(expression.unordered ? shuffled(expression.items, style) : expression.items).map(inner).join(",")}]`;
    case "call":
      return `${expression.name}(${expression.args.map(inner).join(",")})`;
    case "chain":
      return inner(expression.on) + calls(expression.calls);
    case "way":
      return `((${expression.parameter}) => ${expression.parameter}${calls(expression.calls)})`;
    case "selector": {
      const [parameter, path] = SCOPES[style(SCOPES.length)]!;
      return `${parameter} => (${write(expression.body, style, path)})`;
    }
  }
}

const without = <T>(items: readonly T[], index: number): T[] => items.filter((_item, at) => at !== index);
const replaced = <T>(items: readonly T[], index: number, item: T): T[] => items.with(index, item);
const swapped = <T>(items: readonly T[], index: number): T[] =>
  items.with(index, items[index + 1]!).with(index + 1, items[index]!);

const ofEach = <T>(items: readonly T[], change: (item: T) => readonly T[]): T[][] =>
  items.flatMap((item, index) => change(item).map((other) => replaced(items, index, other)));

const otherCalls = (calls: readonly Call[], steps: boolean): Call[][] => {
  const loud = calls.flatMap((call, index) => (call.quiet ? [] : [index]));
  return [
    ...loud.map((index) => without(calls, index)),
    ...ofEach(calls, (call) => (call.quiet ? [] : ofEach(call.args, mutants).map((args) => ({ ...call, args })))),
    ...(steps
      ? loud
          .filter((index) => index < loud.at(-1)! && !calls[index + 1]!.anywhere)
          .map((index) => swapped(calls, index))
      : []),
  ];
};

/** Every expression in which one thing means something else. Some are not valid: that is noticed, too. */
export function mutants(expression: Expression): Expression[] {
  switch (expression.kind) {
    case "text":
      return [{ ...expression, value: `${expression.value}x` }];
    case "number":
      return [{ ...expression, value: expression.value + 1 }];
    case "flag":
      return [{ ...expression, value: !expression.value }];
    case "duration":
      return [{ ...expression, value: expression.value + 60_000 }];
    case "choice":
    case "path":
      return expression.of.filter((value) => value !== expression.value).map((value) => ({ ...expression, value }));
    case "content":
      return [];
    case "same":
      return mutants(expression.ways[0]!);
    case "object": {
      const { members, named } = expression;
      const renamed = named ? ofEach(members, ([name, value]) => [[`${name}x`, value] as const]) : [];
      const dropped = members.map((_member, index) => without(members, index));
      const changed = ofEach(members, ([name, value]) => mutants(value).map((other) => [name, other] as const));
      return [...renamed, ...dropped, ...changed].map((others) => ({ ...expression, members: others }));
    }
    case "list": {
      const { items } = expression;
      const dropped = items.map((_item, index) => without(items, index));
      return [...dropped, ...ofEach(items, mutants)].map((others) => ({ ...expression, items: others }));
    }
    case "call":
      return [
        ...(expression.of ?? []).filter((name) => name !== expression.name).map((name) => ({ ...expression, name })),
        ...ofEach(expression.args, mutants).map((args) => ({ ...expression, args })),
      ];
    case "chain":
      return [
        ...mutants(expression.on).map((on) => ({ ...expression, on })),
        ...otherCalls(expression.calls, expression.steps ?? false).map((calls) => ({ ...expression, calls })),
      ];
    case "way":
      return otherCalls(expression.calls, true).map((calls) => ({ ...expression, calls }));
    case "selector":
      return mutants(expression.body).map((body) => ({ ...expression, body }));
  }
}
