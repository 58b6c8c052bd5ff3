import { expect, test } from "vitest";
import { lineDiff } from "../../src/base/line-diff.ts";
import { sdlLines } from "../../src/deploy/plan/sdl-lines.ts";

const sdl = `"""What can be done."""
type Mutation {
  """Notifies."""
  notify(
    """
    Whom, and
    what.
    """
    input: NotifyInput!
    many: Boolean = false
  ): NotifyResult
  ping: String
}

enum Role {
  admin
  guest
}

scalar JSON
union Result = A | B
`;

test("each line says where it belongs, and descriptions are left out", () => {
  expect(sdlLines(sdl)).toEqual([
    "type Mutation",
    "type Mutation.notify: input: NotifyInput!",
    "type Mutation.notify: many: Boolean = false",
    "type Mutation: notify: NotifyResult",
    "type Mutation: ping: String",
    "enum Role",
    "enum Role: admin",
    "enum Role: guest",
    "scalar JSON",
    "union Result = A | B",
  ]);
});

test("a difference is understood without what stands around it", () => {
  const changed = sdl.replace("  guest\n", "").replace("Whom, and", "Whom and").replace("many: Boolean", "many: Int");
  expect(lineDiff(sdlLines(sdl).join("\n"), sdlLines(changed).join("\n"))).toEqual([
    "-type Mutation.notify: many: Boolean = false",
    "+type Mutation.notify: many: Int = false",
    "-enum Role: guest",
  ]);
});
