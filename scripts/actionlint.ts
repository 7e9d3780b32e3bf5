// actionlint, which reads workflows as GitHub does. `node --import tsx scripts/actionlint.ts` prints its path.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findGoTool, type FindOptions, type FoundTool } from "./go-tool.ts";

/** Finds actionlint: `ACTIONLINT`, the PATH, this user's cache; else installs the pinned version. */
export function findActionlint(options: FindOptions = {}): Promise<FoundTool> {
  return findGoTool({
    name: "actionlint",
    variable: "ACTIONLINT",
    module: "github.com/rhysd/actionlint/cmd/actionlint",
    version: "1.7.12",
    minimumVersion: "1.7.0",
  }, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await findActionlint()).path);
