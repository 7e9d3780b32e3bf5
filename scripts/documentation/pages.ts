import { readdir, readFile } from "node:fs/promises";
import { posix, sep } from "node:path";

/** A page of the documentation. */
export interface Page {
  /** Path from the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Pages that other branches bring: links to them are not followed yet. */
export const pagesToCome: readonly string[] = [
  "docs/testing.md",
  "docs/telemetry.md",
  "docs/command-line.md",
  "docs/durable-events.md",
];

/** The README, everything in `docs/`, and what explains the examples, from the current folder. */
export async function readPages(): Promise<readonly Page[]> {
  const paths = ["README.md"];
  for (const folder of ["docs", "examples"]) {
    for (const name of await readdir(folder, { recursive: true })) {
      const path = posix.join(folder, name.split(sep).join("/"));
      if (path.includes("node_modules/") || !path.endsWith(".md")) continue;
      if (folder === "docs" || path.endsWith("/README.md")) paths.push(path);
    }
  }
  return await Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}
