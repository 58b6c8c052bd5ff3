// Audiences are lists: the key is the name of the list. A member belongs to at most one tenant, kept as a property of the
// membership.
import { z } from "zod";
import { inOneTransaction } from "../../engine/directory/directory.ts";
import { addListMembers, removeListMembers } from "../../engine/directory/lists.ts";
import { ownListNameProblem, tenantIdProblem } from "../../base/text.ts";
import { findList, findMembers, pageMembers, type StoredMember } from "../../store/lists.ts";
import { findUsers, type StoredUser } from "../../store/users.ts";
import { invalidParam, missing, succeeded } from "./errors.ts";
import { identify } from "./identify.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { givenRecipient, recipientIdOf, recipientRequest } from "./recipient-input.ts";
import { route } from "./route.ts";
import { audienceMemberShape } from "./shapes/audience.ts";
import { entriesOf } from "./shapes/shape.ts";
import { presentUser } from "./shapes/user.ts";

const MOST_MEMBERS = 1_000;

const params = z.object({ key: z.string() });

const member = z.object({
  user: recipientRequest,
  tenant: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
});

const members = z.array(member).max(MOST_MEMBERS);

type Member = z.output<typeof member>;

/** Refuses with 422 what cannot be an audience, or somebody in it. */
function checkAudience(key: string, given: readonly Member[]): void {
  const problem = ownListNameProblem(key);
  if (problem) throw invalidParam(["key"], `The key of an audience ${problem}.`, "invalid_id");
  for (const [index, one] of given.entries()) {
    if (typeof one.user === "object" && "collection" in one.user)
      throw invalidParam(["members", index, "user"], "The members of audiences are users.", "invalid_type");
    const tenant = tenantOf(one);
    const wrong = tenant && tenantIdProblem(tenant);
    if (wrong) throw invalidParam(["members", index, "tenant"], `A tenant id ${wrong}.`, "invalid_id");
  }
}

const tenantOf = ({ tenant }: Member): string | null =>
  typeof tenant === "object" ? (tenant?.id ?? null) : (tenant ?? null);

const add = route({
  method: "POST",
  path: "/v1/audiences/:key/members",
  operation: "audiences.addMembers",
  summary: "Adds up to 1,000 users to an audience, which is made with `create_audience=true` when there is none.",
  scope: "write",
  params,
  query: z.object({ create_audience: z.boolean().optional() }),
  body: z.object({ members }),
  responses: { 204: null },
  async handle({ params: { key }, query, body }, context) {
    checkAudience(key, body.members);
    const { engine } = context;
    const given = body.members.map(({ user }, index) => givenRecipient(context, user, ["members", index, "user"]));
    if (query.create_audience !== true && !(await findList(engine.context.database.db, key))) throw missing("audience");
    await inOneTransaction(engine.context, {}, async (tx) => {
      await identify(context, given, { tx });
      const joining = body.members.map((each) => ({
        userId: recipientIdOf(each.user),
        properties: { tenant: tenantOf(each) },
      }));
      succeeded(await addListMembers(engine.context, { list: key, members: joining }, { tx }));
    });
    return { status: 204 };
  },
});

const remove = route({
  method: "DELETE",
  path: "/v1/audiences/:key/members",
  operation: "audiences.removeMembers",
  summary: "Removes up to 1,000 users from an audience; with a tenant those who belong to it.",
  scope: "write",
  params,
  body: z.object({ members }),
  responses: { 204: null },
  async handle({ params: { key }, body }, { engine }) {
    checkAudience(key, body.members);
    const wanted = body.members.map((each) => ({ id: recipientIdOf(each.user), tenant: tenantOf(each) }));
    await inOneTransaction(engine.context, {}, async (tx) => {
      const present = await findMembers(
        tx,
        key,
        wanted.map(({ id }) => id),
      );
      const tenants = new Map(present.map(({ userId, properties }) => [userId, properties["tenant"] ?? null]));
      const leaving = wanted.filter(({ id, tenant }) => tenant === null || tenants.get(id) === tenant);
      const userIds = leaving.map(({ id }) => id);
      succeeded(await removeListMembers(engine.context, { list: key, userIds }, { tx }));
    });
    return { status: 204 };
  },
});

function presentMember({ userId, properties, createdAt }: StoredMember, user: StoredUser | undefined) {
  const { tenant } = properties;
  return {
    __typename: "AudienceMember" as const,
    added_at: createdAt.toISOString(),
    user: user ? presentUser(user) : { __typename: "User" as const, id: userId },
    user_id: userId,
    tenant: typeof tenant === "string" ? tenant : null,
  };
}

const list = route({
  method: "GET",
  path: "/v1/audiences/:key/members",
  operation: "audiences.listMembers",
  summary: "The members of an audience, by id.",
  scope: "read",
  params,
  query: z.object(pageQuery),
  responses: { 200: entriesOf(audienceMemberShape) },
  async handle({ params: { key }, query }, { engine }) {
    const { db } = engine.context.database;
    if (ownListNameProblem(key) || !(await findList(db, key))) throw missing("audience");
    const page = await pageMembers(db, key, pageArguments(query));
    const users = await findUsers(
      db,
      page.nodes.map(({ userId }) => userId),
    );
    const entries = page.nodes.map((one) => presentMember(one, users.get(one.userId)));
    return { status: 200, body: { entries, page_info: pageInfoOf(page, query) } };
  },
});

/** Audiences. */
export const audienceRoutes = [add, remove, list];
