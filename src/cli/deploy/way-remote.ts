import type { JsonObject } from "../../base/canonical-json.ts";
import { KnockError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import type { DeployPlan } from "../../deploy/plan/plan.ts";
import type { Artifact, DeployOptions, Release } from "../../deploy/release.ts";
import { type Answer, type Refusal, refusalOf } from "../refusal.ts";
import { answerOf, call, type Result, send, type Server } from "../remote.ts";
import type { DeployAnswer, DeployWay, ListedDeploy, ListedVersion, Rollback } from "./way.ts";
import { inWords, PLAN } from "./plan-over-api.ts";

const FAILURE = "... on Error { code message hint }";
const WITH_PLAN = `${FAILURE} ... on BreakingChangeError { plan { ${PLAN} } } ... on OpenRunsError { plan { ${PLAN} } }`;
const LISTED_DEPLOY = "id kind commit author createdAt";

/** Characters of one upload: JSON escapes, and the server takes 12 MB. */
const PART = 3_000_000;

const sizeOf = ({ code, sourceMap }: Artifact): number => code.length + (sourceMap?.length ?? 0);

/** The artifacts in parts that one request can carry. A source map that is too large for any is left behind. */
export function partsOf(artifacts: readonly Artifact[], most = PART): Artifact[][] {
  const parts: Artifact[][] = [];
  let room = 0;
  for (const given of artifacts) {
    const artifact = sizeOf(given) > most ? { ...given, sourceMap: null } : given;
    const size = sizeOf(artifact);
    if (parts.length === 0 || size > room) {
      parts.push([]);
      room = most;
    }
    parts.at(-1)!.push(artifact);
    room -= size;
  }
  return parts;
}

/** Uploads what the server does not have. */
async function upload(server: Server, artifacts: readonly Artifact[]): Promise<Answer<null>> {
  const asked = await send(server, {
    kind: "query",
    field: "missingArtifacts",
    declared: "$hashes: [String!]!",
    passed: "hashes: $hashes",
    leaf: true,
    variables: { hashes: artifacts.map(({ hash }) => hash) },
  });
  if (!asked.ok) return asked;
  const missing = new Set(asked.value as unknown as string[]);
  for (const part of partsOf(artifacts.filter(({ hash }) => missing.has(hash)))) {
    const operation = {
      field: "uploadArtifacts",
      declared: "$artifacts: [ArtifactInput!]!",
      passed: "artifacts: $artifacts",
      failure: FAILURE,
      variables: { artifacts: part.map(({ hash, code, sourceMap }) => ({ hash, code, sourceMap })) },
    };
    const answer = await call(server, operation, () => null);
    if (!answer.ok) return answer;
  }
  return { ok: true, value: null };
}

/** What a mutation about deploys says: it was done, or refused with the plan of what it would have done. */
function deployAnswer(answer: Answer<Result | Result[]>): DeployAnswer {
  if (!answer.ok) return { ...answer, plan: null };
  const result = answer.value as Result & { plan?: JsonObject | null };
  const plan = result.plan ? inWords(result.plan) : null;
  const read = answerOf(result, ({ deploy }) => (deploy as { id: string } | null)?.id ?? null);
  return read.ok ? { ok: true, id: read.value, plan: plan! } : { ...read, plan };
}

async function mutateDeploy(
  server: Server,
  release: Release,
  options: DeployOptions & { plan?: boolean },
): Promise<DeployAnswer> {
  const uploaded = await upload(server, release.artifacts);
  if (!uploaded.ok) return { ...uploaded, plan: null };
  const { workflows, commit, author } = release;
  const { allowBreaking = false, archiveOpen = null, plan = false } = options;
  const policy = { allowBreaking, archiveOpen: archiveOpen?.toUpperCase() ?? null, plan };
  return deployAnswer(
    await send(server, {
      field: "deploy",
      declared: "$input: DeployInput!",
      passed: "input: $input",
      selection: `... on DeploySuccess { deploy { id } plan { ${PLAN} } }`,
      failure: WITH_PLAN,
      variables: { input: { workflows, commit, author, ...policy } },
    }),
  );
}

const mutateRollback = async (server: Server, asked: Rollback): Promise<DeployAnswer> =>
  deployAnswer(
    await send(server, {
      field: "rollbackWorkflow",
      declared: "$workflow: String!, $version: Int, $author: String, $allowBreaking: Boolean",
      passed: "workflow: $workflow, version: $version, author: $author, allowBreaking: $allowBreaking",
      selection: `... on RollbackWorkflowSuccess { deploy { id } plan { ${PLAN} } }`,
      failure: `${FAILURE} ... on BreakingChangeError { plan { ${PLAN} } }`,
      variables: asked,
    }),
  );

const asDeploy = (deploy: ListedDeploy): ListedDeploy => ({ ...deploy, kind: deploy.kind.toLowerCase() });

/** Why there are no versions: the server knows no such workflow. */
async function unknownWorkflow(server: Server, workflow: string): Promise<Refusal> {
  const asked = await send(server, { kind: "query", field: "workflows", selection: "key", failure: "", variables: {} });
  const keys = asked.ok ? (asked.value as unknown as { key: string }[]).map(({ key }) => key) : [];
  return refusalOf(new KnockError("UNKNOWN_WORKFLOW", { workflow, nearest: nearest(workflow, keys) }));
}

const versionsAt = (server: Server): DeployWay["versions"] =>
  async function versions(workflow, after) {
    const question = {
      kind: "query" as const,
      field: "workflowVersions",
      declared: "$workflow: String!, $after: String",
      passed: "workflow: $workflow, after: $after, first: 50",
      selection: `edges { node { number hash artifact createdAt current openRuns deploys { ${LISTED_DEPLOY} } } } pageInfo { hasNextPage endCursor }`,
      failure: "",
      variables: { workflow, after },
    };
    const answer = await call(server, question, ({ edges, pageInfo }) => {
      const { hasNextPage, endCursor } = pageInfo as { hasNextPage: boolean; endCursor: string };
      const found = (edges as unknown as { node: ListedVersion }[]).map(({ node }) => ({
        ...node,
        deploys: node.deploys.map(asDeploy),
      }));
      return { versions: found, next: hasNextPage ? endCursor : null };
    });
    const empty = answer.ok && after === null && answer.value.versions.length === 0;
    return empty ? { ok: false, refusal: await unknownWorkflow(server, workflow) } : answer;
  };

/** Through a server's API, with a key that has the scope `deploy`. */
export function remoteWay(server: Server): DeployWay {
  return {
    place: server.url,
    async plan(release) {
      const answer = await mutateDeploy(server, release, { plan: true });
      return answer.ok ? { ok: true, value: answer.plan satisfies DeployPlan } : answer;
    },
    deploy: (release, options) => mutateDeploy(server, release, options),
    rollback: (asked) => mutateRollback(server, asked),
    versions: versionsAt(server),
    latest: () =>
      call(
        server,
        {
          kind: "query",
          field: "deploys",
          passed: "first: 1",
          selection: `edges { node { ${LISTED_DEPLOY} } }`,
          failure: "",
          variables: {},
        },
        ({ edges }) => {
          const [newest] = edges as unknown as { node: ListedDeploy }[];
          return newest ? asDeploy(newest.node) : null;
        },
      ),
  };
}
