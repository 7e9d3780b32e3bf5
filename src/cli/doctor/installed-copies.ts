import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** One copy of a package that is installed. */
export interface InstalledCopy {
  /** The package's name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Where it lies, from the folder that was looked at. */
  readonly path: string;
}

/** So many folders are looked at: a project's node_modules may be a whole disk. */
const maximumFolders = 50_000;

/**
 * Every copy of these packages under the `node_modules` folders of a project: its own, those nested in it, and those of a
 * folder above that a program here gets one of them from. A copy that is linked to from several places is one.
 */
export async function findCopies(folder: string, names: readonly string[]): Promise<readonly InstalledCopy[]> {
  const found = new Map<string, InstalledCopy>();
  const seen = new Set<string>();
  const homes = await Promise.all(names.map((name) => homeOf(folder, name)));
  const pending = [...new Set([join(folder, "node_modules"), ...homes.flatMap((home) => home ?? [])])];
  for (const modules of pending) {
    if (seen.size >= maximumFolders) break;
    const real = await realpath(modules).catch(() => undefined);
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    for (const name of await packagesIn(modules)) {
      const path = join(modules, name);
      // pnpm keeps the packages of a project there, each with a node_modules of its own around it.
      if (name === ".pnpm") {
        for (const inner of await foldersIn(path)) pending.push(join(path, inner, "node_modules"));
        continue;
      }
      pending.push(join(path, "node_modules"));
      if (!names.includes(name)) continue;
      const home = await realpath(path).catch(() => path);
      const version = await versionIn(home);
      if (version !== undefined) found.set(home, { name, version, path: relative(folder, path) || "." });
    }
  }
  return [...found.values()];
}

/** The version that a program in this folder gets; `undefined` where there is none. */
export async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  const home = await homeOf(folder, name);
  return home === undefined ? undefined : await versionIn(join(home, name));
}

/** The `node_modules` folder from which a program in this folder gets a package. */
async function homeOf(folder: string, name: string): Promise<string | undefined> {
  for (let above = folder;; above = dirname(above)) {
    const modules = join(above, "node_modules");
    if (await versionIn(join(modules, name)) !== undefined) return modules;
    if (dirname(above) === above) return undefined;
  }
}

async function packagesIn(modules: string): Promise<readonly string[]> {
  const names = await foldersIn(modules);
  const scoped = await Promise.all(
    names.filter((name) => name.startsWith("@")).map(async (scope) =>
      (await foldersIn(join(modules, scope))).map((name) => `${scope}/${name}`)
    ),
  );
  return [
    ...names.filter((name) => !name.startsWith("@") && (!name.startsWith(".") || name === ".pnpm")),
    ...scoped.flat(),
  ];
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
