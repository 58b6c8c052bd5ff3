// Deploying: artifacts come first, then the workflows that consist of them.
import { KnockError } from "../../../base/errors.ts";
import { type DeployContext, deployRelease, type DeployOutcome, planDeploy } from "../../../deploy/deploy.ts";
import type { DeployPlan } from "../../../deploy/plan/plan.ts";
import type { Artifact, Release } from "../../../deploy/release.ts";
import { rollback } from "../../../deploy/rollback.ts";
import { missingArtifacts, storeArtifacts } from "../../../deploy/upload.ts";
import type { Context } from "../context.ts";
import { limits } from "../limits.ts";
import { atMost } from "../request-errors.ts";
import { addDeployErrors } from "./deploy-errors.ts";
import { addDeployHistory } from "./deploy-history.ts";
import { addDeployPlan } from "./deploy-plan.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

const authScopes = { deploy: true };

/** Why a deploy was refused, with what it would have done. */
export interface RefusedDeploy {
  ok: false;
  error: KnockError;
  plan?: DeployPlan | null;
}

interface Deployed {
  ok: true;
  id: string | null;
  plan: DeployPlan;
}

const worksFromFiles = (): RefusedDeploy => ({ ok: false, error: new KnockError("WORKS_FROM_FILES", {}) });

/** Does something with what is deployed here. What is refused on the way becomes an answer. */
async function deploying<Result>(
  { deployment }: Context,
  work: (deployment: DeployContext) => Promise<Result>,
): Promise<Result | RefusedDeploy> {
  if (!deployment) return worksFromFiles();
  try {
    return await work(deployment);
  } catch (error) {
    if (KnockError.is(error, "ARTIFACT_REFUSED") || KnockError.is(error, "INVALID_WORKFLOW")) {
      return { ok: false, error };
    }
    throw error;
  }
}

const asAnswer = (outcome: DeployOutcome): Deployed | RefusedDeploy => outcome;

function addUpload({ builder }: Kit): void {
  const input = builder.inputType("ArtifactInput", {
    description: "Code: one ES module that imports nothing but Node's own modules and other artifacts.",
    fields: (t) => ({
      hash: t.string({ required: true, description: "SHA-256 of the code, in hexadecimal." }),
      code: t.string({ required: true, description: "The module." }),
      sourceMap: t.string({ description: "Leads from the code to its author's files, for stack traces." }),
    }),
  });
  const uploaded = builder.objectRef<{ ok: true; hashes: string[] }>("UploadArtifactsSuccess").implement({
    description: "The artifacts are stored. Those that no deploy refers to within a day are deleted.",
    fields: (t) => ({ hashes: t.exposeStringList("hashes", { description: "Their hashes, in order." }) }),
  });
  builder.mutationField("uploadArtifacts", (t) =>
    t.field({
      type: resultOf(builder, uploaded, ["ARTIFACT_REFUSED", "WORKS_FROM_FILES"]),
      nullable: true,
      description:
        "Stores code for a deploy, which loads and checks it. Whoever may do this can run code on servers and workers.",
      authScopes,
      args: { artifacts: t.arg({ type: [input], required: true, description: "At most 1,000, and 12 MB in all." }) },
      resolve: (_root, { artifacts }, context) =>
        deploying(context, async (deployment) => {
          const given = atMost(limits.batch, artifacts, "artifacts").map(
            // What it imports is read from the code itself.
            ({ hash, code, sourceMap = null }): Artifact => ({ hash, code, sourceMap, imports: [] }),
          );
          const outcome = await storeArtifacts(deployment, given);
          return outcome.ok ? { ok: true as const, hashes: given.map(({ hash }) => hash) } : outcome;
        }),
    }),
  );
  builder.queryField("missingArtifacts", (t) =>
    t.stringList({
      description: "Of these hashes, those of artifacts that have to be uploaded before a deploy.",
      authScopes,
      args: { hashes: t.arg.stringList({ required: true, description: "Hashes of artifacts." }) },
      resolve: (_root, { hashes }, { engine }) =>
        missingArtifacts(engine.context.database, atMost(limits.members, hashes, "hashes")),
    }),
  );
}

const createSuccess = ({ builder }: Kit, name: string, description: string) =>
  builder.objectRef<Deployed>(name).implement({
    description,
    fields: (t) => ({
      deploy: t.field({
        type: "Deploy",
        nullable: true,
        description: "The deploy; null when nothing differed, or when only the plan was asked for.",
        resolve: ({ id }, _args, { load }) => (id === null ? null : load.deploy(id)),
      }),
      plan: t.expose("plan", { type: "DeployPlan", description: "What it changes." }),
    }),
  });

