import type { Library } from "./library.ts";

/**
 * The files that load with the library, each with the file that makes it load.
 *
 * The rest are reached by `await import()` alone, or by types, which are erased.
 */
export function findEagerFiles({ files, entries }: Library): Map<string, string | undefined> {
  const imported = new Set([...files.values()].flatMap((file) => file.imports.flatMap((found) => found.targets)));
  // A file that nothing imports yet counts as loaded: better too strict than silent.
  const roots = [...entries, ...[...files.keys()].filter((path) => !imported.has(path))];
  const eager = new Map<string, string | undefined>(roots.map((path) => [path, undefined]));
  // A map visits what is added to it while it is being visited.
  for (const path of eager.keys()) {
    for (const found of files.get(path)?.imports ?? []) {
      if (found.kind !== "value") continue;
      for (const target of found.targets) if (!eager.has(target)) eager.set(target, path);
    }
  }
  return eager;
}
