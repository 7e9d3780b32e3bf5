import { readdir, readFile } from "node:fs/promises";
import { posix, sep } from "node:path";
import { findImports, type FoundImport } from "./find-imports.ts";

/** An import, with the library's own files that it can load: several for a name that is chosen by runtime. */
export interface LibraryImport extends FoundImport {
  readonly targets: readonly string[];
}

/** One source file of the library. */
export interface LibraryFile {
  /** Path from the root of the repository, with slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly imports: readonly LibraryImport[];
}

/** Everything that is published: `mod.ts` and `src/`. */
export interface Library {
  readonly files: ReadonlyMap<string, LibraryFile>;
  /** Files that a program imports by the name of the package. */
  readonly entries: readonly string[];
}

/** A rule that is broken, and where. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly reason: string;
}

/** Reads the library from the current folder. */
export async function readLibrary(): Promise<Library> {
  const npm = JSON.parse(await readFile("package.json", "utf8"));
  const deno = JSON.parse(await readFile("deno.json", "utf8"));
  const runtimeNames = new Map<string, string[]>();
  for (const map of [npm.imports, deno.imports]) {
    for (const [name, target] of Object.entries(map)) {
      runtimeNames.set(name, [...(runtimeNames.get(name) ?? []), ...sourcesIn(target)]);
    }
  }

  const inSource = await readdir("src", { recursive: true }).catch(() => []);
  const paths = inSource.filter((path) => path.endsWith(".ts")).map((path) => `src/${path.split(sep).join("/")}`)
    .sort();
  const entries = [...new Set(sourcesIn(npm.exports))];
  const files = new Map<string, LibraryFile>();
  for (const path of [...entries, ...paths]) {
    const source = await readFile(path, "utf8").catch(() => "");
    const imports = findImports(source).map((found) => ({ ...found, targets: resolve(path, found, runtimeNames) }));
    files.set(path, { path, lines: source.split("\n"), imports });
  }
  return { files, entries };
}

/** The paths in a manifest's `exports` or `imports` entry, as the sources that they are built from. */
function sourcesIn(entry: unknown): string[] {
  if (typeof entry === "object" && entry !== null) return Object.values(entry).flatMap(sourcesIn);
  if (typeof entry !== "string" || !entry.startsWith("./")) return [];
  return [entry.slice(2).replace(/\.js$/, ".ts")];
}

function resolve(path: string, { specifier }: FoundImport, runtimeNames: Map<string, string[]>): string[] {
  if (specifier.startsWith(".")) return [posix.join(posix.dirname(path), specifier)];
  return runtimeNames.get(specifier) ?? [];
}