function addDeploy(kit: Kit): void {
  const { builder, enums } = kit;
  const workflow = builder.inputType("DeployWorkflowInput", {
    description: "One workflow to deploy.",
    fields: (t) => ({
      key: t.string({ required: true, description: "Its key." }),
      artifact: t.string({ required: true, description: "Hash of the artifact whose default export it is." }),
      signature: t.string({ description: "Ed25519 signature, base64, where the server wants one." }),
    }),
  });
  const input = builder.inputType("DeployInput", {
    description: "All workflows of a checkout. One that is deployed and not among them is archived.",
    fields: (t) => ({
      workflows: t.field({ type: [workflow], required: true, description: "At most 1,000." }),
      commit: t.string({ description: "The git commit." }),
      author: t.string({ description: "Who deploys, for people. Default: the name of the key." }),
      plan: t.boolean({ description: "Only say what would change. Default: false." }),
      allowBreaking: t.boolean({
        description: "Deploy changes that break callers or runs under way. Default: false.",
      }),
      archiveOpen: t.field({
        type: enums.archiveOpen,
        description: "What becomes of open runs of workflows that are archived. Default: the deploy is refused.",
      }),
    }),
  });
  const success = createSuccess(kit, "DeploySuccess", "The workflows are deployed, or would be.");
  builder.mutationField("deploy", (t) =>
    t.field({
      type: resultOf(builder, success, [
        "ARTIFACT_REFUSED",
        "INVALID_WORKFLOW",
        "BREAKING_CHANGE",
        "OPEN_RUNS",
        "WORKS_FROM_FILES",
      ]),
      nullable: true,
      description:
        "Deploys all workflows of a checkout at once: servers and workers have them within a second. Artifacts are uploaded before. The same again changes nothing.",
      authScopes,
      args: { input: t.arg({ type: input, required: true, description: "What to deploy, and how." }) },
      resolve: (_root, { input: given }, context) =>
        deploying(context, async (deployment) => {
          const release: Release = {
            workflows: atMost(limits.batch, given.workflows, "workflows").map(({ signature, ...rest }) => ({
              ...rest,
              signature: signature ?? null,
            })),
            artifacts: [],
            commit: given.commit ?? null,
            author: given.author ?? context.identity.name,
          };
          if (given.plan) return { ok: true, id: null, plan: await planDeploy(deployment, release) } satisfies Deployed;
          const { allowBreaking, archiveOpen = null } = given;
          return asAnswer(
            await deployRelease(deployment, release, { allowBreaking: allowBreaking ?? false, archiveOpen }),
          );
        }),
    }),
  );
}

function addRollback(kit: Kit): void {
  const { builder } = kit;
  const success = createSuccess(kit, "RollbackWorkflowSuccess", "The version is the current one again.");
  builder.mutationField("rollbackWorkflow", (t) =>
    t.field({
      type: resultOf(builder, success, [
        "UNKNOWN_WORKFLOW",
        "UNKNOWN_VERSION",
        "ARTIFACT_REFUSED",
        "INVALID_WORKFLOW",
        "BREAKING_CHANGE",
        "WORKS_FROM_FILES",
      ]),
      nullable: true,
      description:
        "Makes an earlier version of a workflow the current one again, steps and texts. Runs under way keep theirs.",
      authScopes,
      args: {
        workflow: t.arg.string({ required: true, description: "Key of the workflow." }),
        version: t.arg.int({ description: "Number of the version. Default: the one before the current." }),
        author: t.arg.string({ description: "Who does it, for people. Default: the name of the key." }),
        allowBreaking: t.arg.boolean({
          description: "Also when it breaks callers or runs under way. Default: false.",
        }),
      },
      resolve: (_root, { workflow, version, author, allowBreaking }, context) =>
        deploying(context, async (deployment) =>
          asAnswer(
            await rollback(deployment, {
              workflow,
              version: version ?? null,
              author: author ?? context.identity.name,
              allowBreaking: allowBreaking ?? false,
            }),
          ),
        ),
    }),
  );
}

/** Deploys, versions and rollback. */
export function addDeploys(kit: Kit): void {
  addDeployErrors(kit.builder);
  addDeployPlan(kit);
  addDeployHistory(kit);
  addUpload(kit);
  addDeploy(kit);
  addRollback(kit);
}
