/** A path as people write it: `["data", "items", 0, "name"]` is `data.items.0.name`. */
export const pathText = (path: readonly PropertyKey[]): string => path.map(String).join(".");
