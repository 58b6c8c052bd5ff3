// Wrong types, unknown fields, wrong enum values, two workflows at once: GraphQL finds these before a
// resolver runs and words them with the values it got, which may be personal data. Here they become
// one error with a path for each problem and no value.
import {
  type ASTVisitor,
  GraphQLError,
  GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  typeFromAST,
  validateInputLiteral,
  validateInputValue,
  type ValidationContext,
  type ValueNode,
  type VariableDefinitionNode,
} from "graphql";
import type { Issue } from "../../base/errors.ts";
import { pathText } from "../../base/path-text.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import { badInput, mostIssues } from "./request-errors.ts";
import { withoutUnknownFields } from "./unknown-fields.ts";

// Anchored, because what follows in these texts may be the caller's own words.
const NON_NULL = /^Expected (?:a )?value of non-null type "[^"]+" (?:to be provided|not to be null)\.$/;
const REQUIRED = /^Expected value of type "[^"]+" to include required field "(\w+)"/;
const UNKNOWN = /^Expected value of type "[^"]+" not to include unknown field "([^"]{1,100})/;
const MEANT = /^[^]*?"\. Did you mean ([^?]+)\? Found: /;
const ONE_OF = /^Within OneOf Input Object type/;

const noSuchField = (meant: string | null | undefined) =>
  meant ? `There is no such field. Did you mean ${meant}?` : "There is no such field.";

interface Wording {
  code: string;
  message: string;
  /** The member that the problem is about, below the path. */
  member?: string;
}

function wording(text: string, type: string): Wording {
  if (NON_NULL.test(text)) return { code: "required", message: "A value is required." };
  const required = REQUIRED.exec(text)?.[1];
  if (required) return { code: "required", message: "A value is required.", member: required };
  const unknown = UNKNOWN.exec(text)?.[1];
  if (unknown) {
    const meant = MEANT.exec(text)?.[1];
    return { code: "unknown_field", message: noSuchField(meant), member: unknown };
  }
  if (ONE_OF.test(text)) return { code: "one_of", message: "Give exactly one of the fields, and not null." };
  // Our own scalars say what they are and nothing of the value; everything else is named by its type.
  const message = text.startsWith(`${type} is `) ? text : `Expected a value of type ${type}.`;
  return { code: "invalid_type", message };
}

type Path = readonly (string | number)[];

function leafType(root: GraphQLInputType, path: Path): string {
  let type: GraphQLInputType | undefined = root;
  const bare = () => {
    while (type && "ofType" in type) type = type.ofType as GraphQLInputType;
    return type;
  };
  for (const member of path) {
    const object = bare();
    if (typeof member === "string")
      type = object instanceof GraphQLInputObjectType ? object.getFields()[member]?.type : undefined;
  }
  return String(bare() ?? root);
}

/** What GraphQL reports about one value, as an issue. */
function issueOf(error: GraphQLError, at: { root: string; type: GraphQLInputType; path: Path }): Issue {
  const { member, message, code } = wording(error.message, leafType(at.type, at.path));
  return { path: [at.root, ...at.path, ...(member === undefined ? [] : [member])], message, code };
}

/** Of an object with a field that does not exist it goes without saying that the right one is missing. */
function toThePoint(issues: readonly Issue[]): Issue[] {
  const misspelt = new Set(
    issues.filter(({ code }) => code === "unknown_field").map(({ path }) => pathText(path.slice(0, -1))),
  );
  return issues.filter(({ code, path }) => code !== "one_of" || !misspelt.has(pathText(path)));
}

const ISSUE = Symbol("knock.issue");

/** Text in the document that the database cannot hold. */
function literalProblems(node: ValueNode, path: Path): Issue[] {
  if (node.kind === "ListValue") return node.values.flatMap((value, index) => literalProblems(value, [...path, index]));
  if (node.kind === "ObjectValue")
    return node.fields.flatMap((field) => literalProblems(field.value, [...path, field.name.value]));
  const problem = node.kind === "StringValue" ? jsonProblem(node.value) : null;
  return problem ? [{ ...problem, path: [...path] }] : [];
}

/** Stands in for graphql's ValuesOfCorrectTypeRule: checks the values that are written into the document. */
export function InputLiteralRule(context: ValidationContext): ASTVisitor {
  const report = (issue: Issue, nodes: ValueNode) =>
    context.reportError(new GraphQLError(issue.message, { nodes, extensions: { [ISSUE]: issue } }));
  function check(root: string, value: ValueNode, type: GraphQLInputType): void {
    const onError = (error: GraphQLError, path: Path) => report(issueOf(error, { root, type, path }), value);
    validateInputLiteral(value, type, onError, undefined, undefined, context.hideSuggestions);
    for (const issue of literalProblems(value, [root])) report(issue, value);
  }
  return {
    Argument(node) {
      const argument = context.getArgument();
      if (argument) check(node.name.value, node.value, argument.type);
      return false;
    },
    VariableDefinition(node) {
      const type = typeFromAST(context.getSchema(), node.type) as GraphQLInputType | undefined;
      if (type && node.defaultValue) check(node.variable.name.value, node.defaultValue, type);
    },
  };
}

/** Puts all problems of written values into one error; others stay as they are. */
export function gatherIssues(errors: readonly GraphQLError[]): GraphQLError[] {
  const issues = errors.flatMap(({ extensions }) => (ISSUE in extensions ? [extensions[ISSUE] as Issue] : []));
  if (issues.length === 0) return [...errors];
  return [
    badInput(toThePoint(issues), { beforeExecution: true }),
    ...errors.filter(({ extensions }) => !(ISSUE in extensions)),
  ];
}

type Variables = Readonly<Record<string, unknown>>;

interface Checking {
  schema: GraphQLSchema;
  hideSuggestions: boolean;
}

/** Thrown to end a search that has found enough. */
const ENOUGH = Symbol("knock.enough");

function valueIssues(value: unknown, { type, root }: { type: GraphQLInputType; root: string }, hide: boolean): Issue[] {
  const issues: Issue[] = [];
  const add = (issue: Issue) => {
    issues.push(issue);
    if (issues.length > mostIssues) throw ENOUGH;
  };
  try {
    const known = withoutUnknownFields(value, type, {
      path: [root],
      onUnknown: (path, near) =>
        add({ path, code: "unknown_field", message: noSuchField(hide || near === null ? null : `"${near}"`) }),
    });
    validateInputValue(known, type, (error, path) => add(issueOf(error, { root, type, path })), hide);
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
  return issues;
}

function variableIssues(
  definition: VariableDefinitionNode,
  variables: Variables,
  { schema, hideSuggestions }: Checking,
): Issue[] {
  const root = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type) as GraphQLInputType | undefined;
  const value = Object.hasOwn(variables, root) ? variables[root] : undefined;
  // Before anything else looks at it: how deep it may be and which text, once for all fields.
  const problem = jsonProblem(value);
  if (problem) return [{ ...problem, path: [root, ...problem.path] }];
  if (!type || (value === undefined && definition.defaultValue)) return [];
  return valueIssues(value, { type, root }, hideSuggestions);
}

/** The error of an operation whose variables do not fit, or `null`. */
export function checkVariables(
  operation: OperationDefinitionNode,
  variables: Variables,
  checking: Checking,
): GraphQLError | null {
  const issues = (operation.variableDefinitions ?? []).flatMap((definition) =>
    variableIssues(definition, variables, checking),
  );
  return issues.length === 0 ? null : badInput(toThePoint(issues), { beforeExecution: true });
}
