import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** The npm package, built aside. */
export interface BuiltLibrary extends AsyncDisposable {
  /** The URL of its entry. */
  readonly entry: string;
}

/** Installs what `bench/package-lock.json` names when it is not there. Rejects with npm's own words. */
export async function installContenders(limitMs = 300_000): Promise<void> {
  try {
    await run(process.execPath, ["scripts/ensure-installed.mjs", "bench"], {
      cwd: root,
      timeout: limitMs,
    });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      message.split("\n").find((line) => line.startsWith("npm error")) ??
        message,
    );
  }
}

/** Builds the npm package in `dist/` and gives the URL of its entry. */
export async function buildLibrary(
  folder: string = join(root, "dist"),
): Promise<string> {
  await run(process.execPath, ["--import", "tsx", "scripts/build.ts", folder], {
    cwd: root,
  });
  return pathToFileURL(join(folder, "mod.js")).href;
}

/** Builds it in a folder of its own: tests run beside each other, and `dist/` is one for all. */
export async function buildLibraryAside(): Promise<BuiltLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "messaging-bench-"));
  await symlink(
    join(root, "node_modules"),
    join(folder, "node_modules"),
    "junction",
  );
  const entry = await buildLibrary(join(folder, "dist"));
  return {
    entry,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
