import { hasNatsServer, type NatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { eventStoreBehaviour } from "./event-store-behaviour.ts";
import { natsKind } from "./nats-kind.ts";

/** Runs the suite over a real nats-server of this file's own, which ends with the process. */
export async function natsBehaviour(name: string, addressOf: (server: NatsServer) => string): Promise<void> {
  if (!hasNatsServer) {
    return describe(name, (test) => test.skip("the behaviour suite", whyNoNatsServer ?? "there is no nats-server"));
  }
  const server = await startNatsServer({ websocket: true, jetstream: true });
  eventStoreBehaviour(natsKind(name, addressOf(server)));
}
