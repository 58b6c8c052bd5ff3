// Workflows whose mails are React elements, on a machine without React.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { temporary } from "../cli/support/project.ts";
import { deployed, open } from "./support/deployed.ts";

const repository = resolve(import.meta.dirname, "../..");

const mail = `import * as React from "react";
import { createContext, useContext, useId, useMemo, useState, type ReactNode } from "react";
import { Button } from "buttons";
import { workflow } from "knock";
import { z } from "zod";

const Brand = createContext("none");
function Title({ children }: { children: ReactNode }) {
  const [count] = useState(1);
  const brand = useContext(Brand);
  const upper = useMemo(() => brand.toUpperCase(), [brand]);
  return <h1 id={useId()} data-count={count}>{upper}: {children}</h1>;
}

export default workflow("mail", { data: z.object({ title: z.string() }), examples: { one: { title: "x" } } })
  .email("hooks", { subject: "s", body: ({ data }) => <Brand value="acme"><Title>{data.title}</Title></Brand> })
  .email("plain", { subject: "s", body: <p>static</p> })
  .email("made", { subject: "s", body: () => React.createElement("b", null, "made") })
  .email("foreign", { subject: "s", body: () => <Button>Press</Button> });
`;

const project = {
  "package.json": '{ "type": "module" }',
  "workflows/mail.tsx": mail,
  // A CommonJS package, as those with components often are.
  "node_modules/buttons/package.json": '{ "name": "buttons", "main": "main.js" }',
  "node_modules/buttons/main.js": `const React = require("react");
const { jsx } = require("react/jsx-runtime");
exports.Button = ({ children }) => { const [type] = React.useState("button"); return jsx("button", { type, children }); };
`,
};

const rendering = (bundle: string) => `
import { readFileSync } from "node:fs";
import { artifactLoader } from ${JSON.stringify(join(repository, "src/deploy/artifacts/loader.ts"))};
import { openWorkflows } from ${JSON.stringify(join(repository, "src/deploy/artifacts/open-workflows.ts"))};
import { renderMessage } from ${JSON.stringify(join(repository, "src/registry/render.ts"))};
const { artifacts, released } = JSON.parse(readFileSync(${JSON.stringify(bundle)}, "utf8"));
const loader = artifactLoader(async (hashes) => artifacts.filter(({ hash }) => hashes.includes(hash)));
const registry = await openWorkflows(released, { loader, channels: [{ key: "mail", type: "email" }], publicKeys: [] });
const { content, hash, fingerprint } = registry.get("mail");
const mails = [...content.slots.values()].map(({ sources }) => renderMessage("email", sources, { data: { title: "Hi" } }));
console.log(JSON.stringify({ html: mails.map(({ html }) => html), text: mails[0].text, hash, fingerprint }));`;

test("a process without React renders what was bundled with it: hooks, contexts, packages with components", async () => {
  const { root, write } = temporary(project);
  const bundle = await deployed(root, { mail: "workflows/mail.tsx" });
  write("empty/bundle.json", JSON.stringify(bundle));
  const script = rendering(join(root, "empty/bundle.json"));
  const elsewhere = temporary({}).root;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd: "/",
    env: { PWD: elsewhere },
  });
  const { html, text, hash, fingerprint } = JSON.parse(stdout) as Record<string, unknown>;
  expect(html).toEqual([
    '<h1 id="_R_0_" data-count="1">ACME: Hi</h1>',
    "<p>static</p>",
    "<b>made</b>",
    '<button type="button">Press</button>',
  ]);
  expect(text).toBe("ACME: HI");
  const { mail: here } = { mail: (await open(bundle)).get("mail")! };
  expect([hash, fingerprint]).toEqual([here.hash, here.fingerprint]);
});

test("React is one artifact for all, and none when it is not used", async () => {
  const second = mail.replace('workflow("mail"', 'workflow("second"');
  const plain = mail
    .replace(/^import .*React.*\n/gm, "")
    .replace(/import \{ createContext.*\n/, "")
    .replace(/const Brand[^]*?\n\}\n/, "")
    .replace('import { Button } from "buttons";\n', "")
    .replace(/\.email[^]*$/, '.inApp("feed", { body: "b" });')
    .replace('workflow("mail"', 'workflow("plain"');
  const { root } = temporary({ ...project, "workflows/second.tsx": second, "workflows/plain.tsx": plain });
  const { artifacts } = await deployed(root, {
    mail: "workflows/mail.tsx",
    second: "workflows/second.tsx",
    plain: "workflows/plain.tsx",
  });
  expect(artifacts.map(({ imports }) => imports.length)).toEqual([2, 2, 1, 0, 0]);
  for (const { code } of artifacts.slice(0, 3)) expect(code.length).toBeLessThan(7_000);
});

test("a project without react-dom is told what to install", async () => {
  const { root, remove } = temporary(project);
  remove("node_modules/react-dom");
  const error: unknown = await deployed(root, { mail: "workflows/mail.tsx" }).catch((thrown: unknown) => thrown);
  expect(KnockError.is(error, "CANNOT_BUNDLE") && error.details.problems).toEqual([
    expect.stringMatching(/mail: the package "react-dom" is not installed \(npm install react-dom\)/),
  ]);
});
