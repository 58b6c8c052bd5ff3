// Relay connections. The pages, and what is inside their cursors, come from the store.
import { encodeCursor, MAX_PAGE_SIZE, type Page } from "../../store/paging.ts";
import type { Builder } from "./builder.ts";
import type { Objects } from "./schema/objects.ts";

/** A page with the way to the key of a node, of which its cursor is made. */
export interface Connection<Node> extends Page<Node> {
  keyOf: (node: Node) => string;
}

/** A page as a connection. */
export const connection = <Node>(page: Page<Node>, keyOf: (node: Node) => string): Connection<Node> => ({
  ...page,
  keyOf,
});

/** The arguments of every connection. */
export const pageArguments = (builder: Builder) =>
  builder.args((t) => ({
    first: t.int({ description: `How many nodes from the beginning, at most ${MAX_PAGE_SIZE}. Default: 50.` }),
    after: t.string({ description: "Begin behind this cursor: the `endCursor` of the page before." }),
    last: t.int({ description: `How many nodes from the end, at most ${MAX_PAGE_SIZE}.` }),
    before: t.string({ description: "End before this cursor: the `startCursor` of the page behind." }),
  }));

interface Edge<Node> {
  node: Node;
  cursor: string;
}

/**
 * Makes the connection of an object type. `name` is that of the connection when it is not the node's;
 * `Extra` is what resolvers of further fields need.
 */
export function addConnection<Name extends keyof Objects & string, Extra extends object = object>(
  builder: Builder,
  { node: type, name = type, plural }: { node: Name; name?: string; plural: string },
) {
  type Node = Objects[Name];
  const edge = builder.objectRef<Edge<Node>>(`${name}Edge`).implement({
    description: `One of a list of ${plural}.`,
    fields: (t) => ({
      cursor: t.exposeString("cursor", { description: "Give it as `after` to go on behind this node." }),
      node: t.field({ type, description: "What stands here.", resolve: ({ node }) => node as never }),
    }),
  });
  return builder.objectRef<Connection<Node> & Extra>(`${name}Connection`).implement({
    description: `A page of a list of ${plural}.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: "The nodes, each with its cursor.",
        resolve: ({ nodes, keyOf }) => nodes.map((node) => ({ node, cursor: encodeCursor(keyOf(node)) })),
      }),
      pageInfo: t.field({ type: "PageInfo", description: "Where this page ends.", resolve: (page) => page }),
    }),
  });
}

/** The type of `pageInfo`. */
export function addPageInfo(builder: Builder): void {
  builder.objectType("PageInfo", {
    description: "Where a page of a list ends.",
    fields: (t) => ({
      hasNextPage: t.exposeBoolean("hasNextPage", { description: "Whether the list goes on behind this page." }),
      hasPreviousPage: t.exposeBoolean("hasPreviousPage", {
        description: "Whether there is something before this page.",
      }),
      startCursor: t.exposeString("startCursor", { nullable: true, description: "The cursor of the first node." }),
      endCursor: t.exposeString("endCursor", { nullable: true, description: "The cursor of the last node." }),
    }),
  });
}
