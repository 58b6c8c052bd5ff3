import type { JsonObject } from "../../../base/canonical-json.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

/** Events from outside. */
export function addSignals({ builder }: Kit): void {
  const signalled = builder.objectRef<{ ok: true; runs: number }>("SignalEventSuccess").implement({
    description: "The runs that waited for the event go on.",
    fields: (t) => ({ runs: t.exposeInt("runs", { description: "How many runs waited for it." }) }),
  });
  builder.mutationField("signalEvent", (t) =>
    t.field({
      type: resultOf(builder, signalled, ["INVALID_INPUT"]),
      nullable: true,
      description:
        "Lets the runs go on that wait for this event. Only waits that have begun count: an event is not kept for later ones.",
      authScopes: { notify: true },
      args: {
        name: t.arg.string({ required: true, description: "As the waiting steps name it, 1 to 255 characters." }),
        match: t.arg({
          type: "JSON",
          description: "An object that must equal what the waiting steps match on, member by member. Default: {}.",
        }),
        data: t.arg({
          type: "JSON",
          description: "An object that later steps read as `steps.<ref>.event`, at most 256 kB. Default: {}.",
        }),
      },
      // What is no object is refused by the engine, with the path.
      resolve: (_root, { name, match, data }, { engine }) =>
        engine.signalEvent({ name, match: (match ?? {}) as JsonObject, data: (data ?? {}) as JsonObject }),
    }),
  );
}
