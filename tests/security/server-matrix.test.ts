import { MemoryBroker, MemoryTransport, NatsTransport } from "../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { serverMatrix } from "./server-matrix.ts";

const broker = new MemoryBroker();
serverMatrix({ name: "memory", connect: () => new MemoryTransport({ broker }) });
if (hasNatsServer) {
  const server = await startNatsServer();
  serverMatrix({ name: "nats over TCP", connect: () => new NatsTransport({ servers: server.url }) });
} else {
  describe("nats over TCP", (test) => test.skip("the server's role check", whyNoNatsServer));
}
