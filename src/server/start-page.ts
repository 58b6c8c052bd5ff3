import { escape } from "../api/pages/html.ts";

/** What the start page tells. */
export interface StartPage {
  version: string;
  workflows: readonly { key: string; name: string; description: string | null }[];
  /** Where messages go, as a sentence. */
  delivery: string;
  graphiql: boolean;
}

const style = `
  :root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 4rem auto; padding: 0 1.5rem; }
  h1 { font-size: 1.4rem; margin-bottom: 0; } h1 small { font-weight: 400; opacity: .6; }
  ul { padding: 0; list-style: none; } li { padding: .5rem 0; border-top: 1px solid color-mix(in srgb, currentcolor 15%, transparent); }
  code { font: .9em ui-monospace, monospace; } p, .description { opacity: .75; }
  a.button { display: inline-block; padding: .4rem .9rem; border: 1px solid currentcolor; border-radius: .4rem; text-decoration: none; color: inherit; }
`;

/** The page that a browser sees at the root of a development server. */
export function startPage({ version, workflows, delivery, graphiql }: StartPage): string {
  const items = workflows.map(
    ({ key, name, description }) =>
      `<li><strong>${escape(name)}</strong> <code>${escape(key)}</code>${description ? `<div class="description">${escape(description)}</div>` : ""}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>knock</title>
<style>${style}</style>
<h1>knock <small>${escape(version)}</small></h1>
<p>${escape(delivery)}</p>
${graphiql ? '<p><a class="button" href="/graphql">Open GraphiQL</a></p>' : ""}
<h2>${workflows.length} ${workflows.length === 1 ? "workflow" : "workflows"}</h2>
<ul>
${items.join("\n")}
</ul>
<p><code>POST /graphql</code> · <a href="/v1/openapi.json"><code>/v1/openapi.json</code></a> · <a href="/healthz"><code>/healthz</code></a> · <a href="/readyz"><code>/readyz</code></a></p>
</html>
`;
}
