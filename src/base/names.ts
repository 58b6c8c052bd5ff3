/**
 * The GraphQL name of a workflow key: `new-comment` is `newComment`.
 */
export const graphqlName = (key: string): string =>
  key.replaceAll(/[-_]([a-z0-9])/g, (_match, next: string) => next.toUpperCase());

const WORKFLOW_KEY = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;

/** Whether a workflow may have this key: lower case words joined by `-` or `_`, at most 255 characters. */
export const isWorkflowKey = (key: string): boolean => WORKFLOW_KEY.test(key) && key.length <= 255;

/** A name of the project's own as people read it: `account-security` is `Account security`. */
export function headingOf(name: string): string {
  const text = name.replaceAll(/[-_.]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
