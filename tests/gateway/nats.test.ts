import { NatsTransport } from "../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { gatewayBehaviour } from "./gateway-behaviour.ts";
import { storedEvents } from "./stored-events.ts";

if (hasNatsServer) {
  const server = await startNatsServer({ jetstream: true });
  const kind = { name: "nats over TCP", connect: () => new NatsTransport({ servers: server.url }) };
  gatewayBehaviour(kind);
  storedEvents(kind);
} else {
  describe("nats over TCP", (test) => test.skip("the gateway", whyNoNatsServer ?? "there is no nats-server"));
}
