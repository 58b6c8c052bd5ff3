/** A release of zod with other regular expressions, which take the same. */
export const otherExpressions = (code: string): string =>
  code.replaceAll(/([=,(:])\/\^([^\n]*?)\$\/(?=[,;)gimu])/g, "$1/^(?:$2)$/");
