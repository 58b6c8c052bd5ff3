// Versions of workflows, and the deploys that brought them.
import { connection } from "../connection.ts";
import { pageDeploys, pageVersions } from "../../../store/reads/deploys.ts";
import type { VersionRead } from "../../../store/reads/deploys.ts";
import type { Kit } from "./kit.ts";

/** Cursors of versions are their numbers, as texts that sort like them: see `pageVersions`. */
const cursorOf = ({ number }: VersionRead): string => String(number).padStart(10, "0");

function addDeploy({ builder, enums }: Kit): void {
  builder.objectType("DeployChange", {
    description: "What a deploy did to one workflow.",
    fields: (t) => ({
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      change: t.expose("change", { type: enums.workflowChange, description: "What became of it." }),
      from: t.exposeInt("from", { nullable: true, description: "Number of the version before; null for none." }),
      to: t.exposeInt("to", { nullable: true, description: "Number of the version after; null when archived." }),
    }),
  });
  builder.objectType("Deploy", {
    description: "A deploy that changed something.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Ids sort by time." }),
      kind: t.expose("kind", { type: enums.deployKind, description: "How it came." }),
      commit: t.exposeString("commit", {
        nullable: true,
        description:
          "The git commit of the checkout, with `-dirty` behind it when there were changes beside; null without git.",
      }),
      author: t.exposeString("author", {
        nullable: true,
        description: "Who deployed: a person, or the name of a key.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When." }),
      changes: t.expose("changes", { type: ["DeployChange"], description: "By key of the workflow." }),
    }),
  });
}

function addVersion({ builder }: Kit): void {
  builder.objectType("WorkflowVersion", {
    description: "A version of a workflow. One that is deployed again keeps its number.",
    fields: (t) => ({
      number: t.exposeInt("number", { description: "From 1." }),
      hash: t.exposeString("hash", { description: "Hash of what it does: equal meaning, equal hash." }),
      artifact: t.exposeString("artifact", {
        nullable: true,
        description: "Hash of its code; null where processes take it from their own files.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was first deployed." }),
      current: t.exposeBoolean("current", { description: "New runs have this version." }),
      openRuns: t.field({
        type: "SafeInt",
        description: "Runs of it that are not finished.",
        resolve: async ({ id }, _args, { load }) => (await load.openRuns(id)) ?? 0,
      }),
      deploys: t.field({
        type: ["Deploy"],
        description: "The deploys that made it the current one, newest first.",
        async resolve({ deploys }, _args, { load }) {
          const found = await Promise.all(deploys.map(({ id }) => load.deploy(id)));
          return found.filter((deploy) => deploy !== undefined);
        },
      }),
    }),
  });
}

/** Types and queries of what was deployed. */
export function addDeployHistory(kit: Kit): void {
  const { builder, page, connections } = kit;
  addDeploy(kit);
  addVersion(kit);
  const read = { authScopes: { read: true } };
  builder.objectField("Workflow", "versions", (t) =>
    t.field({
      ...read,
      type: connections.versions,
      description: "Its versions, newest first.",
      args: page,
      resolve: async ({ key }, args, { engine }) =>
        connection(await pageVersions(engine.context.database.db, key, args), cursorOf),
    }),
  );
  builder.queryFields((t) => ({
    deploys: t.field({
      ...read,
      type: connections.deploys,
      description: "What was deployed, newest first.",
      args: page,
      resolve: async (_root, args, { engine }) =>
        connection(await pageDeploys(engine.context.database.db, args), ({ id }) => id),
    }),
    workflowVersions: t.field({
      ...read,
      type: connections.versions,
      description: "The versions of a workflow, newest first; also of one that is archived. Empty for an unknown key.",
      args: { ...page, workflow: t.arg.string({ required: true, description: "Key of the workflow." }) },
      resolve: async (_root, { workflow, ...args }, { engine }) =>
        connection(await pageVersions(engine.context.database.db, workflow, args), cursorOf),
    }),
  }));
}
