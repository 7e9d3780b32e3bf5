import { NatsTransport } from "../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { gatewayBehaviour } from "./gateway-behaviour.ts";

if (hasNatsServer) {
  const server = await startNatsServer();
  gatewayBehaviour({ name: "nats over TCP", connect: () => new NatsTransport({ servers: server.url }) });
} else {
  describe("nats over TCP", (test) => test.skip("the gateway", whyNoNatsServer ?? "there is no nats-server"));
}
