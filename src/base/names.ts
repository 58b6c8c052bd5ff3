/**
 * The GraphQL name of a workflow key: `new-comment` is `newComment`.
 */
export const graphqlName = (key: string): string =>
  key.replaceAll(/[-_]([a-z0-9])/g, (_match, next: string) => next.toUpperCase());
