// The scopes of all fields, looked at before anything is done. Each field is guarded once more when it is
// resolved, but that alone would come too late: a notification would be sent, and the answer be FORBIDDEN
// because of a field that was to be read of it.
import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { KnockError } from "../../base/errors.ts";
import { requestError } from "./request-errors.ts";
import { type Access, grantedTo, type Identity, scopeFor } from "../auth/identity.ts";

/** An operation that is about to be executed; the document has been validated. */
export interface Execution {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Readonly<Record<string, unknown>>;
  /** Whether people, too, may ask what there is: on a developer's own machine. */
  dev: boolean;
}

function isLeftOut(selection: SelectionNode, { operation, variables }: Execution): boolean {
  return (selection.directives ?? []).some(({ name, arguments: given }) => {
    const condition = given?.find((argument) => argument.name.value === "if")?.value;
    let value: unknown = condition?.kind === Kind.BOOLEAN ? condition.value : undefined;
    if (condition?.kind === Kind.VARIABLE) {
      const variable = condition.name.value;
      const definition = operation.variableDefinitions?.find((one) => one.variable.name.value === variable);
      const otherwise = definition?.defaultValue?.kind === Kind.BOOLEAN ? definition.defaultValue.value : undefined;
      value = Object.hasOwn(variables, variable) ? variables[variable] : otherwise;
    }
    return (name.value === "skip" && value === true) || (name.value === "include" && value === false);
  });
}

type Type = GraphQLNamedType | undefined;

function scopesOf(field: FieldNode, parent: Type): { scopes: Access[]; type?: GraphQLNamedType } {
  const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
  if (!definition) return { scopes: [] };
  const { authScopes = {} } = (definition.extensions["pothosOptions"] ?? {}) as { authScopes?: object };
  return { scopes: Object.keys(authScopes) as Access[], type: getNamedType(definition.type) };
}

/** The names of workflows and the shapes of their data are the project's business: servers ask for them, not people. */
const introspection: ReadonlySet<string> = new Set(["__schema", "__type"]);

/** The errors of an operation that asks for what the caller's scopes do not reach: one for each missing scope. */
export function checkScopes(execution: Execution, identity: Identity): GraphQLError[] {
  const { schema, document, operation } = execution;
  const granted = grantedTo(identity);
  // Where nobody has to show a key, one that is not valid is none.
  const keyless = identity.key === null && identity.name === null;
  const viewer = identity.viewer !== null;
  const missing = new Map<Access, FieldNode>();
  const seen = new Set<string>();
  function look(set: SelectionSetNode, parent: Type): void {
    for (const selection of set.selections) {
      if (isLeftOut(selection, execution)) continue;
      if (selection.kind === Kind.FIELD) {
        const { scopes, type } = scopesOf(selection, parent);
        if (viewer && !execution.dev && introspection.has(selection.name.value)) missing.set("read", selection);
        for (const scope of scopes) if (!granted[scope] && !missing.has(scope)) missing.set(scope, selection);
        if (selection.selectionSet) look(selection.selectionSet, type);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition?.name.value;
        look(selection.selectionSet, on === undefined ? parent : schema.getType(on));
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION)
          look(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
      }
    }
  }
  look(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return [...missing].map(([needed, nodes]) => {
    const { message, extensions } = requestError(
      new KnockError("FORBIDDEN", { needed: scopeFor(needed), ...(viewer ? { viewer } : keyless && { keyless }) }),
    );
    return new GraphQLError(message, { nodes, extensions });
  });
}
