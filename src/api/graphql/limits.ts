// How much one request may ask for. Done here in a few lines: the package for it needs a second copy
// of graphql, and then every limit becomes an internal error.
import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  type SelectionSetNode,
  specifiedRules,
  type ValidationContext,
  ValuesOfCorrectTypeRule,
} from "graphql";
import { InputLiteralRule } from "./bad-input.ts";
import { mostIssues } from "./request-errors.ts";

/** The limits of one request. */
export const limits = {
  /** Tokens of the document. Send values as variables, which are not counted. */
  tokens: 20_000,
  /** Selections inside each other, introspection apart. */
  depth: 12,
  /** Fields with an alias. */
  aliases: 30,
  /** Problems that are reported. */
  errors: mostIssues,
  /** Nodes of one page. */
  page: 100,
  /** Calls of one notifyMany, users of one upsertUsers. */
  batch: 1_000,
  /** Members of one addListMembers or removeListMembers, ids of one markMessages. */
  members: 10_000,
  /** Bytes of the body of a request. */
  body: 25_000_000,
} as const;

const tooMuch = (message: string, code: string) =>
  new GraphQLError(message, { extensions: { code, hint: "Ask for less at once.", http: { status: 400, spec: true } } });

/** The error of a document that nests so deeply that even looking at it ends in an overflow. */
export const tooDeep = () => tooMuch(`The document nests deeper than ${limits.depth} levels.`, "TOO_DEEP");

/** Refuses documents with many aliases, which ask for the same thing again and again. */
export function AliasLimitRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  return {
    Field(node) {
      if (!node.alias || ++aliases !== limits.aliases + 1) return;
      context.reportError(tooMuch(`The document has more than ${limits.aliases} aliases.`, "TOO_MANY_ALIASES"));
    },
  };
}

/** Refuses documents that nest deeply. */
export function DepthLimitRule(context: ValidationContext): ASTVisitor {
  const known = new Map<FragmentDefinitionNode, number>();
  const depthOf = (set: SelectionSetNode): number =>
    Math.max(
      0,
      ...set.selections.map((selection) => {
        if (selection.kind === "Field") {
          if (selection.name.value.startsWith("__")) return 0;
          return 1 + (selection.selectionSet ? depthOf(selection.selectionSet) : 0);
        }
        if (selection.kind === "InlineFragment") return depthOf(selection.selectionSet);
        const fragment = context.getFragment(selection.name.value);
        return fragment ? depthOfFragment(fragment) : 0;
      }),
    );
  function depthOfFragment(fragment: FragmentDefinitionNode): number {
    const depth = known.get(fragment);
    if (depth !== undefined) return depth;
    known.set(fragment, 0); // a fragment that contains itself is refused by another rule
    const found = depthOf(fragment.selectionSet);
    known.set(fragment, found);
    return found;
  }
  return {
    OperationDefinition(node) {
      if (depthOf(node.selectionSet) <= limits.depth) return;
      context.reportError(tooDeep());
    },
  };
}

/** The rules that every document must keep. */
export const rules = [
  AliasLimitRule,
  DepthLimitRule,
  ...specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule),
  InputLiteralRule,
];
