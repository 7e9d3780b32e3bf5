import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Installs what `bench/package-lock.json` names when it is not there. Rejects with npm's own words. */
export async function installContenders(): Promise<void> {
  await run(process.execPath, ["scripts/ensure-installed.mjs", "bench"], { cwd: root });
}

/** Builds the npm package and gives the URL of its entry. */
export async function buildLibrary(folder: string = join(root, "dist")): Promise<string> {
  await run(process.execPath, ["--import", "tsx", "scripts/build.ts", folder], { cwd: root });
  return pathToFileURL(join(folder, "mod.js")).href;
}
