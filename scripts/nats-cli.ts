// The `nats` command line tool, for checks against another client. `node --import tsx scripts/nats-cli.ts` prints its path.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findGoTool, type FindOptions, type FoundTool } from "./go-tool.ts";

/** Finds the `nats` tool: `NATS_CLI`, the PATH, this user's cache; else installs the pinned version. */
export function findNatsCli(options: FindOptions = {}): Promise<FoundTool> {
  return findGoTool({
    name: "nats",
    variable: "NATS_CLI",
    module: "github.com/nats-io/natscli/nats",
    version: "0.5.1",
    minimumVersion: "0.1.0",
  }, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await findNatsCli()).path);
