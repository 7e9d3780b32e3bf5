import { isVersionAtLeast } from "../../scripts/go-tool.ts";
import { findNatsServer } from "../../scripts/nats-server.ts";

// Never installs: `npm test` does that once, before it starts the files.
const found = await findNatsServer({ install: false }).catch((error: Error) => error);

/** Whether there is a nats-server to test with; without one, skip with {@linkcode whyNoNatsServer} as the reason. */
export const hasNatsServer: boolean = !(found instanceof Error);

/** Why there is no nats-server; empty when there is one. */
export const whyNoNatsServer: string = found instanceof Error ? found.message : "";

/** Version of the nats-server, such as `2.15.2`; `0.0.0` when there is none. */
export const natsServerVersion: string = found instanceof Error ? "0.0.0" : found.version;

/** Path of the nats-server; throws when there is none. */
export function natsServerPath(): string {
  if (found instanceof Error) throw found;
  return found.path;
}

/** Whether there is a nats-server of this version or a later one. */
export function natsServerAtLeast(version: string): boolean {
  return hasNatsServer && isVersionAtLeast(natsServerVersion, version);
}
