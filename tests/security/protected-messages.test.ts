import { MemoryBroker, MemoryTransport, NatsTransport } from "../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { protectedMessages } from "./protected-messages.ts";

const broker = new MemoryBroker();
protectedMessages({ name: "memory", connect: () => new MemoryTransport({ broker }) });
if (hasNatsServer) {
  const server = await startNatsServer();
  protectedMessages({ name: "nats over TCP", connect: () => new NatsTransport({ servers: server.url }) });
} else {
  describe("nats over TCP", (test) => test.skip("protected messages", whyNoNatsServer));
}
