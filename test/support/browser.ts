// A real Chromium for tests, and pages for it: an entry of ours bundled in memory, behind a server on this machine.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Nothing of the browser's own goes over the network, and it runs where there is no graphics card and no sandbox. */
const FLAGS = [
  "--no-sandbox",
  "--disable-setuid-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-domain-reliability",
  "--disable-dev-shm-usage",
  "--font-render-hinting=none",
];

/**
 * Unpacks the Chromium that npm brought, once for all test processes: into a folder of its own, then moved, so that
 * nobody starts a file that another process is still writing.
 */
async function unpacked(): Promise<string> {
  const manifest = readFileSync(join(repository, "node_modules/@sparticuz/chromium/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = join(tmpdir(), `knock-chromium-${version}`);
  if (existsSync(join(folder, "chromium"))) return join(folder, "chromium");
  const own = mkdtempSync(join(tmpdir(), "knock-chromium-"));
  const script = 'await (await import("@sparticuz/chromium")).default.executablePath()';
  // The package writes to the folder for temporary files, whatever that is.
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd: repository,
    env: { ...process.env, TMPDIR: own },
  });
  try {
    renameSync(own, folder);
  } catch {
    // Another process was faster.
    rmSync(own, { recursive: true, force: true });
  }
  return join(folder, "chromium");
}

async function executable(): Promise<string> {
  const { KNOCK_CHROMIUM: named } = process.env;
  if (named && !existsSync(named)) throw new Error(`KNOCK_CHROMIUM is ${named}, and there is no such file`);
  return named ?? INSTALLED.find((path) => existsSync(path)) ?? unpacked();
}

/** A browser for the tests of one file. */
export interface TestBrowser extends AsyncDisposable {
  browser: Browser;
  /** A page with cookies and storage of its own; opens `url` if there is one. */
  page(url?: string, options?: BrowserContextOptions): Promise<Page>;
  /** What pages complained about: uncaught errors and `console.error`. */
  problems: string[];
  close(): Promise<void>;
}

/**
 * Starts Chromium: `KNOCK_CHROMIUM`, or one that is installed, or the one that npm brought.
 *
 * @example const chromium = await launchBrowser(); const page = await chromium.page(url); await chromium.close();
 */
export async function launchBrowser(): Promise<TestBrowser> {
  const executablePath = await executable().catch((error: Error) => {
    throw new Error(`There is no Chromium: install one or name it in KNOCK_CHROMIUM. ${error.message}`, {
      cause: error,
    });
  });
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
  const problems: string[] = [];
  const close = () => browser.close();
  return {
    browser,
    problems,
    close,
    [Symbol.asyncDispose]: close,
    async page(url, options) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
      });
      if (url) await page.goto(url);
      return page;
    },
  };
}

const READY = { bundle: true, write: false, format: "iife", platform: "browser", target: "es2022" } as const;

/**
 * Bundles an entry for browsers, in memory.
 *
 * @param entry path of a file, from the root of the repository, or the text of a module with `{ text }`
 */
export async function bundleForBrowser(
  entry: string | { text: string },
  options: { minify?: boolean; plugins?: Plugin[]; define?: Record<string, string> } = {},
): Promise<string> {
  const { define, ...rest } = options;
  const source =
    typeof entry === "string"
      ? { entryPoints: [join(repository, entry)] }
      : { stdin: { contents: entry.text, resolveDir: repository, loader: "tsx" as const } };
  const { outputFiles } = await build({
    ...READY,
    ...source,
    ...rest,
    absWorkingDir: repository,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"', ...define },
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

/** A page on this machine. */
export interface ServedPage extends AsyncDisposable {
  url: string;
  close(): Promise<void>;
}

const html = (title: string, body: string, head: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>` +
  `<meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<link rel="icon" href="data:,">${head}</head><body>${body}<script src="/page.js"></script></body></html>`;

/**
 * Serves one HTML page that runs a script, on a free port. `headers` are those of the page, such as a content security
 * policy.
 *
 * @example const page = await servePage({ script: await bundleForBrowser("test/browser/pages/inbox.tsx") });
 */
export async function servePage(options: {
  script: string;
  body?: string;
  head?: string;
  headers?: Record<string, string>;
}): Promise<ServedPage> {
  const { script, body = '<div id="root"></div>', head = "", headers = {} } = options;
  const server = createServer((request, response) => {
    const isScript = request.url?.startsWith("/page.js");
    response.writeHead(200, {
      "content-type": isScript ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    });
    response.end(isScript ? script : html("test", body, head));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close,
    [Symbol.asyncDispose]: close,
  };
}
