import type { Transport } from "../../mod.ts";
import { hasNatsServer, type NatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { transportBehaviour } from "./transport-behaviour.ts";

/** Runs the suite over a real nats-server of this file's own, which ends with the process. */
export async function natsBehaviour(name: string, connect: (server: NatsServer) => Transport): Promise<void> {
  if (!hasNatsServer) {
    return describe(name, (test) => test.skip("the behaviour suite", whyNoNatsServer ?? "there is no nats-server"));
  }
  const server = await startNatsServer({ websocket: true });
  transportBehaviour({ name, connect: () => connect(server) });
}
