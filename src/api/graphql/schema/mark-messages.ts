import { KnockError } from "../../../base/errors.ts";
import { invalid, type Outcome } from "../../../engine/directory/directory.ts";
import { markFeed, type Marking, markMessages } from "../../../engine/directory/engagement.ts";
import type { Refused } from "../../../engine/notify-call.ts";
import { countFeed } from "../../../engine/feed/read-feed.ts";
import type { Context } from "../context.ts";
import { feedQuestion, type FilterInput } from "../feed-question.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

const markings: Record<Marking, string> = {
  SEEN: "It was on the screen.",
  UNSEEN: "Undoes SEEN.",
  READ: "It was read, and so seen.",
  UNREAD: "Undoes READ.",
  INTERACTED: "The recipient acted on it; so it was read and seen.",
  ARCHIVED: "It was put away: the feed leaves it out.",
  UNARCHIVED: "Undoes ARCHIVED.",
};

interface MarkAll {
  filter?: FilterInput | null | undefined;
  userId?: string | null | undefined;
}

interface Marks {
  ids?: readonly string[] | null | undefined;
  all?: MarkAll | null | undefined;
  as: Marking;
}

type Marked = Promise<Outcome<{ marked: number }>> | Refused;

const refuse = (path: string[], message: string, code: string) => invalid("The call", [{ path, message, code }]);

/** Marks a whole feed: the caller's own, or that of the user whom a server names. */
function markAll(context: Context, { filter, userId }: MarkAll, as: Marking): Marked {
  const own = context.identity.viewer?.userId ?? null;
  const given = userId ?? null;
  if (own !== null && given !== null) return refuse(["all", "userId"], "People mark their own messages.", "forbidden");
  const whose = own ?? given;
  if (whose === null) return refuse(["all", "userId"], "Name the user whose feed it is.", "required");
  return markFeed(context.engine.context, { question: feedQuestion(context, whose, filter ?? {}), as });
}

/** Of a person, messages of others are as messages that do not exist. */
function markSome({ engine, identity: { viewer } }: Context, ids: readonly string[], as: Marking): Marked {
  return markMessages(engine.context, { ids, as, by: viewer && { userId: viewer.userId, tenants: viewer.tenants } });
}

function mark(context: Context, { ids, all, as }: Marks): Marked {
  if (ids && !all) return markSome(context, ids, as);
  if (all && !ids) return markAll(context, all, as);
  return refuse(["ids"], "Give either `ids` or `all`.", "one_of");
}

function successType({ builder }: Kit) {
  return builder.objectRef<{ ok: true; marked: number; filter: FilterInput }>("MarkMessagesSuccess").implement({
    description: "The messages are marked.",
    fields: (t) => ({
      marked: t.exposeInt("marked", {
        description: "How many of the ids are messages; with `all`, how many were not so marked yet.",
      }),
      counts: t.field({
        type: "FeedCounts",
        nullable: true,
        description: "How much is in the person's feed now, as far as the filter of `all` goes; null for servers.",
        resolve({ filter }, _args, context) {
          const { engine, identity } = context;
          return identity.viewer && countFeed(engine.context, feedQuestion(context, identity.viewer.userId, filter));
        },
      }),
    }),
  });
}

/** What people did with their messages. */
export function addMarkMessages(kit: Kit): void {
  const { builder, feedFilter } = kit;
  const marking = builder.enumType("Marking", {
    description: "What messages can be marked as.",
    values: Object.fromEntries(
      Object.entries(markings).map(([name, description]) => [name, { value: name as Marking, description }]),
    ),
  });
  const all = builder.inputType("MarkAll", {
    description: "All items of a feed that a filter asks for.",
    fields: (t) => ({
      filter: t.field({ type: feedFilter, description: "Which items. Default: all that are not archived." }),
      userId: t.id({ description: "Whose feed, for servers. People mark their own." }),
    }),
  });
  builder.mutationField("markMessages", (t) =>
    t.field({
      type: resultOf(builder, successType(kit), ["INVALID_INPUT"]),
      nullable: true,
      description:
        "Marks up to 10,000 messages, or all of a feed. Marking again changes nothing. People reach their own alone.",
      authScopes: { engage: true },
      args: {
        ids: t.arg.idList({ description: "Ids of messages. Either these or `all`." }),
        all: t.arg({ type: all, description: "Everything in a feed that a filter asks for." }),
        as: t.arg({ type: marking, required: true, description: "What they are." }),
      },
      async resolve(_root, args, context) {
        try {
          const outcome = await mark(context, args);
          return outcome.ok ? { ...outcome, filter: { ...args.all?.filter, status: null } } : outcome;
        } catch (error) {
          if (!KnockError.is(error, "INVALID_INPUT")) throw error;
          const issues = error.details.issues.map((issue) => ({ ...issue, path: ["all", ...issue.path] }));
          return { ok: false as const, error: new KnockError("INVALID_INPUT", { ...error.details, issues }) };
        }
      },
    }),
  );
}
