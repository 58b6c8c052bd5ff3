import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { migrationsFolder } from "../../src/store/migrate.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("drizzle/ says what src/store/schema says: generating again adds nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "knock-drizzle-"));
  try {
    await cp(migrationsFolder, folder, { recursive: true });
    const before = await readdir(folder);
    const kit = join(root, "node_modules", "drizzle-kit", "bin.cjs");
    const schema = join(root, "src", "store", "schema", "index.ts");
    await promisify(execFile)(
      process.execPath,
      [kit, "generate", "--dialect", "postgresql", "--schema", schema, "--out", folder],
      { cwd: root },
    );
    expect(await readdir(folder), "run `npm run db:generate -- --name what-changed`").toEqual(before);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
