// Finds the route of a request. Fixed words of a path come before parameters: `/v1/users/bulk/identify` is no user.
import type { Route } from "./route.ts";

interface Place {
  words: Map<string, Place>;
  parameter: Place | null;
  routes: Map<string, Route>;
}

/** What a request asks for: a route with its parameters, or the methods that there are instead. */
export type Match = { route: Route; params: Record<string, string> } | { methods: string[] };

const place = (): Place => ({ words: new Map(), parameter: null, routes: new Map() });

const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "");

function add(root: Place, route: Route): void {
  let at = root;
  for (const part of partsOf(route.path)) {
    if (part.startsWith(":")) at = at.parameter ??= place();
    else {
      const next = at.words.get(part) ?? place();
      at.words.set(part, next);
      at = next;
    }
  }
  if (at.routes.has(route.method)) throw new Error(`two routes at ${route.method} ${route.path}`);
  at.routes.set(route.method, route);
}

/** The places of a path, those with fixed words first. */
function placesOf(at: Place, parts: readonly string[], index = 0): Place[] {
  if (index === parts.length) return at.routes.size > 0 ? [at] : [];
  const word = at.words.get(parts[index]!);
  return [word, at.parameter].flatMap((next) => (next ? placesOf(next, parts, index + 1) : []));
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The values of a route's parameters in a path; `null` when one is no text. */
function paramsOf({ path }: Route, parts: readonly string[]): Record<string, string> | null {
  const values: [string, string][] = [];
  for (const [index, name] of partsOf(path).entries()) {
    if (!name.startsWith(":")) continue;
    const value = decoded(parts[index]!);
    if (value === null) return null;
    values.push([name.slice(1), value]);
  }
  return Object.fromEntries(values);
}

/** Makes the function that finds routes. */
export function routeTable(routes: readonly Route[]): (method: string, pathname: string) => Match {
  const root = place();
  for (const route of routes) add(root, route);
  return (method, pathname) => {
    const parts = partsOf(pathname);
    const places = placesOf(root, parts);
    const route = places.map(({ routes: here }) => here.get(method)).find((found) => found !== undefined);
    const params = route && paramsOf(route, parts);
    if (route && params) return { route, params };
    return { methods: route ? [] : [...new Set(places.flatMap(({ routes: here }) => [...here.keys()]))] };
  };
}
