// What `knock sync --url` sends: only what the server lacks, in parts that a request can carry.
import { expect, onTestFinished, test } from "vitest";
import { partsOf, remoteWay } from "../../src/cli/deploy/way-remote.ts";
import type { Artifact } from "../../src/deploy/release.ts";
import { json, startHttpServer } from "../support/http-server.ts";

const artifact = (hash: string, code: string, sourceMap: string | null = null): Artifact => ({
  hash,
  code,
  sourceMap,
  imports: [],
});

const plan = {
  changes: true,
  breaking: false,
  graphql: [],
  workflows: [
    {
      key: "greeting",
      change: "CHANGED",
      from: 1,
      to: 2,
      codeOnly: "SAME_ON_EXAMPLES",
      openBatches: 0,
      breaking: [],
      structure: [{ mark: "MOVED", ref: "mail", kind: "email", texts: ["after feed"] }],
      content: [],
      data: [{ path: "data.x", text: "new", breaks: "CALLERS" }],
      waiting: [],
      stored: [{ of: "WAITING_RUNS", misfits: 1, looked: 2, problem: "no" }],
    },
  ],
};

test("only what the server lacks is uploaded, and its plan comes back as it was made", async () => {
  const server = await startHttpServer();
  onTestFinished(server.close);
  server.answer = (request, response) => {
    const data = request.body.includes("missingArtifacts")
      ? { missingArtifacts: ["b"] }
      : request.body.includes("uploadArtifacts")
        ? { uploadArtifacts: { __typename: "UploadArtifactsSuccess" } }
        : { deploy: { __typename: "DeploySuccess", deploy: { id: "d" }, plan } };
    json({ data })(request, response);
  };
  const release = {
    workflows: [{ key: "greeting", artifact: "b", signature: "s" }],
    artifacts: [artifact("a", "1"), artifact("b", "2", "{}")],
    commit: "c",
    author: "Ada",
  };
  const answer = await remoteWay({ url: server.url, apiKey: "sk_x" }).deploy(release, { archiveOpen: "finish" });
  const sent = server.seen.map(({ body }) => (JSON.parse(body) as { variables: object }).variables);
  expect(sent).toEqual([
    { hashes: ["a", "b"] },
    { artifacts: [{ hash: "b", code: "2", sourceMap: "{}" }] },
    {
      input: {
        workflows: release.workflows,
        commit: "c",
        author: "Ada",
        allowBreaking: false,
        archiveOpen: "FINISH",
        plan: false,
      },
    },
  ]);
  expect(answer).toMatchObject({
    ok: true,
    id: "d",
    plan: {
      workflows: [
        {
          change: "changed",
          codeOnly: "same on the examples",
          structure: [{ mark: ">" }],
          data: [{ breaks: "callers" }],
          stored: [{ of: "waiting runs" }],
        },
      ],
    },
  });
});

test("large uploads go in parts; a source map that fits nowhere stays behind, the code never does", () => {
  const ten = "x".repeat(10);
  const hashes = (parts: Artifact[][]) => parts.map((part) => part.map(({ hash }) => hash));
  expect(partsOf([], 25)).toEqual([]);
  expect(hashes(partsOf([artifact("a", ten), artifact("b", ten), artifact("c", ten)], 25))).toEqual([
    ["a", "b"],
    ["c"],
  ]);
  const mapped = partsOf([artifact("a", ten, ten), artifact("b", ten, ten.repeat(2))], 25);
  expect(hashes(mapped)).toEqual([["a"], ["b"]]);
  expect(mapped.flat().map(({ sourceMap }) => sourceMap)).toEqual([ten, null]);
  expect(hashes(partsOf([artifact("a", ten.repeat(9)), artifact("b", ten)], 25))).toEqual([["a"], ["b"]]);
});
