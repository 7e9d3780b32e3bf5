import { readdir, readFile } from "node:fs/promises";
import { posix, sep } from "node:path";

/** A page of the documentation. */
export interface Page {
  /** Path from the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Pages that explain parts of the repository, for those who work on it. */
const innerPages: readonly string[] = ["bench/README.md", "tests/faults/README.md", "tests/runtimes/README.md"];

/** The README, everything in `docs/`, what explains the examples, and the inner pages, from the current folder. */
export async function readPages(): Promise<readonly Page[]> {
  const paths = ["README.md", ...innerPages];
  for (const folder of ["docs", "examples"]) {
    for (const name of await readdir(folder, { recursive: true })) {
      const path = posix.join(folder, name.split(sep).join("/"));
      if (path.includes("node_modules/") || !path.endsWith(".md")) continue;
      if (folder === "docs" || path.endsWith("/README.md")) paths.push(path);
    }
  }
  return await Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}
