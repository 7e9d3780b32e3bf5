// The nats-server that tests, examples and the demo run against. `node --import tsx scripts/nats-server.ts` prints its path.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findGoTool, type FindOptions, type FoundTool } from "./go-tool.ts";

/** Finds a nats-server: `NATS_SERVER`, the PATH, this user's cache; else installs the pinned version. */
export function findNatsServer(options: FindOptions = {}): Promise<FoundTool> {
  return findGoTool({
    name: "nats-server",
    variable: "NATS_SERVER",
    module: "github.com/nats-io/nats-server/v2",
    version: "2.15.2",
    // The first with authorization callouts.
    minimumVersion: "2.10.0",
    debianPackage: "nats-server",
  }, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await findNatsServer()).path);
