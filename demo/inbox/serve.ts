// The demo as a whole: the system, and its page with the two things that a project's own backend does.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { pageStyle } from "./page-style.ts";
import { type Deed, type InboxSystem, startInboxSystem } from "./system.ts";

/** The demo, running. */
export interface InboxDemo {
  /** Of the page. */
  url: string;
  stop(): Promise<void>;
}

async function scriptFor(system: InboxSystem): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.tsx", import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    platform: "browser",
    jsx: "automatic",
    define: { KNOCK_URL: JSON.stringify(system.url), "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Two inboxes</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>${pageStyle}</style></head>
<body><div id="root"></div><script src="/page.js"></script></body></html>`;

async function answer(
  system: InboxSystem,
  script: string,
  request: IncomingMessage,
): Promise<[type: string, text: string]> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  // A real backend would look at the session instead of believing the page.
  if (pathname === "/token") return ["text/plain", await system.tokenOf(searchParams.get("user") ?? "")];
  if (pathname === "/act" && request.method === "POST") {
    await system.act(searchParams.get("deed") as Deed, searchParams.get("to") ?? "");
    return ["text/plain", "done"];
  }
  return pathname === "/page.js" ? ["text/javascript", script] : ["text/html", html];
}

async function respond(response: ServerResponse, answering: ReturnType<typeof answer>) {
  try {
    const [type, text] = await answering;
    response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" }).end(text);
  } catch (error) {
    response.writeHead(400, { "content-type": "text/plain" }).end(String(error));
  }
}

/** Starts the demo; 0 lets the system choose the port of its page. */
export async function serveInboxDemo(port = 0): Promise<InboxDemo> {
  const system = await startInboxSystem();
  const script = await scriptFor(system);
  const server = createServer((request, response) => void respond(response, answer(system, script, request)));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await system.stop();
    },
  };
}
