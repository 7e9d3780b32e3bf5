import { MemoryBroker, MemoryTransport, NatsTransport } from "../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { connectToOwnGateway } from "../transport-behaviour/gateway-in-process.ts";
import { httpKind } from "../transport-behaviour/http-kind.ts";
import { serverMatrix } from "./server-matrix.ts";

const broker = new MemoryBroker();
const overMemory = (): MemoryTransport => new MemoryTransport({ broker });
serverMatrix({ name: "memory", connect: overMemory });
serverMatrix(httpKind("HTTP", overMemory, connectToOwnGateway(overMemory)));
if (hasNatsServer) {
  const server = await startNatsServer({ jetstream: true });
  serverMatrix({ name: "nats over TCP", connect: () => new NatsTransport({ servers: server.url }) });
} else {
  describe("nats over TCP", (test) => test.skip("the server's role check", whyNoNatsServer));
}
