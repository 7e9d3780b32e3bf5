import { NatsTransport } from "../../mod.ts";
import { hasNatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { connectToOwnGateway } from "./gateway-in-process.ts";
import { httpKind } from "./http-kind.ts";
import { exposeOverNode } from "./node-gateways.ts";
import { transportBehaviour } from "./transport-behaviour.ts";

const name = "HTTP to a gateway on NATS";
if (hasNatsServer) {
  const server = await startNatsServer();
  const serve = (): NatsTransport => new NatsTransport({ servers: server.url });
  transportBehaviour(httpKind(name, serve, connectToOwnGateway(serve, await exposeOverNode())));
} else {
  describe(name, (test) => test.skip("the behaviour suite", whyNoNatsServer ?? "there is no nats-server"));
}
