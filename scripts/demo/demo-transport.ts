import process from "node:process";
import { MemoryBroker, MemoryTransport, NatsTransport, type Transport } from "../../mod.ts";
import { findNatsServer } from "../nats-server.ts";

/** How the demo's messages travel. */
export interface DemoTransport {
  readonly describe: string;
  /** A transport of one participant's own. */
  readonly connect: () => Transport;
  /** Ends what the demo started. */
  readonly stop: () => Promise<void>;
}

/** Memory, the NATS server of `NATS_URL`, or with `--nats` one that is found or installed and started. */
export async function openDemoTransport(options: readonly string[]): Promise<DemoTransport> {
  const unknown = options.filter((option) => option !== "--nats");
  if (unknown.length > 0) throw new Error(`Unknown option ${unknown.join(" ")}: --nats is the only one`);
  const url = process.env["NATS_URL"];
  if (url !== undefined && url !== "") return overNats(url, async () => {});
  if (options.includes("--nats")) {
    process.env["NATS_SERVER"] = (await findNatsServer({ install: true })).path;
    // Here, because it looks for the server as it loads.
    const { startNatsServer } = await import("../../tests/support/nats-server.ts");
    const server = await startNatsServer();
    return overNats(server.url, () => server.stop());
  }
  const broker = new MemoryBroker();
  return {
    describe: "memory (npm run demo -- --nats for a real NATS server)",
    connect: () => new MemoryTransport({ broker }),
    stop: async () => {},
  };
}

function overNats(url: string, stop: () => Promise<void>): DemoTransport {
  return { describe: `NATS at ${url}`, connect: () => new NatsTransport({ servers: url }), stop };
}
